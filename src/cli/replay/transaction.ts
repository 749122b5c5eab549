/**
 * What a replayed file says happened: documents with exact integers, and how each kind is told from the others.
 * Nothing here knows the register's own rules, so that the figures derived from it can judge them.
 */
import type { Sku } from '#lib/domain/ids.ts';

export const transactionKinds = ['sale', 'return', 'stockAdjustment', 'ledgerAdjustment'] as const;
export type TransactionKind = (typeof transactionKinds)[number];

/** Quantities in thousandths and unit prices in ten-thousandths, with the file's own signs. */
export type TransactionLine = {
  readonly sku: Sku;
  readonly description: string;
  readonly quantityMilli: number;
  readonly unitPriceE4: number;
};

export type Transaction = {
  readonly invoice: string;
  readonly kind: TransactionKind;
  /** Local time of the first row: `2010-12-01T08:26:00`. */
  readonly at: string;
  readonly customer: string;
  readonly country: string;
  /** In file order. */
  readonly lines: readonly TransactionLine[];
};

/**
 * The kind of a document, the first that fits: `C…` is a return; all prices 0 is a stock adjustment;
 * `A…` is a ledger adjustment; everything else is a sale, free lines included.
 */
export function kindOf(invoice: string, lines: readonly TransactionLine[]): TransactionKind {
  if (invoice.startsWith('C')) return 'return';
  if (lines.every((line) => line.unitPriceE4 === 0)) return 'stockAdjustment';
  if (invoice.startsWith('A')) return 'ledgerAdjustment';
  return 'sale';
}

/** Why a line cannot stand in a document of this kind; undefined when it can. */
export function lineProblem(kind: TransactionKind, line: TransactionLine): string | undefined {
  if (kind !== 'ledgerAdjustment' && line.unitPriceE4 < 0) {
    return 'UnitPrice is negative, which only a ledger adjustment (A…) may have';
  }
  if (kind === 'return' && line.quantityMilli > 0) {
    return 'Quantity is positive in a return (C…), where goods come back';
  }
  if ((kind === 'sale' || kind === 'ledgerAdjustment') && line.quantityMilli < 0) {
    return 'Quantity is negative outside a return (C…) or a stock adjustment (all prices 0)';
  }
  return undefined;
}
