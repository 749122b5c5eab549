/** What a process holds after a full collection, so that garbage is not taken for a leak. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

export async function memoryInUse(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('no gc');
  for (let times = 0; times < 3; times++) {
    collect();
    // What the collection found is let go of in turns of the loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
