/** Whether the disk has room for what comes. */
import { limits } from '../../domain/limits.ts';
import type { Disk } from '../../storage/disk.ts';
import { type Check, checked } from './check.ts';

/** A busy till writes ~1 MB a day and head office's documents once: below this it is time to look. */
const scarceBytes = 1024 * 1024 * 1024;

export function checkSpace(disk: Pick<Disk, 'freeBytes'>, directory: string): Check {
  const freeBytes = disk.freeBytes(directory);
  const state =
    freeBytes < 2 * limits.reserveBytes ? 'fail' : freeBytes < scarceBytes ? 'warn' : 'ok';
  return checked('disk-space', state, { found: 'space', freeBytes });
}
