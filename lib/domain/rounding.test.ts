import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTillmeshError } from './errors.ts';
import { divideHalfAway } from './rounding.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 16 });

describe('P9: one rounding rule, half away from zero', () => {
  it.each([
    [5n, 2n, 3n],
    [-5n, 2n, -3n],
    [5n, -2n, -3n],
    [-5n, -2n, 3n],
    [4n, 3n, 1n],
    [5n, 3n, 2n],
    [-4n, 3n, -1n],
    [1n, 2n, 1n],
    [-1n, 2n, -1n],
    [0n, 7n, 0n],
    [49n, 100n, 0n],
    [50n, 100n, 1n],
  ])('%d / %d → %d', (numerator, denominator, expected) => {
    expect(divideHalfAway(numerator, denominator)).toBe(expected);
  });

  it('is the nearest whole number, and of two equally near ones the one farther from zero', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (n, d) => {
        fc.pre(d !== 0n);
        const error2 = 2n * (divideHalfAway(n, d) * d - n);
        const size = d < 0n ? -d : d;
        expect(error2 <= size && error2 >= -size).toBe(true);
        // Exactly half: the result times d lies beyond n, seen from zero.
        if (error2 === size) expect(n > 0n).toBe(true);
        if (error2 === -size) expect(n < 0n).toBe(true);
      }),
    );
  });

  it('is odd: a refund rounds to the negative of its sale', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt({ min: 1n }), (n, d) => {
        expect(divideHalfAway(-n, d)).toBe(-divideHalfAway(n, d));
      }),
    );
  });

  it('names a division by zero as a broken invariant', () => {
    try {
      divideHalfAway(1n, 0n);
      expect.unreachable();
    } catch (error) {
      expect(isTillmeshError(error, 'INVARIANT')).toBe(true);
    }
  });
});
