import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitByLargestRemainder } from './discount.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 9 });

describe('P9: a discount is split by the largest remainder', () => {
  it.each([
    [100, [1, 1, 1], [34, 33, 33]],
    [1, [1, 1, 1], [1, 0, 0]],
    [1, [1, 2, 1], [0, 1, 0]],
    [10, [0, 5, 5], [0, 5, 5]],
    [5, [3_000, 1_000, 1_000], [3, 1, 1]],
    [7, [50, 30, 20], [4, 2, 1]],
    [0, [], []],
    [0, [0, 0], [0, 0]],
  ])('%d over %j → %j', (total, weights, shares) => {
    expect(splitByLargestRemainder(total, weights)).toStrictEqual(shares);
  });

  it('adds up exactly, and no share passes its weight when the total is at most their sum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 1_000_000_000 }), { minLength: 1, maxLength: 50 }),
        fc.nat(),
        (weights, seed) => {
          const whole = weights.reduce((a, b) => a + b, 0);
          const total = whole === 0 ? 0 : seed % (whole + 1);
          const shares = splitByLargestRemainder(total, weights);
          expect(shares.reduce((a, b) => a + b, 0)).toBe(total);
          shares.forEach((share, i) => {
            expect(share).toBeLessThanOrEqual(weights[i] ?? -1);
            // Off from the exact share by less than one unit.
            const exact = whole === 0 ? 0 : (total * (weights[i] ?? 0)) / whole;
            expect(Math.abs(share - exact)).toBeLessThan(1.000_001);
          });
        },
      ),
    );
  });

  it('refuses a total with nothing to lay it on, and anything negative or broken', () => {
    expect(() => splitByLargestRemainder(1, [])).toThrow();
    expect(() => splitByLargestRemainder(1, [0, 0])).toThrow();
    expect(() => splitByLargestRemainder(-1, [1])).toThrow();
    expect(() => splitByLargestRemainder(1, [-1, 2])).toThrow();
    expect(() => splitByLargestRemainder(1, [0.5])).toThrow();
  });
});
