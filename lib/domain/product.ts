/**
 * A product as HQ publishes it, and its price on a business day.
 * The future lives in from–to data, so a price change needs no message at midnight.
 */
import { z } from 'zod';
import { readWith, type Crossing } from './border.ts';
import {
  dayField,
  idField,
  nameField,
  positivePriceField,
  positiveQuantityField,
  skuField,
  storeField,
  textField,
} from './fields.ts';
import type { Sku, StoreId } from './ids.ts';

export type Price = {
  /** The store that it is for; `*` or absent: all. */
  readonly storeId?: StoreId | '*';
  readonly unitPriceE4: number;
  /** First and last business day, both inclusive; absent: open. */
  readonly from?: string;
  readonly to?: string;
};

export type Product = {
  readonly sku: Sku;
  readonly names: string;
  /** GTINs and in-store item codes as HQ wrote them; look up by `barcodeKey`. */
  readonly barcodes: readonly string[];
  readonly department?: string;
  /** Id of a tax rate of the store's settings; absent: untaxed. */
  readonly tax?: string;
  readonly prices: readonly Price[];
  /** A kit: what leaves the shelf per one kit. */
  readonly components?: readonly { readonly sku: Sku; readonly quantityMilli: number }[];
  readonly batchTracked?: boolean;
  readonly weighed?: boolean;
  readonly active: boolean;
};

const priceSchema = z
  .looseObject({
    storeId: z.union([z.literal('*'), storeField]).exactOptional(),
    unitPriceE4: positivePriceField,
    from: dayField.exactOptional(),
    to: dayField.exactOptional(),
  })
  .refine(
    ({ from, to }) => from === undefined || to === undefined || from <= to,
    'ends before it begins',
  );

/** Tolerant of fields of a later version; they are kept. */
export const productSchema: z.ZodType<Product> = z.looseObject({
  sku: skuField,
  names: nameField,
  barcodes: z.array(textField(48)).max(64),
  department: idField.exactOptional(),
  tax: idField.exactOptional(),
  prices: z.array(priceSchema).max(512),
  components: z
    .array(z.looseObject({ sku: skuField, quantityMilli: positiveQuantityField }))
    .min(1)
    .max(64)
    .exactOptional(),
  batchTracked: z.boolean().exactOptional(),
  weighed: z.boolean().exactOptional(),
  active: z.boolean(),
});

export const readProduct = (value: unknown): Crossing<Product> => readWith(productSchema, value);

/**
 * The price in ten-thousandths on a business day. A price for the store goes before one for all; among these the
 * one that began last, and of several that began on the same day the last written. Undefined when there is none.
 */
export function priceAt(product: Product, store: StoreId, dayIso: string): number | undefined {
  let best: { own: boolean; from: string; unitPriceE4: number } | undefined;
  for (const { storeId = '*', unitPriceE4, from = '', to } of product.prices) {
    if (storeId !== '*' && storeId !== store) continue;
    if (from > dayIso || (to !== undefined && to < dayIso)) continue;
    const own = storeId !== '*';
    const better = best === undefined || (own === best.own ? from >= best.from : own);
    if (better) best = { own, from, unitPriceE4 };
  }
  return best?.unitPriceE4;
}
