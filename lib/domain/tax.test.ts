import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { taxDocument, taxMinorOf, type TaxMode, type TaxRounding } from './tax.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 20 });

const percents: Record<string, number> = {
  a: 210_000,
  b: 220_000,
  c: 100_000,
  d: 150_000,
  e: 200_000,
};
const percentOf = (rate: string) => percents[rate];
const document = (lines: [number, string?][], mode: TaxMode, rounding: TaxRounding) =>
  taxDocument(
    lines.map(([amountMinor, tax]) => ({ amountMinor, ...(tax === undefined ? {} : { tax }) })),
    percentOf,
    mode,
    rounding,
  );

describe('P9: taxes of a document, vectors', () => {
  const odoo6224: [number, string][] = [148, 148, 148, 148, 152, 154, 39].map((amount) => [
    amount,
    'a',
  ]);

  it('21 % exclusive, base 9.37: per line 1.96 → 11.33', () => {
    expect(document(odoo6224, 'exclusive', 'line')).toStrictEqual({
      taxes: [{ rate: 'a', percentE4: 210_000, netMinor: 937, taxMinor: 196 }],
      totalMinor: 1_133,
    });
  });

  it('21 % exclusive, base 9.37: per document 1.97 → 11.34', () => {
    expect(document(odoo6224, 'exclusive', 'document')).toMatchObject({
      taxes: [{ netMinor: 937, taxMinor: 197 }],
      totalMinor: 1_134,
    });
  });

  it.each<TaxRounding>(['line', 'document'])(
    'inclusive 28.90 at 22 %% + 1.25 at 10 %%: the total stays 30.15 (%s)',
    (rounding) => {
      const result = document(
        [
          [2_890, 'b'],
          [125, 'c'],
        ],
        'inclusive',
        rounding,
      );
      expect(result.totalMinor).toBe(3_015);
      expect(result.taxes.map((tax) => tax.taxMinor)).toStrictEqual([521, 11]);
      expect(result.taxes.reduce((sum, tax) => sum + tax.netMinor, 0)).toBe(2_483);
    },
  );

  it('8.01 including 20 % is charged as 8.01', () => {
    expect(document([[801, 'e']], 'inclusive', 'document')).toMatchObject({
      totalMinor: 801,
      taxes: [{ netMinor: 667, taxMinor: 134 }],
    });
  });

  it.each([
    [11_500, 'd', 10_000, 1_500],
    [100, 'd', 87, 13],
    [1, 'd', 1, 0],
    [999, 'd', 869, 130],
    [12_200, 'b', 10_000, 2_200],
    [10_000, 'c', 9_091, 909],
  ])('%d including rate %s → net %d + tax %d', (gross, rate, netMinor, taxMinor) => {
    expect(document([[gross, rate]], 'inclusive', 'document').taxes).toMatchObject([
      { netMinor, taxMinor },
    ]);
  });

  it('three lines of 0.10 including 15 %: per line 0.03, per document 0.04', () => {
    const lines: [number, string][] = [
      [10, 'd'],
      [10, 'd'],
      [10, 'd'],
    ];
    expect(document(lines, 'inclusive', 'line').taxes[0]?.taxMinor).toBe(3);
    expect(document(lines, 'inclusive', 'document').taxes[0]?.taxMinor).toBe(4);
  });

  it('a line without a rate is untaxed; an unknown rate is a broken invariant', () => {
    expect(document([[100]], 'exclusive', 'line')).toStrictEqual({ taxes: [], totalMinor: 100 });
    expect(() => document([[100, 'nobody']], 'inclusive', 'line')).toThrow();
  });
});

describe('P9: taxes of a document, properties', () => {
  const lines = fc.array(
    fc.tuple(
      fc.integer({ min: -1_000_000, max: 1_000_000 }),
      fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    ),
    { maxLength: 30 },
  );
  const rounding = fc.constantFrom<TaxRounding>('line', 'document');

  it('with inclusive prices tax never changes the total, and net + tax is the gross of each rate', () => {
    fc.assert(
      fc.property(lines, rounding, (input, how) => {
        const { taxes, totalMinor } = document(input, 'inclusive', how);
        expect(totalMinor).toBe(input.reduce((sum, [amount]) => sum + amount, 0));
        for (const { rate, netMinor, taxMinor } of taxes) {
          const gross = input.reduce((sum, [amount, tax]) => sum + (tax === rate ? amount : 0), 0);
          expect(netMinor + taxMinor).toBe(gross);
        }
      }),
    );
  });

  it('with exclusive prices the total is net + tax', () => {
    fc.assert(
      fc.property(lines, rounding, (input, how) => {
        const { taxes, totalMinor } = document(input, 'exclusive', how);
        expect(totalMinor).toBe(taxes.reduce((sum, tax) => sum + tax.netMinor + tax.taxMinor, 0));
      }),
    );
  });

  it('is odd: the taxes of the negated document are the negated taxes', () => {
    fc.assert(
      fc.property(
        lines,
        rounding,
        fc.constantFrom<TaxMode>('inclusive', 'exclusive'),
        (input, how, mode) => {
          const there = document(input, mode, how);
          const back = document(
            input.map(([amount, rate]) => [-amount, rate]),
            mode,
            how,
          );
          expect(back.totalMinor + there.totalMinor).toBe(0);
          back.taxes.forEach((tax, i) => {
            expect(tax.taxMinor + (there.taxes[i]?.taxMinor ?? Number.NaN)).toBe(0);
            expect(tax.netMinor + (there.taxes[i]?.netMinor ?? Number.NaN)).toBe(0);
          });
        },
      ),
    );
  });

  it('a tax is never farther than half a unit from the exact one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000_000 }),
        fc.integer({ min: 0, max: 1_000_000 }),
        (amount, percent) => {
          const exact = (amount * percent) / (1_000_000 + percent);
          expect(Math.abs(taxMinorOf(amount, percent, 'inclusive') - exact)).toBeLessThanOrEqual(
            0.500_001,
          );
        },
      ),
    );
  });
});
