import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { negateCart, priceCart, type CartLine } from './cart.ts';
import type { Sku } from './ids.ts';
import { limits } from './limits.ts';
import { lineAmountMinor } from './money.ts';
import { sampleSettings } from './sample-till.ts';
import type { StoreSettings } from './settings.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 3 });

const item = (
  quantityMilli: number,
  unitPriceE4: number,
  more: Partial<CartLine> = {},
): CartLine => ({
  sku: 'A' as Sku,
  name: 'Article',
  quantityMilli,
  unitPriceE4,
  ...more,
});

describe('P9: a cart is priced', () => {
  it('a document’s total is the sum of its lines, each rounded by itself', () => {
    const lines = Array.from({ length: 3 }, () => item(1_000, 10_050));
    expect(priceCart(lines, sampleSettings)).toMatchObject({
      ok: true,
      value: { totalMinor: 303 },
    });
  });

  it('a discount on the document is laid on the lines, so that each rate knows its share', () => {
    const lines = [
      item(1_000, 100_000, { tax: 'std' }),
      item(1_000, 50_000, { tax: 'low', discountMinor: 100 }),
    ];
    const priced = priceCart(lines, sampleSettings, 140);
    expect(priced).toMatchObject({
      value: {
        lines: [
          { amountMinor: 900, discountMinor: 100 },
          { amountMinor: 360, discountMinor: 140 },
        ],
        taxes: [
          { rate: 'std', netMinor: 750, taxMinor: 150 },
          { rate: 'low', netMinor: 341, taxMinor: 19 },
        ],
        totalMinor: 1_260,
      },
    });
  });

  it('free lines cost nothing and carry no discount of zero', () => {
    const priced = priceCart([item(5_000, 0, { discountMinor: 0 })], sampleSettings);
    expect(priced).toStrictEqual({
      ok: true,
      value: { lines: [{ ...item(5_000, 0), amountMinor: 0 }], taxes: [], totalMinor: 0 },
    });
  });

  it.each<[string, CartLine[], number]>([
    ['DISCOUNT_TOO_LARGE', [item(1_000, 10_000, { discountMinor: 101 })], 0],
    ['DISCOUNT_TOO_LARGE', [item(1_000, 10_000)], 101],
    ['DISCOUNT_TOO_LARGE', [item(1_000, 0)], 1],
    ['AMOUNT_TOO_LARGE', [item(limits.quantityMilli, limits.unitPriceE4)], 0],
    ['AMOUNT_TOO_LARGE', Array.from({ length: 2 }, () => item(1_000_000_000, 90_000_000)), 0],
    ['TAX_UNKNOWN', [item(1_000, 10_000, { tax: 'toString' })], 0],
  ])('refuses with %s', (code, lines, discount) => {
    expect(priceCart(lines, sampleSettings, discount)).toMatchObject({
      ok: false,
      refusal: { code },
    });
  });

  it('Σ quantity × price − discounts = Σ lines, and net + tax of the taxed + the untaxed = total', () => {
    const cart = fc.array(
      fc.record(
        {
          quantityMilli: fc.integer({ min: 1, max: 100_000 }),
          unitPriceE4: fc.integer({ min: 0, max: 10_000_000 }),
          tax: fc.constantFrom('std', 'low'),
          percentOff: fc.nat(100),
        },
        { requiredKeys: ['quantityMilli', 'unitPriceE4', 'percentOff'], noNullPrototype: true },
      ),
      { minLength: 1, maxLength: 20 },
    );
    const settings = fc
      .tuple(
        fc.constantFrom('inclusive' as const, 'exclusive' as const),
        fc.constantFrom('line' as const, 'document' as const),
      )
      .map(([taxMode, taxRounding]): StoreSettings => ({
        ...sampleSettings,
        taxMode,
        taxRounding,
      }));
    fc.assert(
      fc.property(cart, settings, fc.nat(100), (items, how, documentPercentOff) => {
        const digits = 2;
        const lines = items.map(({ percentOff, tax, ...figures }) => {
          const discountMinor = Math.floor(
            (lineAmountMinor({ ...figures, digits }) * percentOff) / 100,
          );
          return item(figures.quantityMilli, figures.unitPriceE4, {
            discountMinor,
            ...(tax === undefined ? {} : { tax }),
          });
        });
        const before = lines.reduce((sum, line) => sum + lineAmountMinor({ ...line, digits }), 0);
        const discount = Math.floor((before * documentPercentOff) / 100);
        const priced = priceCart(lines, how, discount);
        if (!priced.ok) throw new Error(priced.refusal.message);
        const { lines: out, taxes, totalMinor } = priced.value;
        for (const line of out) {
          expect(line.amountMinor).toBe(lineAmountMinor({ ...line, digits }));
          expect(line.amountMinor).toBeGreaterThanOrEqual(0);
        }
        const amounts = out.reduce((sum, line) => sum + line.amountMinor, 0);
        expect(amounts).toBe(before - discount);
        const untaxed = out.reduce(
          (sum, line) => sum + (line.tax === undefined ? line.amountMinor : 0),
          0,
        );
        expect(totalMinor).toBe(
          taxes.reduce((sum, tax) => sum + tax.netMinor + tax.taxMinor, untaxed),
        );
        if (how.taxMode === 'inclusive') expect(totalMinor).toBe(amounts);
        expect(negateCart(negateCart(priced.value))).toStrictEqual(priced.value);
      }),
    );
  });
});
