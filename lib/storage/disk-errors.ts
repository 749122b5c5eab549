/** From the operating system's error numbers to the catalogue. Nothing else reads `error.code` of a disk. */
import { TillmeshError } from '../domain/errors.ts';
import type { Disk } from './disk.ts';

/** `ENOSPC`, `EIO`, …; `unknown` for what is no system error. */
export function errnoOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return 'unknown';
}

export function isFull(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOSPC' || errno === 'EDQUOT';
}

export function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ENOTDIR';
}

/** A write that did not happen and left everything as it was. */
export function refused(error: unknown, what: string): TillmeshError {
  const code = isFull(error) ? 'DISK_FULL' : 'DISK_REFUSED';
  return new TillmeshError(code, `${what}: ${errnoOf(error)}`, { cause: error });
}

/** What is on the disk is no longer known: the process must stop. */
export function failed(error: unknown, what: string): TillmeshError {
  return new TillmeshError('DISK_FAILED', `${what}: ${errnoOf(error)}`, { cause: error });
}

/** Throws DISK_REFUSED where the disk does not say. */
export function isThere(disk: Pick<Disk, 'stat'>, path: string): boolean {
  try {
    return disk.stat(path) !== undefined;
  } catch (error) {
    throw refused(error, path);
  }
}
