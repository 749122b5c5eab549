/**
 * One text that is equal exactly when two replicas show the same stock (P4, P6).
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Sku } from '../domain/ids.ts';

export type StockFigure = { readonly sku: Sku; readonly quantityMilli: number };

/** By UTF-16 code unit: the same on every machine, whatever its language. */
export const bySku = (a: StockFigure, b: StockFigure): number =>
  a.sku < b.sku ? -1 : a.sku > b.sku ? 1 : 0;

/**
 * SHA-256, in hex, over `sku NUL quantityMilli LF` of every SKU that moved or was counted, sorted by code unit.
 * A SKU that came back to zero is in it; one that nothing ever touched is not.
 */
export function hashOfStock(figures: Iterable<StockFigure>): string {
  const lines = [...figures].sort(bySku).map((one) => `${one.sku}\u0000${one.quantityMilli}\n`);
  return bytesToHex(sha256(utf8ToBytes(lines.join(''))));
}
