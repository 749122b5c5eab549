/** What a customer is likely to hand over: the next round sums that the notes of a currency make. */
import { digitsOf, isCurrencyCode } from '#lib/domain/currency.ts';

/** Notes and large coins in whole units of the currency. Others are guessed from the usual 1-2-5. */
const notesOf: Readonly<Record<string, readonly number[]>> = {
  EUR: [5, 10, 20, 50, 100, 200],
  GBP: [5, 10, 20, 50],
  USD: [1, 5, 10, 20, 50, 100],
  CHF: [10, 20, 50, 100, 200],
  JPY: [1_000, 2_000, 5_000, 10_000],
};

/** Sums above `dueMinor` in minor units, ascending, at most `count`. */
export function likelyGiven(dueMinor: number, currency: string, count = 4): number[] {
  if (dueMinor <= 0 || !isCurrencyCode(currency)) return [];
  const unit = 10 ** digitsOf(currency);
  const notes = notesOf[currency] ?? usualNotes(dueMinor / unit);
  const sums = notes.map((note) => Math.ceil(dueMinor / (note * unit)) * note * unit);
  return [...new Set(sums)]
    .filter((sum) => sum > dueMinor)
    .sort((a, b) => a - b)
    .slice(0, count);
}

function usualNotes(due: number): number[] {
  const power = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, due))));
  return [1, 2, 5, 10, 20].map((step) => step * power);
}
