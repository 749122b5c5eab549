/**
 * What a part of a sale cost, so that it can be given back. Figures come from the sale as it was recorded, never from
 * today's prices or tax settings, and are cumulative: the returns of one receipt add up to it exactly, in any steps.
 */
import type { MoneyDocument, TaxTotal } from './bodies.ts';
import { cashRoundingMinor, type CashRounding } from './cash-rounding.ts';
import { assert } from './errors.ts';
import { negate, prorate, sumExact } from './money.ts';

export type Part = {
  /** Per line of the sale. */
  readonly amountsMinor: readonly number[];
  /** Per rate of the sale, in its order. */
  readonly taxes: readonly TaxTotal[];
  readonly totalMinor: number;
};

/**
 * The figures of `partMilli` (per line, from 0 to the line's quantity) of a sale. Nothing of it gives zeros, all of
 * it the sale's own figures.
 */
export function partOf(sale: MoneyDocument, partMilli: readonly number[]): Part {
  const amountsMinor = sale.lines.map(({ amountMinor, quantityMilli }, i) => {
    const part = partMilli[i] ?? 0;
    return part === 0 ? 0 : prorate(amountMinor, part, quantityMilli);
  });
  const exclusive = isExclusive(sale);
  const taxes = sale.taxes.map((tax): TaxTotal => {
    const ofRate = sale.lines.map((line) => line.tax === tax.rate);
    const wholeMinor = sumExact(sale.lines.filter((_, i) => ofRate[i]).map((l) => l.amountMinor));
    const partMinor = sumExact(amountsMinor.filter((_, i) => ofRate[i]));
    const taxMinor = wholeMinor === 0 ? 0 : prorate(tax.taxMinor, partMinor, wholeMinor);
    return { ...tax, taxMinor, netMinor: exclusive ? partMinor : partMinor - taxMinor };
  });
  const onTopMinor = exclusive ? sumExact(taxes.map((tax) => tax.taxMinor)) : 0;
  return { amountsMinor, taxes, totalMinor: sumExact(amountsMinor) + onTopMinor };
}

// The sale does not say how its taxes were meant, but its figures do: a total above the lines holds tax on top.
// Where both readings give one total there is no tax, and nothing to tell apart.
const isExclusive = (sale: MoneyDocument): boolean =>
  sale.totalMinor !== sumExact(sale.lines.map((line) => line.amountMinor));

/**
 * What rounding to coins adds to (or takes from) the part of a refund that is handed out in cash, positive. Cumulative
 * too: a sale that was paid in cash and comes back in ten steps gives out what it took, not ten times half a coin more.
 */
export function refundRoundingMinor(
  before: Pick<Part, 'totalMinor'>,
  cashMinor: number,
  rule: CashRounding | undefined,
): number {
  const { totalMinor } = before;
  return cashRoundingMinor(totalMinor + cashMinor, rule) - cashRoundingMinor(totalMinor, rule);
}

/** What comes back when a sale goes from `before` returned to `after` returned: figures ≤ 0. */
export function returnedBetween(before: Part, after: Part): Part {
  return {
    amountsMinor: after.amountsMinor.map((amount, i) =>
      negate(amount - (before.amountsMinor[i] ?? 0)),
    ),
    taxes: after.taxes.map((tax, i): TaxTotal => {
      const earlier = before.taxes[i];
      assert(earlier !== undefined, 'two parts of one sale have the same rates');
      return {
        rate: tax.rate,
        percentE4: tax.percentE4,
        netMinor: negate(tax.netMinor - earlier.netMinor),
        taxMinor: negate(tax.taxMinor - earlier.taxMinor),
      };
    }),
    totalMinor: negate(after.totalMinor - before.totalMinor),
  };
}
