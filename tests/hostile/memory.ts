/** What a process holds after a full collection, so that garbage is not taken for a leak. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export function memoryInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('no gc');
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
