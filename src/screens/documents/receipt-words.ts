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

/** The price of a piece, or of a kilogram of what was weighed. */
const priceText = (quantityMilli: number, unitPriceE4: number, currency: string): string => {
  const price = formatPrice(unitPriceE4, currency);
  return quantityMilli % 1_000 === 0 ? price : texts.sell.changes.each(price);
};

/** What stands under a line's name: how many at which price, what was taken off, why. */
export function lineNotes(
  line: DocumentLine,
  currency: string,
  hasMoney: boolean,
  nameOf: (operator: string) => string = (id) => id,
): string[] {
  const { quantityMilli, unitPriceE4, discountMinor = 0, override, approvedBy, batch } = line;
  return [
    hasMoney && quantityMilli !== 1_000
      ? words.each(quantityText(quantityMilli), priceText(quantityMilli, unitPriceE4, currency))
      : '',
    discountMinor === 0 ? '' : words.discount(formatMinor(-discountMinor, currency)),
    override === undefined ? '' : words.override(override),
    approvedBy === undefined ? '' : words.approvedBy(nameOf(approvedBy)),
    batch === undefined ? '' : words.batch(batch),
  ].filter((note) => note !== '');
}

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
    : words.returned(quantityText(returned));
}

/** Whether the document is about money at all; a count or an adjustment of stock is not. */
export const isAboutMoney = ({ type }: Pick<Receipt, 'type'>): boolean =>
  type !== 'StockAdjusted' && type !== 'StockCounted';
