/** How many of a kit could be sold now: a kit has no stock of its own, its components have. */
import type { Sku } from './ids.ts';
import type { Product } from './product.ts';

/** Whole kits, in thousandths; 0 where one component is missing. */
export function kitStockMilli(
  components: NonNullable<Product['components']>,
  stockMilli: (sku: Sku) => number,
): number {
  const kits = components.map(({ sku, quantityMilli }) =>
    Math.floor(stockMilli(sku) / quantityMilli),
  );
  return Math.max(0, Math.min(...kits)) * 1_000;
}
