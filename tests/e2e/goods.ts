/** What the shop of these tests sells, and to whom it gives a till. */
import type { Sku } from '#lib/domain/ids.ts';
import type { Product } from '#lib/domain/product.ts';

const product = (sku: string, names: string, priceMinor: number, more: Partial<Product> = {}) => ({
  sku: sku as Sku,
  names,
  barcodes: [],
  department: 'gifts',
  prices: [{ unitPriceE4: priceMinor * 100 }],
  active: true,
  ...more,
});

export const lantern = 'LANTERN-1';
export const lanternBarcode = '4006381333931';
export const jam = 'JAM-1';

export const goods: readonly Product[] = [
  product(lantern, 'Brass Lantern', 339, { barcodes: [lanternBarcode] }),
  product('HEART-1', 'Heart Holder', 255),
  product('APPLE-1', 'Red Apples', 199, { department: 'fruit', weighed: true }),
  product(jam, 'Strawberry Jam', 245, { department: 'food' }),
];

/** As `tests/system/shop.ts` publishes him. */
export { operator as max } from '../system/sales.ts';
