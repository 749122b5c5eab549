import { expect, test } from 'vitest';
import { waitUntilWords } from './pin-wait-words.ts';

const nowMs = new Date(2026, 10, 20, 14, 2, 31, 400).getTime();

test.each([
  ['PIN_LOCKED', 1_800_000, 'Locked until 14:33'],
  ['PIN_DELAYED', 5_000, 'Wrong PINs: wait until 14:02:37'],
  ['PIN_FILE_CHANGED', 5_000, 'Everybody waits until 14:02:37'],
] as const)('X1: %s for %i ms reads “%s”', (code, retryAfterMs, words) => {
  expect(waitUntilWords({ code, retryAfterMs }, nowMs)).toBe(words);
});
