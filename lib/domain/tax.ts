/**
 * The taxes of a document: several rates, prices with or without tax, rounded per line or per document.
 * With prices that include tax the total is the sum of the lines, whatever the tax: 8.01 is charged as 8.01.
 */
import type { TaxTotal } from './bodies.ts';
import { assert } from './errors.ts';
import { sumExact } from './money.ts';
import { divideHalfAway } from './rounding.ts';

/** `inclusive`: prices hold the tax (net = gross − tax). `exclusive`: the tax comes on top. */
export type TaxMode = 'inclusive' | 'exclusive';
/** Where the tax is rounded: on each line, or once per rate on the document's sum. */
export type TaxRounding = 'line' | 'document';

/** Percent in ten-thousandths: 20 % is 200_000, so one whole is a million. */
export const wholeE4 = 1_000_000;

/** The tax in (inclusive) or on (exclusive) an amount, in minor units. */
export function taxMinorOf(amountMinor: number, percentE4: number, mode: TaxMode): number {
  const rate = BigInt(percentE4);
  const base = mode === 'inclusive' ? BigInt(wholeE4) + rate : BigInt(wholeE4);
  return Number(divideHalfAway(BigInt(amountMinor) * rate, base));
}

export type TaxableLine = { readonly amountMinor: number; readonly tax?: string };

export type DocumentTaxes = { readonly taxes: readonly TaxTotal[]; readonly totalMinor: number };

/**
 * Taxes per rate in the order in which the lines bring them, and what the document costs with them.
 * Lines without a rate are untaxed. Throws INVARIANT for a rate that `percentOf` does not know: check before.
 */
export function taxDocument(
  lines: readonly TaxableLine[],
  percentOf: (rate: string) => number | undefined,
  mode: TaxMode,
  rounding: TaxRounding,
): DocumentTaxes {
  const byRate = new Map<string, number[]>();
  for (const { tax, amountMinor } of lines) {
    if (tax === undefined) continue;
    const amounts = byRate.get(tax);
    if (amounts === undefined) byRate.set(tax, [amountMinor]);
    else amounts.push(amountMinor);
  }
  const taxes = [...byRate].map(([rate, amounts]): TaxTotal => {
    const percentE4 = percentOf(rate);
    assert(percentE4 !== undefined, `no tax rate ${rate}`);
    const amountMinor = sumExact(amounts);
    const taxMinor =
      rounding === 'line'
        ? sumExact(amounts.map((amount) => taxMinorOf(amount, percentE4, mode)))
        : taxMinorOf(amountMinor, percentE4, mode);
    const netMinor = mode === 'inclusive' ? amountMinor - taxMinor : amountMinor;
    return { rate, percentE4, netMinor, taxMinor };
  });
  const linesMinor = sumExact(lines.map((line) => line.amountMinor));
  const onTopMinor = mode === 'exclusive' ? sumExact(taxes.map((tax) => tax.taxMinor)) : 0;
  return { taxes, totalMinor: sumExact([linesMinor, onTopMinor]) };
}
