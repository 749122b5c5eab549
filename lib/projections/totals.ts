/** The sums of a replica or of a day, from the sums by type and currency. */
import type { TypeTotal } from './document-rows.ts';

export type TypeSum = {
  readonly documents: number;
  readonly lines: number;
  /** Minor units by currency. */
  readonly totalMinor: Readonly<Record<string, number>>;
};

/**
 * `documents` and `lines` count every document, closings and counts too; these add nothing to `totalMinor`.
 * Exact up to 2^53, cut there.
 */
export type Totals = TypeSum & { readonly byType: Readonly<Record<string, TypeSum>> };

export type DayTotal = { readonly documents: number; readonly totalMinor: number };

export function totalsOf(sums: readonly TypeTotal[]): Totals {
  const byType: Record<string, TypeSum> = {};
  for (const { type } of sums) byType[type] ??= sumOf(sums.filter((one) => one.type === type));
  return { ...sumOf(sums), byType };
}

/** Closings not among the documents. A till sells in one currency: the store's. */
export function dayTotalOf(sums: readonly TypeTotal[]): DayTotal {
  let documents = 0;
  let totalMinor = 0;
  for (const sum of sums) {
    if (sum.type !== 'DayClosed') documents += sum.documents;
    totalMinor += sum.totalMinor;
  }
  return { documents, totalMinor };
}

function sumOf(sums: readonly TypeTotal[]): TypeSum {
  const totalMinor: Record<string, number> = {};
  let documents = 0;
  let lines = 0;
  for (const sum of sums) {
    documents += sum.documents;
    lines += sum.lines;
    if (sum.currency !== '')
      totalMinor[sum.currency] = (totalMinor[sum.currency] ?? 0) + sum.totalMinor;
  }
  return { documents, lines, totalMinor };
}
