/**
 * The cart: lines with prices → what each costs, the taxes and the total. Screens and `decide` price with the same
 * code, so what was shown is what is charged (P9). Paying is `tenders.ts`.
 */
import type { DocumentLine, TaxTotal } from './bodies.ts';
import { digitsOf } from './currency.ts';
import { splitByLargestRemainder } from './discount.ts';
import { grossMinor, isAmount, negate, sumExact } from './money.ts';
import { done, refused, type Outcome } from './refusals.ts';
import { percentOf, type StoreSettings } from './settings.ts';
import { taxDocument } from './tax.ts';

/** A line before its amount is known: quantity > 0, price ≥ 0, discount ≥ 0. */
export type CartLine = Omit<DocumentLine, 'amountMinor'>;

export type PricedCart = {
  readonly lines: readonly DocumentLine[];
  readonly taxes: readonly TaxTotal[];
  /** What the document costs, before cash rounding. */
  readonly totalMinor: number;
};

/**
 * Prices a cart. Each line's amount is quantity × price, rounded half away from zero, less its discount; a discount
 * on the document is laid on the lines in proportion to their amounts, so that each tax rate knows its share.
 */
export function priceCart(
  lines: readonly CartLine[],
  settings: StoreSettings,
  documentDiscountMinor = 0,
): Outcome<PricedCart> {
  const digits = digitsOf(settings.currency);
  const amounts: number[] = [];
  for (const line of lines) {
    const gross = grossMinor({ ...line, digits });
    if (!isAmount(gross)) return refused('AMOUNT_TOO_LARGE', line.sku);
    const amountMinor = Number(gross) - (line.discountMinor ?? 0);
    if (amountMinor < 0) return refused('DISCOUNT_TOO_LARGE', line.sku);
    if (line.tax !== undefined && percentOf(settings, line.tax) === undefined) {
      return refused('TAX_UNKNOWN', `${line.sku}, ${line.tax}`);
    }
    amounts.push(amountMinor);
  }
  const beforeMinor = sumExact(amounts);
  if (!isAmount(beforeMinor)) return refused('AMOUNT_TOO_LARGE');
  if (documentDiscountMinor > beforeMinor) return refused('DISCOUNT_TOO_LARGE');

  const shares = splitByLargestRemainder(documentDiscountMinor, amounts);
  const priced = lines.map((line, i): DocumentLine => {
    const shareMinor = shares[i] ?? 0;
    const discountMinor = (line.discountMinor ?? 0) + shareMinor;
    const { discountMinor: _, ...rest } = line;
    return {
      ...rest,
      amountMinor: (amounts[i] ?? 0) - shareMinor,
      ...(discountMinor === 0 ? {} : { discountMinor }),
    };
  });
  const { taxes, totalMinor } = taxDocument(
    priced,
    (rate) => percentOf(settings, rate),
    settings.taxMode,
    settings.taxRounding,
  );
  if (!isAmount(totalMinor)) return refused('AMOUNT_TOO_LARGE');
  return done({ lines: priced, taxes, totalMinor });
}

/** Each figure of a cart × −1: goods and money that come back. */
export const negateCart = ({ lines, taxes, totalMinor }: PricedCart): PricedCart => ({
  lines: lines.map((line) => ({
    ...line,
    quantityMilli: negate(line.quantityMilli),
    amountMinor: negate(line.amountMinor),
    ...(line.discountMinor === undefined ? {} : { discountMinor: negate(line.discountMinor) }),
  })),
  taxes: taxes.map((tax) => ({
    ...tax,
    netMinor: negate(tax.netMinor),
    taxMinor: negate(tax.taxMinor),
  })),
  totalMinor: negate(totalMinor),
});
