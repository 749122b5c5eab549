/** The lines and sums of a document in words. Pure. */
import type { DocumentLine } from '#lib/domain/bodies.ts';
import type { Receipt } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import { formatMinor, formatPrice, formatQuantity } from '../../texts/format.ts';

const words = texts.documentPages.receipt;

/** Pieces are whole; whatever is not was weighed, also where the catalogue does not say so. */
export const quantityText = (quantityMilli: number, weighed = false): string =>
  weighed || quantityMilli % 1_000 !== 0
    ? texts.units.kilograms(formatQuantity(quantityMilli, true))
    : formatQuantity(quantityMilli, false);

export type LineContext = {
  readonly currency: string;
  readonly hasMoney: boolean;
  readonly weighed?: boolean;
  /** Names who allowed a line; absent: whoever served was allowed it, and is named here. */
  readonly nameOf?: (operator: string) => string;
  /** Who gave a discount or typed a price that nobody else had to approve; absent: that is not said. */
  readonly servedBy?: string;
};

/** What stands under a line's name: how many at which price, what was taken off, why, and who allowed it. */
export function lineNotes(
  line: DocumentLine,
  { currency, hasMoney, weighed = false, nameOf = (id) => id, servedBy }: LineContext,
): string[] {
  const { quantityMilli, unitPriceE4, discountMinor = 0, override, approvedBy, batch } = line;
  const price = formatPrice(unitPriceE4, currency);
  const isByWeight = weighed || quantityMilli % 1_000 !== 0;
  const isChanged = discountMinor !== 0 || override !== undefined;
  return [
    hasMoney && (weighed || quantityMilli !== 1_000)
      ? words.each(
          quantityText(quantityMilli, weighed),
          isByWeight ? texts.sell.changes.each(price) : price,
        )
      : '',
    // Of a return it is what was never paid, and so does not come back: more, not less.
    discountMinor === 0 ? '' : words.discount(signed(-discountMinor, currency)),
    override === undefined ? '' : words.override(override),
    approvedBy !== undefined
      ? words.approvedBy(nameOf(approvedBy))
      : isChanged && servedBy !== undefined
        ? words.givenBy(nameOf(servedBy))
        : '',
    batch === undefined ? '' : words.batch(batch),
  ].filter((note) => note !== '');
}

const signed = (amountMinor: number, currency: string): string =>
  `${amountMinor > 0 ? '+' : ''}${formatMinor(amountMinor, currency)}`;

/** Per line of a sale: what can still come back, in thousandths. */
export const leftMilli = ({ body, returnedMilli, type }: Receipt): readonly number[] =>
  body.lines.map(({ quantityMilli }, n) =>
    type === 'SaleCompleted' ? Math.max(0, quantityMilli - (returnedMilli[n] ?? 0)) : 0,
  );

/** What a line says of goods that came back; empty for none. */
export function returnedNote(receipt: Receipt, line: number): string {
  const returned = receipt.returnedMilli[line] ?? 0;
  if (returned <= 0) return '';
  return leftMilli(receipt)[line] === 0
    ? words.allReturned
    : words.returned(quantityText(returned, receipt.weighed[line]));
}

/** Whether the document is about money at all; a count or an adjustment of stock is not. */
export const isAboutMoney = ({ type }: Pick<Receipt, 'type'>): boolean =>
  type !== 'StockAdjusted' && type !== 'StockCounted';

/** Why, of a return or an adjustment: the screens' own words, or what a program said. Empty where nothing was said. */
export function reasonText({ type, body }: Pick<Receipt, 'type' | 'body'>): string {
  const reason = 'reason' in body && typeof body.reason === 'string' ? body.reason : '';
  const known: Readonly<Record<string, string>> = texts.documentPages.returns.reasons;
  return type === 'ReturnCompleted' && Object.hasOwn(known, reason)
    ? (known[reason] ?? reason)
    : reason;
}
