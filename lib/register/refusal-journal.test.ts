import { expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { RefusalJournal, type RefusalNote } from './refusal-journal.ts';

/** A clock whose timers run when time is passed. */
function stage() {
  let nowMs = 0;
  const timers = new Set<{ atMs: number; run: () => void }>();
  const written: RefusalNote[] = [];
  const journal = new RefusalJournal(
    {
      wallMs: () => nowMs,
      monotonicMs: () => nowMs,
      zone: () => 'UTC',
      setTimer(run, delayMs) {
        const timer = { atMs: nowMs + delayMs, run };
        timers.add(timer);
        return { cancel: () => timers.delete(timer) };
      },
    },
    (note) => written.push(note),
  );
  const pass = (ms: number): void => {
    nowMs += ms;
    for (const timer of [...timers].filter(({ atMs }) => atMs <= nowMs)) {
      timers.delete(timer);
      timer.run();
    }
  };
  return { journal, written, pass };
}

it('X9: the first refusal is written at once, what follows as a figure', () => {
  const { journal, written, pass } = stage();
  for (let n = 0; n < 5; n++) journal.note('ann', 'adjustStock');
  journal.note('ann', 'giveDiscount');
  journal.note('bob', 'adjustStock');
  expect(written).toEqual([
    { by: 'ann', permission: 'adjustStock', times: 1 },
    { by: 'ann', permission: 'giveDiscount', times: 1 },
    { by: 'bob', permission: 'adjustStock', times: 1 },
  ]);
  pass(limits.refusalPauseMs);
  expect(written.slice(3)).toEqual([{ by: 'ann', permission: 'adjustStock', times: 4 }]);
  journal.note('ann', 'adjustStock');
  journal.stop();
  expect(written.slice(4)).toEqual([{ by: 'ann', permission: 'adjustStock', times: 1 }]);
});

it('X9: a day of a program that tries every second is a few dozen entries, and none of it is lost', () => {
  const { journal, written, pass } = stage();
  const day = 86_400;
  for (let second = 0; second < day; second++) {
    journal.note('ann', 'adjustStock');
    pass(1_000);
  }
  journal.stop();
  expect(written.length).toBeLessThan(40);
  expect(written.reduce((sum, { times }) => sum + times, 0)).toBe(day);
});

it('X9: after a quiet time somebody is at the beginning again', () => {
  const { journal, written, pass } = stage();
  journal.note('ann', 'adjustStock');
  pass(limits.refusalPauseMs);
  pass(2 * limits.refusalPauseMostMs);
  journal.note('ann', 'adjustStock');
  journal.note('ann', 'adjustStock');
  pass(limits.refusalPauseMs);
  expect(written.map(({ times }) => times)).toEqual([1, 1, 1]);
});
