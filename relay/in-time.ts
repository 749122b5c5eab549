/** A database that hangs is as good as away for somebody who looks at a screen. */
import type { Clock } from '../lib/domain/clock.ts';
import { TillmeshError } from '../lib/domain/errors.ts';

/** What comes after that is nobody's any more. @throws DATABASE_UNREACHABLE, and what `answer` throws in time */
export async function inTime<Answer>(
  clock: Clock,
  waitMs: number,
  answer: Promise<Answer>,
): Promise<Answer> {
  let timer: { cancel(): void } | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = clock.setTimer(
      () => reject(new TillmeshError('DATABASE_UNREACHABLE', `no answer in ${waitMs} ms`)),
      waitMs,
    );
  });
  // `race` listens to both, so one that fails after the other is still heard of.
  return Promise.race([answer, late]).finally(() => timer?.cancel());
}
