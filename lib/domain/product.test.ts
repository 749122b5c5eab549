import { describe, expect, it } from 'vitest';
import type { Sku, StoreId } from './ids.ts';
import { priceAt, readProduct, type Price, type Product } from './product.ts';

const here = 'S01' as StoreId;
const product = (prices: Price[]): Product => ({
  sku: '85123A' as Sku,
  names: 'White hanging heart',
  barcodes: ['4006381333931'],
  prices,
  active: true,
});

describe('the price of a business day', () => {
  const other = 'S02' as StoreId;
  it.each<[string, Price[], string, number | undefined]>([
    ['none', [], '2026-11-20', undefined],
    ['for all', [{ unitPriceE4: 1 }], '2026-11-20', 1],
    [
      'for this store before all',
      [
        { storeId: here, unitPriceE4: 2 },
        { unitPriceE4: 1, from: '2026-11-01' },
      ],
      '2026-11-20',
      2,
    ],
    ['another store’s', [{ storeId: other, unitPriceE4: 2 }], '2026-11-20', undefined],
    ['not yet', [{ unitPriceE4: 1, from: '2026-11-21' }], '2026-11-20', undefined],
    ['first day', [{ unitPriceE4: 1, from: '2026-11-20' }], '2026-11-20', 1],
    ['last day', [{ unitPriceE4: 1, to: '2026-11-20' }], '2026-11-20', 1],
    ['over', [{ unitPriceE4: 1, to: '2026-11-19' }], '2026-11-20', undefined],
    [
      'promotion over base',
      [{ unitPriceE4: 9, from: '2026-11-15', to: '2026-11-25' }, { unitPriceE4: 10 }],
      '2026-11-20',
      9,
    ],
    [
      'last written of one day',
      [
        { unitPriceE4: 1, from: '2026-11-20' },
        { unitPriceE4: 3, from: '2026-11-20' },
      ],
      '2026-11-20',
      3,
    ],
    ['free', [{ storeId: '*', unitPriceE4: 0 }], '2026-11-20', 0],
  ])('%s', (_, prices, day, expected) => {
    expect(priceAt(product(prices), here, day)).toBe(expected);
  });
});

describe('reading a product', () => {
  it('keeps what a later version added', () => {
    const value = { ...product([{ unitPriceE4: 25_500 }]), allergens: ['nuts'] };
    expect(readProduct(value)).toStrictEqual({ ok: true, value });
  });

  it.each([
    ['sku', { sku: '__proto__' }],
    ['sku', { sku: 'constructor' }],
    ['sku', { sku: ' x' }],
    ['sku', { sku: '\ud800' }],
    ['names', { names: '' }],
    ['names', { names: 'x'.repeat(10_000_000) }],
    ['names', { names: 'bell\u0007' }],
    ['prices.0.unitPriceE4', { prices: [{ unitPriceE4: -1 }] }],
    ['prices.0.unitPriceE4', { prices: [{ unitPriceE4: 0.5 }] }],
    ['prices.0.unitPriceE4', { prices: [{ unitPriceE4: Number.NaN }] }],
    ['prices.0.from', { prices: [{ unitPriceE4: 1, from: '2026-02-30' }] }],
    ['prices.0', { prices: [{ unitPriceE4: 1, from: '2026-02-02', to: '2026-02-01' }] }],
    ['tax', { tax: 'constructor' }],
    ['components', { components: [] }],
    ['active', { active: 'yes' }],
  ])('refuses a wrong %s and names it', (place, wrong) => {
    const result = readProduct({ ...product([]), ...wrong });
    expect(result.ok).toBe(false);
    if (!result.ok) {
      expect(result.problems[0]).toMatch(new RegExp(`^${place.replaceAll('.', '\\.')}: `));
      expect(result.problems.join('').length).toBeLessThan(500);
    }
  });
});
