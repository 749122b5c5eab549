import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTillmeshError } from './errors.ts';
import { limits } from './limits.ts';
import {
  formatScaled,
  isAmount,
  lineAmountMinor,
  negate,
  parseScaled,
  prorate,
  sumExact,
} from './money.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 13 });

describe('P9: decimal text becomes an integer of the declared scale', () => {
  it.each([
    ['12.345', 4, 123_450],
    ['0', 4, 0],
    ['-0', 4, 0],
    ['-0.00', 2, 0],
    ['-11062.06', 2, -1_106_206],
    ['0.0001', 4, 1],
    ['100000000', 4, 1_000_000_000_000],
    ['2.550', 4, 25_500],
    ['7', 0, 7],
  ])('%s at scale %d → %d', (text, scale, value) => {
    expect(parseScaled(text, { scale })).toStrictEqual({ ok: true, value });
  });

  it.each([
    '',
    ' ',
    ' 1',
    '1 ',
    '+1',
    '1e3',
    '1E3',
    'NaN',
    'Infinity',
    '-Infinity',
    '0x10',
    '.5',
    '5.',
    '01',
    '-',
    '--1',
    '1,5',
    '1,000.00',
    '1.2.3',
    '1_000',
    '١٢',
    '1.23456',
    '1.00000',
    '100000000.0001',
    '9'.repeat(10_000_000),
    '__proto__',
    '1\n',
  ])('refuses %.20j', (text) => {
    expect(parseScaled(text, { scale: 4 })).toMatchObject({ ok: false });
  });

  it('refuses a minus where the field has none', () => {
    expect(parseScaled('-1', { scale: 3, negative: false })).toMatchObject({ ok: false });
    expect(parseScaled('-0', { scale: 3, negative: false })).toStrictEqual({ ok: true, value: 0 });
  });

  it('refuses what is beyond the bound of the field, and takes the bound', () => {
    expect(parseScaled('1.01', { scale: 2, max: 100 })).toMatchObject({ ok: false });
    expect(parseScaled('-1.00', { scale: 2, max: 100 })).toStrictEqual({ ok: true, value: -100 });
  });

  it('reads back what it has written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -limits.amountMinor, max: limits.amountMinor }),
        fc.constantFrom(0, 2, 3, 4),
        (value, scale) => {
          const parsed = parseScaled(formatScaled(value, scale), { scale });
          expect(parsed).toStrictEqual({ ok: true, value: value === 0 ? 0 : value });
        },
      ),
    );
  });

  it.each([
    [-5, 2, '-0.05'],
    [5, 0, '5'],
    [-5, 0, '-5'],
    [0, 2, '0.00'],
    [123_456, 3, '123.456'],
    [74_895_702, 2, '748957.02'],
    [-0, 2, '0.00'],
  ])('%d with %d digits is printed %s', (value, digits, text) => {
    expect(formatScaled(value, digits)).toBe(text);
  });

  it('prints no fraction and nothing unsafe', () => {
    expect(() => formatScaled(0.5, 2)).toThrow();
    expect(() => formatScaled(2 ** 53, 2)).toThrow();
  });
});

describe('P9: a line costs quantity × price, rounded half away from zero, less the discount', () => {
  it.each([
    [6_000, 25_500, 2, 0, 1_530],
    [1_000, 10_050, 2, 0, 101],
    [-1_000, 10_050, 2, 0, -101],
    [1_000, 10_049, 2, 0, 100],
    [750, 26_653, 2, 0, 200],
    [3_000, 3_333, 2, 0, 100],
    [1_000, -110_620_600, 2, 0, -1_106_206],
    [1_000, 12_345, 3, 0, 1_235],
    [1_000, 12_345, 4, 0, 12_345],
    [1_000, 15_000, 0, 0, 2],
    [-1_000, 15_000, 0, 0, -2],
    [2_000, 10_000, 2, 50, 150],
    [1, 1, 2, 0, 0],
  ])(
    '%d‰ × %d at %d digits, discount %d → %d',
    (quantityMilli, unitPriceE4, digits, discountMinor, amount) => {
      expect(lineAmountMinor({ quantityMilli, unitPriceE4, digits, discountMinor })).toBe(amount);
    },
  );

  it('goes beyond no limit silently', () => {
    const line = {
      quantityMilli: limits.quantityMilli,
      unitPriceE4: limits.unitPriceE4,
      digits: 2,
    };
    expect(() => lineAmountMinor(line)).toThrow(expect.objectContaining({ code: 'OVER_LIMIT' }));
    expect(isAmount(limits.amountMinor)).toBe(true);
    expect(isAmount(-limits.amountMinor - 1)).toBe(false);
  });

  it('is odd in the quantity', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000, max: 1_000_000 }),
        fc.integer({ min: 0, max: 1_000_000_000 }),
        fc.constantFrom(0, 2, 3, 4),
        (quantityMilli, unitPriceE4, digits) => {
          const amount = lineAmountMinor({ quantityMilli, unitPriceE4, digits });
          const back = lineAmountMinor({ quantityMilli: -quantityMilli, unitPriceE4, digits });
          expect(amount + back).toBe(0);
        },
      ),
    );
  });
});

describe('P9: sums and shares are exact', () => {
  it('adds as long as it is exact, then says so', () => {
    expect(sumExact([])).toBe(0);
    expect(sumExact([1, 2, -3])).toBe(0);
    for (const values of [[Number.MAX_SAFE_INTEGER, 1], [0.1, 0.2], [Number.NaN]]) {
      try {
        sumExact(values);
        expect.unreachable();
      } catch (error) {
        expect(isTillmeshError(error, 'INVARIANT')).toBe(true);
      }
    }
  });

  it('negates without a negative zero', () => {
    expect(negate(0)).toBe(0);
    expect(negate(-0)).toBe(0);
    expect(negate(5)).toBe(-5);
  });

  it('a share is nothing at 0, everything at the end, and never falls in between', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: limits.amountMinor }),
        fc.integer({ min: 1, max: limits.quantityMilli }),
        fc.nat(),
        fc.nat(),
        (amount, whole, a, b) => {
          const [low, high] = [a % (whole + 1), b % (whole + 1)].sort((x, y) => x - y);
          expect(prorate(amount, 0, whole)).toBe(0);
          expect(prorate(amount, whole, whole)).toBe(amount);
          expect(prorate(amount, low ?? 0, whole)).toBeLessThanOrEqual(
            prorate(amount, high ?? 0, whole),
          );
        },
      ),
    );
  });
});
