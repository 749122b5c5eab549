/** Waiting for a condition and never for a time: a slow machine makes a test slow, not wrong. */
import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 25;

/** Asks again until the answer is not undefined; what was true last is in the error. */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value | undefined> | Value | undefined,
  withinMs = 120_000,
  last: () => unknown = () => '',
): Promise<Value> {
  const deadline = AbortSignal.timeout(withinMs);
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (deadline.aborted) throw new Error(`waited in vain for ${what}: ${JSON.stringify(last())}`);
    await delay(everyMs);
  }
}
