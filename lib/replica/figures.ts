/** What a replica shows of a store's figures; the same words for registers and relays. */
import { digitsOf } from '../domain/currency.ts';
import type { EntryHash, JournalKey } from '../domain/ids.ts';
import { formatScaled } from '../domain/money.ts';
import type { Totals } from '../projections/totals.ts';
import type { JournalTip } from './segments.ts';

/** The sum of all money documents as a decimal; `0.00` without any, `mixed` with several currencies. */
export function totalText(totals: Totals, currency: string): string {
  const sums = Object.entries(totals.totalMinor);
  const [first] = sums;
  if (!first) return formatScaled(0, digitsOf(currency) ?? 2);
  return sums.length > 1 ? 'mixed' : formatScaled(first[1], digitsOf(first[0]) ?? 2);
}

/** Tips as plain values. */
export function plainTips(
  tips: ReadonlyMap<JournalKey, JournalTip>,
): Record<JournalKey, { seq: number; hash: EntryHash }> {
  const plain: Record<JournalKey, { seq: number; hash: EntryHash }> = {};
  for (const [journal, { seq, hash }] of tips) if (hash !== '-') plain[journal] = { seq, hash };
  return plain;
}
