/** The column of totals of a list: the one currency of all stands above it, several stand beside each figure. Pure. */
import type { DocumentView } from '#lib/host/till-services.ts';
import { formatMinor, formatMoney } from '../../texts/format.ts';

type Row = Pick<DocumentView, 'currency' | 'totalMinor'>;

export function totalColumn(documents: readonly Row[]): {
  readonly currency: string | undefined;
  readonly totalOf: (row: Row) => string;
} {
  const currencies = new Set(documents.flatMap(({ currency }) => currency ?? []));
  const currency = currencies.size === 1 ? [...currencies][0] : undefined;
  return {
    currency,
    totalOf({ currency: own, totalMinor }) {
      if (own === undefined) return '–';
      return currency === undefined ? formatMoney(totalMinor, own) : formatMinor(totalMinor, own);
    },
  };
}
