/**
 * Whole files that are either the old one or the new one after any crash, and directories that are
 * still there after a power cut. Never leaves a half file under its own name.
 */
import { dirname } from 'node:path';
import type { Disk, OpenFile } from './disk.ts';
import { errnoOf, failed, refused } from './disk-errors.ts';

/**
 * Replaces `path` by `bytes`: temporary name, fdatasync, rename, sync of the directory, which must exist
 * (`makeDirectoryDurably`). The temporary name is fixed: a data directory has one process (`directory-lock.ts`),
 * so what a crash left there is simply overwritten.
 * @throws DISK_FULL or DISK_REFUSED: `path` is as before. DISK_FAILED: unknown, stop the process.
 */
export function writeAtomically(
  disk: Disk,
  path: string,
  bytes: Uint8Array,
  temporary = `${path}.tmp`,
): void {
  let file: OpenFile | undefined;
  try {
    disk.remove(temporary);
    file = disk.create(temporary);
    appendWhole(file, bytes);
  } catch (error) {
    discard(disk, file, temporary);
    throw refused(error, path);
  }
  try {
    file.fdatasync();
  } catch (error) {
    discard(disk, file, temporary);
    throw failed(error, path);
  }
  try {
    file.close();
    disk.rename(temporary, path);
  } catch (error) {
    discard(disk, undefined, temporary);
    throw refused(error, path);
  }
  syncOrFail(disk, dirname(path));
}

/** Writes all of it, however short the single writes are. @throws the disk's own error; ENOSPC where nothing more goes in. */
export function appendWhole(file: OpenFile, bytes: Uint8Array): void {
  let done = 0;
  while (done < bytes.length) {
    const written = file.append(done === 0 ? bytes : bytes.subarray(done));
    if (written === 0)
      throw Object.assign(new Error('nothing more was written'), { code: 'ENOSPC' });
    done += written;
  }
}

/**
 * Makes a directory with its parents such that a power cut does not take them away. The deepest directory
 * that was already there is made durable as well: a process may have died between making and syncing it.
 * @throws DISK_FULL, DISK_REFUSED or DISK_FAILED.
 */
export function makeDirectoryDurably(disk: Disk, path: string): void {
  const missing: string[] = [];
  let present = path;
  while (isMissing(disk, present) && dirname(present) !== present) {
    missing.unshift(present);
    present = dirname(present);
  }
  syncIfAllowed(disk, dirname(present));
  for (const directory of missing) {
    try {
      disk.makeDirectory(directory);
    } catch (error) {
      throw refused(error, directory);
    }
    syncOrFail(disk, dirname(directory));
  }
}

/** @throws DISK_FAILED: names in the directory may or may not survive. */
export function syncOrFail(disk: Disk, directory: string): void {
  try {
    disk.syncDirectory(directory);
  } catch (error) {
    throw failed(error, directory);
  }
}

function isMissing(disk: Disk, path: string): boolean {
  try {
    return disk.stat(path) === undefined;
  } catch (error) {
    throw refused(error, path);
  }
}

function syncIfAllowed(disk: Disk, directory: string): void {
  try {
    disk.syncDirectory(directory);
  } catch (error) {
    // A directory that we may not even read (`/home` on some machines) is not one in which we made something.
    if (errnoOf(error) === 'EACCES' || errnoOf(error) === 'EPERM') return;
    throw failed(error, directory);
  }
}

function discard(disk: Disk, file: OpenFile | undefined, temporary: string): void {
  try {
    file?.close();
    disk.remove(temporary);
  } catch {
    // The cause of the failed write is what the caller needs; the next write to this name removes the rest.
  }
}
