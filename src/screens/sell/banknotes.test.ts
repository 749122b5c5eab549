import fc from 'fast-check';
import { expect, test } from 'vitest';
import { likelyGiven } from './banknotes.ts';

test.each([
  [888, 'EUR', [1_000, 2_000, 5_000, 10_000]],
  [2_340, 'EUR', [2_500, 3_000, 4_000, 5_000]],
  [5_000, 'GBP', [6_000, 10_000].slice(0, 1)],
  [312, 'USD', [400, 500, 1_000, 2_000]],
  [1_820, 'JPY', [2_000, 5_000, 10_000]],
  [15_250, 'TND', [20_000, 50_000, 100_000, 200_000]],
  [0, 'EUR', []],
  [100, 'unknown', []],
])('%i minor units of %s: %j', (due, currency, sums) => {
  expect(likelyGiven(due, currency)).toEqual(sums);
});

test('property: every sum covers what is due, once, in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000_000 }), (due) => {
      const sums = likelyGiven(due, 'EUR');
      expect(sums.every((sum, n) => sum > due && sum > (sums[n - 1] ?? 0))).toBe(true);
    }),
  );
});
