/** A small assortment, who sells it, and sales whose amounts are known beforehand. */
import type { CompleteSale } from '#lib/domain/commands.ts';
import type { Sku } from '#lib/domain/ids.ts';
import type { Product } from '#lib/domain/product.ts';

export const operator = { id: 'max', name: 'Max', pin: '482916', roles: ['manager'] } as const;

/** Prices in cents: P1 costs 1.01, P2 2.02, … */
const priceMinor = (n: number): number => 101 * n;

export const products: readonly Product[] = Array.from({ length: 10 }, (_, index) => ({
  sku: `P${index + 1}` as Sku,
  names: `Product ${index + 1}`,
  barcodes: [],
  prices: [{ unitPriceE4: priceMinor(index + 1) * 100 }],
  active: true,
}));

/** What a sale must come to, wherever it is looked at. */
export type PlannedSale = {
  readonly command: CompleteSale;
  readonly lines: number;
  readonly totalMinor: number;
  /** Pieces by product. */
  readonly pieces: ReadonlyMap<string, number>;
};

/** A sale of one or more different products; `picks` are pairs of product number (1–10) and pieces. */
export function plannedSale(
  id: string,
  picks: readonly (readonly [product: number, pieces: number])[],
): PlannedSale {
  const totalMinor = picks.reduce((sum, [n, pieces]) => sum + priceMinor(n) * pieces, 0);
  return {
    command: {
      kind: 'CompleteSale',
      command: id,
      by: operator.id,
      lines: picks.map(([n, pieces]) => ({ sku: `P${n}` as Sku, quantityMilli: pieces * 1000 })),
      tenders: [{ kind: 'cash', amountMinor: totalMinor }],
      // Documents of all replicas and of the archive show it: the command's id, where a test can find it again.
      external: { system: 'test', id, at: '2026-11-20T10:00:00' },
    },
    lines: picks.length,
    totalMinor,
    pieces: new Map(picks.map(([n, pieces]) => [`P${n}`, pieces])),
  };
}
