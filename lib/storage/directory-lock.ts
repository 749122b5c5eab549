/**
 * One process per data directory, also after kill -9: an SQLite file whose exclusive lock the kernel gives back.
 * Nothing else may open `lock.db` in this process: closing any handle of a file drops POSIX locks on it.
 */
import fs from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { TillmeshError } from '../domain/errors.ts';
import { refused } from './disk-errors.ts';

export type DirectoryLock = { release(): void };

const sqliteBusy = 5;
const sqliteNotADatabase = 26;

/** `directory` must exist. @throws DIRECTORY_LOCKED; DISK_REFUSED where the lock file cannot be made. */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, 'lock.db');
  try {
    return take(path);
  } catch (error) {
    const code = sqliteCodeOf(error);
    if (code === sqliteBusy) throw new TillmeshError('DIRECTORY_LOCKED', directory);
    if (code !== sqliteNotADatabase) throw refused(error, path);
  }
  // Damaged, and so locked by nobody: SQLite says "busy" before it reads. The file holds nothing.
  fs.truncateSync(path, 0);
  return take(path);
}

function take(path: string): DirectoryLock {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    throw error;
  }
  return { release: () => database.close() };
}

/** SQLite's primary result code; undefined for other errors. */
function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
