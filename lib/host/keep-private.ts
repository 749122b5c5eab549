/** At every start: the data directory belongs to its owner alone, or the log says what others can read. */
import { closeDirectory } from '../storage/private-directory.ts';
import type { Logger } from './log.ts';

export function keepPrivate(directory: string, log: Logger): void {
  const { closed, open } = closeDirectory(directory);
  if (closed.length > 0)
    log.warn({ closed }, 'other users of this machine could read this: closed to them now');
  // No reason to stop selling: it was so before, and some file systems know no owners.
  if (open.length > 0)
    log.error(
      { open },
      'other users of this machine can read this, keys and all, and it could not be closed: give the directory to the user who runs Tillmesh, or move it to a disk with owners',
    );
}
