import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileSource } from '#lib/demo/byte-source.ts';
import { centsText, documentCents, expectedFigures, lineCents } from './expected-figures.ts';
import { readTransactions } from './read-transactions.ts';

const root = resolve(import.meta.dirname, '../../..');

describe('P9: a line is quantity × price, rounded half away from zero to the cent', () => {
  it.each([
    [3_000, 1_250, 38n], // 3 × 0.125 = 0.375
    [1_000, 50, 1n], // 0.005
    [-1_000, 50, -1n],
    [1_000, -50, -1n],
    [1_000, 49, 0n],
    [500, 100, 1n], // 0.5 × 0.01
    [499, 100, 0n],
    [1_000, 10, 0n],
    [7_000, 10_625, 744n], // 7.4375
    [-600_000, 4_167, -25_002n],
    [-1_000, 275_050, -2_751n],
    [99_999_999_999, 999_999_999_999, 999_999_999_989_000_000n],
  ])('%i thousandths at %i ten-thousandths are %i cents', (quantityMilli, unitPriceE4, cents) => {
    expect(lineCents(quantityMilli, unitPriceE4)).toBe(cents);
  });

  it('agrees with schoolbook rounding of the written-out product, and −x is −round(x)', () => {
    /** Rounds by looking at the digits, as on paper: no division involved. */
    const onPaper = (product: bigint): bigint => {
      const digits = (product < 0n ? -product : product).toString().padStart(6, '0');
      const cents = BigInt(digits.slice(0, -5)) + (Number(digits.at(-5)) >= 5 ? 1n : 0n);
      return product < 0n ? -cents : cents;
    };
    fc.assert(
      fc.property(
        fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
        fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }),
        (quantity, price) => {
          const cents = lineCents(quantity, price);
          expect(cents).toBe(onPaper(BigInt(quantity) * BigInt(price)));
          expect(lineCents(-quantity, price)).toBe(-cents);
        },
      ),
      { seed: 7, numRuns: 2_000 },
    );
  });

  it.each([
    [0n, '0.00'],
    [-5n, '-0.05'],
    [74_895_702n, '748957.02'],
    [-100n, '-1.00'],
  ])('%i cents read %s', (cents, text) => {
    expect(centsText(cents)).toBe(text);
  });
});

describe('P6: what a file adds up to', () => {
  it('the made-up week, worked out by hand with another program', async () => {
    const path = join(root, 'tests/fixtures/replay/made-up-week.csv');
    const transactions = await readTransactions([fileSource(path)]);
    const { stockMilli, ...figures } = expectedFigures(transactions);
    expect(figures).toEqual({
      documents: 19,
      lines: 30,
      byKind: { sale: 10, return: 3, stockAdjustment: 3, ledgerAdjustment: 3 },
      linesByKind: { sale: 19, return: 4, stockAdjustment: 4, ledgerAdjustment: 3 },
      totalMinor: 12_399n,
    });
    expect(Object.fromEntries(stockMilli)).toEqual({
      '85X': -3_000n,
      '85x': -1_000n,
      'BANK CHARGES': -1_000n,
      BEADS: -500n,
      'BOX-S': -8_000n,
      'CARD-7': -10_000n,
      D: 1_000n,
      GIFTBAG: -1_000n,
      'LAMP-01': -8_000n,
      MUG: 37_000n,
      PADS: -1_000n,
      POST: -1_000n,
      RIBBON: -5_005n,
      TEA: -1_750n,
      gift_0001_40: -2_000n,
    });
    const byInvoice = new Map(transactions.map((one) => [one.invoice, documentCents(one)]));
    expect(byInvoice.get('A700010')).toBe(-38n);
    expect(byInvoice.get('C700003')).toBe(-679n);
    expect(byInvoice.get('700004')).toBe(0n);
  });

  const dataset = resolve(root, process.env['TILLMESH_DATASET'] ?? '../shared/data');
  it.for([
    ['online-retail-2010-12.csv.gz', '748957.02', 42_481, [1_559, 326, 140, 0], 2_822],
    ['online-retail-2011-01.csv.gz', '560000.26', 35_147, [1_086, 260, 130, 0], 2_645],
  ] as const)('%s comes to %s', async ([name, total, lines, kinds, codes], { skip }) => {
    const path = join(dataset, name);
    if (!existsSync(path)) {
      skip(
        `${path} is not there: set TILLMESH_DATASET (docs/guides/replay.md says where to get it)`,
      );
    }
    const figures = expectedFigures(await readTransactions([fileSource(path)]));
    const { sale, return: returned, stockAdjustment, ledgerAdjustment } = figures.byKind;
    expect(centsText(figures.totalMinor)).toBe(total);
    expect(figures.lines).toBe(lines);
    expect([sale, returned, stockAdjustment, ledgerAdjustment]).toEqual(kinds);
    expect(figures.stockMilli.size).toBe(codes);
  });
});
