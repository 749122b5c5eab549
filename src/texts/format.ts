/**
 * Numbers, money, quantities and times as people of the language write them. Money keeps its digits exactly: the
 * currency's minor unit comes from our ISO table, never from `Intl`'s habits of display.
 */
import { digitsOf, isCurrencyCode } from '#lib/domain/currency.ts';
import { formatScaled } from '#lib/domain/money.ts';
import { texts } from './english.ts';

const numbers = new Intl.NumberFormat(texts.locale);

/** A true minus: a hyphen is too short beside figures. */
const withMinus = (text: string): string => text.replaceAll('-', '−');

function decimal(text: string, options: Intl.NumberFormatOptions): string {
  // A decimal string is formatted digit by digit; a number would be rounded first.
  return withMinus(new Intl.NumberFormat(texts.locale, options).format(text as `${number}`));
}

/** `748957.02` → `748,957.02`: a decimal string with its digits kept exactly. */
export function formatAmount(text: string): string {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(text);
  if (!match?.[2]) return text;
  return `${match[1] ? '−' : ''}${numbers.format(BigInt(match[2]))}${match[3] ?? ''}`;
}

export const formatCount = (count: number): string => withMinus(numbers.format(count));

/** Minor units without the sign of the currency, for columns: (−125, EUR) → `−1.25`. */
export function formatMinor(amountMinor: number, currency: string): string {
  const digits = isCurrencyCode(currency) ? digitsOf(currency) : 0;
  return decimal(formatScaled(amountMinor, digits), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** Minor units with the sign of the currency, for a figure that stands alone. */
export function formatMoney(amountMinor: number, currency: string): string {
  const isKnown: boolean = isCurrencyCode(currency);
  if (!isKnown) return `${formatMinor(amountMinor, currency)} ${currency}`.trim();
  const digits = digitsOf(currency);
  return decimal(formatScaled(amountMinor, digits), {
    style: 'currency',
    currency,
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

/** A unit price in ten-thousandths: the currency's digits, more only where the price has them. */
export function formatPrice(unitPriceE4: number, currency: string): string {
  return decimal(formatScaled(unitPriceE4, 4), {
    minimumFractionDigits: isCurrencyCode(currency) ? digitsOf(currency) : 0,
    maximumFractionDigits: 4,
  });
}

/** Thousandths: pieces without decimals where they are whole, weights always with three. */
export function formatQuantity(quantityMilli: number, weighed: boolean): string {
  return decimal(formatScaled(quantityMilli, 3), {
    minimumFractionDigits: weighed ? 3 : 0,
    maximumFractionDigits: 3,
  });
}

/** A name whose `250 g` stays together where lines break. */
export const withUnits = (name: string): string =>
  name.replace(/(\d) (?=(?:g|kg|mg|ml|cl|l|m|cm|mm)\b)/giu, '$1\u00a0');

/** A quantity with its unit where it is weighed. */
export const formatStock = (quantityMilli: number, weighed: boolean): string =>
  weighed
    ? texts.units.kilograms(decimal(formatScaled(quantityMilli, 3), { maximumFractionDigits: 2 }))
    : formatQuantity(quantityMilli, false);

/** The change of a quantity, always with its sign. */
export const formatMovement = (quantityMilli: number, weighed: boolean): string =>
  `${quantityMilli > 0 ? '+' : ''}${formatStock(quantityMilli, weighed)}`;

/** Ten-thousandths of a percent: 200_000 → `20%`. */
export const formatPercent = (percentE4: number): string =>
  `${decimal(formatScaled(percentE4, 4), { maximumFractionDigits: 4 })}%`;

const timeIn = (options: Intl.DateTimeFormatOptions, zone: string | undefined) =>
  new Intl.DateTimeFormat(texts.locale, { ...options, ...(zone && { timeZone: zone }) });

/** `14:02:31` by the clock of this machine, or of a zone. */
export const formatTime = (wallMs: number, zone?: string): string =>
  timeIn({ timeStyle: 'medium' }, zone).format(wallMs);

export const formatHour = (wallMs: number, zone?: string): string =>
  timeIn({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }, zone).format(wallMs);

export const formatMoment = (wallMs: number, zone?: string): string =>
  timeIn(
    { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    zone,
  ).format(wallMs);

/** `20 Nov, 14:02:31`: for the steps of something that takes less than a minute. */
export const formatInstant = (wallMs: number, zone?: string): string =>
  timeIn(
    {
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    },
    zone,
  ).format(wallMs);

/** A time of day, with its day when that is another one than the day of `nowMs`. */
export function formatSince(wallMs: number, nowMs: number): string {
  const day = timeIn({ dateStyle: 'medium' }, undefined);
  const isToday = day.format(wallMs) === day.format(nowMs);
  return isToday ? formatTime(wallMs) : `${day.format(wallMs)}, ${formatTime(wallMs)}`;
}

/** `S01-T2, S01-T3 and 4 more`. */
export function formatNames(names: readonly string[]): string {
  const [shown, more] = [names.slice(0, 3).join(', '), names.length - 3];
  return more > 0 ? texts.andMore(shown, more) : shown;
}

/** `20 November 2026`, by the clock of this machine. */
export const formatDate = (wallMs: number): string =>
  timeIn({ dateStyle: 'long' }, undefined).format(wallMs);

/** `2026-11-20` → `20 November 2026`: a business day is a date of nobody's zone. */
export function formatDay(day: string): string {
  const wallMs = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(wallMs) ? day : timeIn({ dateStyle: 'long' }, 'UTC').format(wallMs);
}

/** Milliseconds to wait → whole seconds or minutes, rounded up. */
export function formatWait(waitMs: number): string {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return seconds < 120
    ? texts.units.seconds(seconds)
    : texts.units.minutes(Math.ceil(seconds / 60));
}

/** `over-refund` or `overRefund` → `Over refund`. */
export function formatKind(kind: string): string {
  const words = kind
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[-_]/g, ' ')
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The name of a document's type; one of a later version is spelt out. */
export function formatDocumentType(type: string): string {
  const known: Readonly<Record<string, string>> = texts.documentTypes;
  return known[type] ?? formatKind(type);
}

/** A way to pay by its id. */
export function formatTender(kind: string): string {
  const known: Readonly<Record<string, string>> = texts.tenders;
  return Object.hasOwn(known, kind) ? (known[kind] ?? kind) : formatKind(kind);
}
