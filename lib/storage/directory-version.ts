/** `format.json`: which format a data directory has, and whose it is. Read before anything else in it is touched. */
import { join } from 'node:path';
import { z } from 'zod';
import { TillmeshError } from '../domain/errors.ts';
import { makeDirectoryDurably, writeAtomically } from './atomic-file.ts';
import type { Disk } from './disk.ts';
import { refused } from './disk-errors.ts';

/** Rises when an older version could no longer read what this one writes. */
export const directoryFormat = 1;

export type DirectoryRole = 'register' | 'relay';

const formatSchema = z.looseObject({ format: z.int().positive(), role: z.string() });

/**
 * Claims a new directory for a role, or checks that an existing one can be used.
 * @throws DIRECTORY_NEWER, DIRECTORY_FOREIGN (of another role), FILE_DAMAGED, and what a write throws.
 */
export function claimDirectory(
  disk: Disk,
  directory: string,
  role: DirectoryRole,
): 'new' | 'existing' {
  makeDirectoryDurably(disk, directory);
  const found = roleOfDirectory(disk, directory);
  if (found === undefined) {
    const text = `${JSON.stringify({ format: directoryFormat, role })}\n`;
    writeAtomically(disk, join(directory, 'format.json'), new TextEncoder().encode(text));
    return 'new';
  }
  if (found !== role) throw new TillmeshError('DIRECTORY_FOREIGN', `${directory} is of a ${found}`);
  return 'existing';
}

/** Whose data a directory holds; undefined where it was never claimed. @throws DIRECTORY_NEWER, FILE_DAMAGED, DISK_REFUSED. */
export function roleOfDirectory(disk: Disk, directory: string): string | undefined {
  const path = join(directory, 'format.json');
  const bytes = readOrRefuse(disk, path);
  if (bytes === undefined) return undefined;
  const found = formatSchema.safeParse(parse(bytes));
  if (!found.success) throw new TillmeshError('FILE_DAMAGED', path);
  const { format, role } = found.data;
  if (format > directoryFormat) {
    const detail = `${directory} has format ${format}, this version reads up to ${directoryFormat}`;
    throw new TillmeshError('DIRECTORY_NEWER', detail);
  }
  return role;
}

function readOrRefuse(disk: Disk, path: string): Uint8Array | undefined {
  try {
    return disk.read(path);
  } catch (error) {
    throw refused(error, path);
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Not JSON: the schema says so with everything else that does not fit.
    return undefined;
  }
}
