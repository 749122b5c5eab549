/** The goods of the till in memory: enough of each kind for every screen. Barcodes begin with GS1's 952. */
import { gtinCheckDigit } from '../domain/gtin.ts';
import type { Sku } from '../domain/ids.ts';
import type { Product } from '../domain/product.ts';
import type { StoreSettings } from '../domain/settings.ts';

export const fakeSettings: StoreSettings = {
  currency: 'EUR',
  taxMode: 'inclusive',
  taxRounding: 'document',
  taxes: {
    standard: { name: 'Standard 20 %', percentE4: 200_000 },
    reduced: { name: 'Reduced 10 %', percentE4: 100_000 },
  },
  tenders: ['cash', 'card', 'voucher'],
  returnLimitMinor: 5_000,
};

type Row = readonly [
  department: string,
  name: string,
  cents: number,
  stock: number,
  weighed?: true,
];

const rows: readonly Row[] = [
  ['gifts', 'Brass Lantern, small', 1339, 12],
  ['gifts', 'Heart tea-light holder', 255, 3],
  ['grocery', 'Strawberry Jam, 340 g', 255, 40],
  ['produce', 'Russet Apples', 199, 31_250, true],
  ['bakery', 'Sourdough Bread, 800 g', 389, 14],
  ['bakery', 'Butter Croissant', 119, 26],
  ['dairy', 'Whole Milk, 1 l', 129, 60],
  ['dairy', 'Natural Yoghurt, 500 g', 149, 22],
  ['produce', 'Vine Tomatoes', 349, 18_400, true],
  ['produce', 'New Potatoes', 189, 42_000, true],
  ['drinks', 'Green Tea, 80 bags', 449, 17],
  ['drinks', 'Dark Roast Coffee, 500 g', 749, 9],
  ['drinks', 'Elderflower Lemonade, 750 ml', 259, 33],
  ['drinks', 'Sparkling Water, 1.5 l', 79, 120],
  ['household', 'Beeswax Candle, 2-pack', 499, 8],
  ['household', 'Lavender Washing-up Liquid, 500 ml', 219, 19],
  ['grocery', 'Penne Pasta, 500 g', 129, 55],
  ['grocery', 'Heather Honey, 250 g', 599, 0],
  ['grocery', 'Peppery Olive Oil, 500 ml', 899, 11],
  ['grocery', 'Oat Biscuits, 300 g', 219, -2],
  ['gifts', 'Harbour Jigsaw, 1,000 pieces', 1899, 4],
  ['gifts', 'Linen Cushion, 50 cm', 2995, 2],
  ['care', 'Olive Soap, single', 349, 28],
  ['care', 'Nettle Shampoo, 400 ml', 599, 15],
  ['bakery', 'Lemon Cake, whole', 1299, 3],
  ['bakery', 'Poppy Rolls, 4-pack', 199, 21],
  ['dairy', 'Salted Butter, 250 g', 279, 34],
  ['books', 'Cookbook “Preserves”, hardback', 2499, 5],
  ['gifts', 'Old Pier Patchwork Cushion with a very long name indeed, 60 cm', 3495, 1],
  ['household', 'Light Bulb Warm White, 4-pack', 799, 13],
];

export const fakeProducts: readonly Product[] = rows.map(
  ([department, names, cents, , weighed], n): Product => {
    const body = `9520000000${String(n).padStart(2, '0')}`;
    return {
      sku: `${department.slice(0, 2).toUpperCase()}${String(n + 1).padStart(4, '0')}` as Sku,
      names,
      barcodes: [`${body}${gtinCheckDigit(body)}`],
      department,
      tax: ['gifts', 'drinks', 'household', 'care'].includes(department) ? 'standard' : 'reduced',
      prices: [{ unitPriceE4: cents * 100 }],
      ...(weighed && { weighed }),
      active: true,
    };
  },
);

/** What was on the shelf at the beginning, in thousandths. */
export function fakeStock(sku: Sku): number {
  const row = rows[fakeProducts.findIndex((product) => product.sku === sku)];
  if (!row) return 0;
  return row[4] ? row[3] : row[3] * 1_000;
}
