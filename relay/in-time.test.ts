import { expect, it } from 'vitest';
import type { Clock } from '../lib/domain/clock.ts';
import { inTime } from './in-time.ts';

function handClock() {
  const timers = new Set<() => void>();
  const clock: Clock = {
    wallMs: () => 0,
    monotonicMs: () => 0,
    zone: () => 'UTC',
    setTimer(run) {
      timers.add(run);
      return { cancel: () => timers.delete(run) };
    },
  };
  return { clock, timers };
}

it('gives the answer, or what it throws, and leaves no timer behind', async () => {
  const { clock, timers } = handClock();
  expect(await inTime(clock, 5_000, Promise.resolve(7))).toBe(7);
  await expect(inTime(clock, 5_000, Promise.reject(new Error('other')))).rejects.toThrow('other');
  expect(timers.size).toBe(0);
});

it('takes one that hangs for one that is away; a failure after that harms nobody', async () => {
  const { clock, timers } = handClock();
  let fail: (error: Error) => void = () => undefined;
  const asked = inTime(clock, 5_000, new Promise((_resolve, reject) => (fail = reject)));
  for (const run of timers) run();
  await expect(asked).rejects.toMatchObject({ code: 'DATABASE_UNREACHABLE' });
  fail(new Error('too late'));
  await new Promise(setImmediate);
});
