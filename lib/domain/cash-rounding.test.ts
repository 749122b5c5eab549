import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cashRoundingMinor, roundCash } from './cash-rounding.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 4 });

describe('P9: cash is rounded to coins', () => {
  it.each([
    [1_001, 1_000],
    [1_002, 1_000],
    [1_003, 1_005],
    [1_004, 1_005],
    [1_005, 1_005],
    [1_006, 1_005],
    [1_007, 1_005],
    [1_008, 1_010],
    [1_009, 1_010],
    [2_042, 2_040],
    [2_043, 2_045],
    [-1_003, -1_005],
    [-1_002, -1_000],
    [0, 0],
  ])('0.05: %d → %d', (amount, rounded) => {
    expect(roundCash(amount, { incrementMinor: 5 })).toBe(rounded);
  });

  it.each([
    [10, 'up', 1_005, 1_010],
    [10, 'down', 1_005, 1_000],
    [10, 'down', -1_005, -1_000],
    [10, 'down', 1_006, 1_010],
    [100, 'up', 1_050, 1_100],
    [100, 'up', 1_049, 1_000],
    [50, 'up', 1_025, 1_050],
    [50, 'up', 1_024, 1_000],
    [5, 'up', 3, 5],
    [5, 'down', 2, 0],
  ] as const)('increment %d, half %s: %d → %d', (incrementMinor, half, amount, rounded) => {
    expect(roundCash(amount, { incrementMinor, half })).toBe(rounded);
  });

  it('without a rule nothing is rounded', () => {
    expect(cashRoundingMinor(1_003, undefined)).toBe(0);
    expect(cashRoundingMinor(1_003, { incrementMinor: 1 })).toBe(0);
    expect(cashRoundingMinor(1_003, { incrementMinor: 5 })).toBe(2);
  });

  it('gives whole coins, at most half a coin away, and the negative for a refund', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
        fc.constantFrom(1, 5, 10, 50, 100, 500),
        fc.constantFrom('up' as const, 'down' as const),
        (amount, incrementMinor, half) => {
          const rounded = roundCash(amount, { incrementMinor, half });
          expect(Math.abs(rounded % incrementMinor)).toBe(0);
          expect(Math.abs(rounded - amount) * 2).toBeLessThanOrEqual(incrementMinor);
          expect(rounded + roundCash(-amount, { incrementMinor, half })).toBe(0);
        },
      ),
    );
  });
});
