/**
 * Moves a damaged file out of the way, with a note why. Evidence is never deleted and never overwritten,
 * and nothing is read from it again by itself.
 */
import { basename, dirname, join } from 'node:path';
import { makeDirectoryDurably, syncOrFail, writeAtomically } from './atomic-file.ts';
import type { Disk } from './disk.ts';
import { refused } from './disk-errors.ts';

export type SetAsideNote = {
  /** What is wrong with it, in words for a person. */
  readonly reason: string;
  /** Its name in the aside directory; the file's own where absent. A number is added. */
  readonly name?: string;
};

/**
 * Gives the new path; the note stands beside it as `<new path>.reason.json`.
 * @throws DISK_FULL or DISK_REFUSED: the file is where it was. DISK_FAILED.
 */
export function setAside(
  disk: Disk,
  path: string,
  asideDirectory: string,
  note: SetAsideNote,
): string {
  makeDirectoryDurably(disk, asideDirectory);
  const target = freeName(disk, join(asideDirectory, note.name ?? basename(path)));
  const text = JSON.stringify({ from: path, reason: note.reason }, undefined, 2);
  writeAtomically(disk, `${target}.reason.json`, new TextEncoder().encode(`${text}\n`));
  try {
    disk.rename(path, target);
  } catch (error) {
    throw refused(error, path);
  }
  syncOrFail(disk, asideDirectory);
  syncOrFail(disk, dirname(path));
  return target;
}

function freeName(disk: Disk, wanted: string): string {
  try {
    for (let n = 1; ; n++) {
      const candidate = `${wanted}.${n}`;
      if (disk.stat(candidate) === undefined) return candidate;
    }
  } catch (error) {
    throw refused(error, wanted);
  }
}
