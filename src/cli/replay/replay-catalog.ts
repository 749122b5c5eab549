/**
 * The catalogue that a file's rows imply: one product per code. Historic files carry no catalogue of their own,
 * and the registers sell from one.
 */
import type { Sku } from '#lib/domain/ids.ts';
import type { Product } from '#lib/domain/product.ts';
import type { Transaction } from './transaction.ts';

type Seen = { name: string; readonly prices: Map<number, number> };

/**
 * Named by the first description that is not empty (the code itself when there is none), at the price that most
 * lines have. Codes in order of first appearance.
 */
export function catalogOf(transactions: readonly Transaction[]): Product[] {
  const seen = new Map<Sku, Seen>();
  for (const { sku, description, unitPriceE4 } of transactions.flatMap((one) => one.lines)) {
    const product = seen.get(sku) ?? { name: '', prices: new Map<number, number>() };
    if (product.name === '') product.name = printable(description);
    // Free goods and corrections say nothing about what a thing costs.
    if (unitPriceE4 > 0) {
      product.prices.set(unitPriceE4, (product.prices.get(unitPriceE4) ?? 0) + 1);
    }
    seen.set(sku, product);
  }
  return [...seen].map(([sku, { name, prices }]) => ({
    sku,
    names: name === '' ? sku : name,
    barcodes: [],
    prices: [{ unitPriceE4: mostFrequent(prices) }],
    active: true,
  }));
}

/** A description as one line of a receipt: line breaks and tabs become blanks. */
export const printable = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029 ]+/gu, ' ').trim();

/** Of several equally frequent prices the one seen first; 0 when there is none. */
function mostFrequent(prices: ReadonlyMap<number, number>): number {
  let best = { price: 0, count: 0 };
  for (const [price, count] of prices) if (count > best.count) best = { price, count };
  return best.price;
}
