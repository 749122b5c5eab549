/**
 * The fields that commands, bodies, products and settings are made of, as zod schemas with their bounds.
 * Nothing is trimmed, coerced or repaired here: a value is right or it is refused.
 */
import { z } from 'zod';
import { isReservedKey } from './border.ts';
import { isCurrencyCode } from './currency.ts';
import {
  isHlc,
  isIncarnationId,
  isJournalKey,
  isSeriesLetter,
  isSku,
  isStoreId,
  type Hlc,
  type IncarnationId,
  type JournalKey,
  type SeriesLetter,
  type Sku,
  type StoreId,
} from './ids.ts';
import { limits } from './limits.ts';
import { parseNumber } from './series.ts';

export const storeField = z.custom<StoreId>(isStoreId, 'not a store code');
/** A terminal with its store: `S01-T2`. */
export const terminalNameField = z
  .string()
  .regex(/^[A-Z][A-Z0-9]{0,7}-[A-Z]{1,3}[0-9]{1,4}$/, 'not a terminal such as S01-T2');
export const journalKeyField = z.custom<JournalKey>(isJournalKey, 'not a journal');
export const incarnationField = z.custom<IncarnationId>(isIncarnationId, 'not an incarnation');
export const seriesLetterField = z.custom<SeriesLetter>(isSeriesLetter, 'not a series letter');
export const hlcField = z.custom<Hlc>(isHlc, 'not a clock value');
export const skuField = z.custom<Sku>(
  (value) => isSku(value) && isCleanText(value),
  'not a product code',
);

/** A whole number within bounds. JavaScript's −0 is refused: it would not survive JSON. */
export const whole = (min: number, max: number) =>
  z
    .int()
    .min(min)
    .max(max)
    .refine((value) => !Object.is(value, -0), 'negative zero');

export const amountField = whole(-limits.amountMinor, limits.amountMinor);
export const positiveAmountField = whole(0, limits.amountMinor);
export const quantityField = whole(-limits.quantityMilli, limits.quantityMilli);
export const positiveQuantityField = whole(1, limits.quantityMilli);
export const nonzeroQuantityField = quantityField.refine((value) => value !== 0, 'zero');
export const priceField = whole(-limits.unitPriceE4, limits.unitPriceE4);
export const positivePriceField = whole(0, limits.unitPriceE4);
/** Journal sequence numbers and counters. */
export const seqField = whole(0, Number.MAX_SAFE_INTEGER);
/** Percent in ten-thousandths, up to 1,000 %. */
export const percentField = whole(0, 10_000_000);

/** Well-formed Unicode without control characters and line separators, which would break receipts and logs. */
export const isCleanText = (text: string): boolean =>
  text.isWellFormed() && !/[\p{Cc}\u2028\u2029]/u.test(text);

/** 1 to `maxCharacters` characters (UTF-16 code units) for people to read. */
export const textField = (maxCharacters: number) =>
  z
    .string()
    .min(1, 'empty')
    .max(maxCharacters, `longer than ${maxCharacters} characters`)
    .refine(isCleanText, 'control characters or broken Unicode');

export const nameField = textField(limits.descriptionCharacters);
export const reasonField = textField(limits.descriptionCharacters);
export const batchField = textField(limits.skuCharacters);

/** Ids that HQ or another system gave: tax rates, departments, tenders, operators, customers. */
export const idField = z
  .string()
  .regex(/^[A-Za-z0-9_.:-]{1,64}$/, 'not an id')
  .refine((id) => !isReservedKey(id), 'a reserved word');

export const currencyField = z.string().refine(isCurrencyCode, 'not an ISO 4217 currency');
export const numberField = z
  .string()
  .refine((text) => parseNumber(text) !== undefined, 'not a document number');

/** A business day: a calendar date that exists. */
export const dayField = z.string().refine(isDay, 'not a date such as 2026-11-30');

export function isDay(text: string): boolean {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return days !== undefined && day >= 1 && day <= days;
}

/** Where an imported document came from. The shape is what differs between commands (strict) and bodies (loose). */
export const externalShape = {
  system: textField(40),
  id: textField(80),
  at: textField(40).exactOptional(),
};
