/**
 * How much cash anybody hands over: a slip of the finger (829 for 8.29, a barcode in the wrong field) is refused before it
 * is recorded. Tills of the field call it the high amount lockout.
 */
import { digitsOf } from './currency.ts';

/**
 * The largest banknote that is in circulation or still legal tender, in whole units, by ISO 4217 code. A currency that is
 * not here has notes that inflation outruns, or none: `otherNote` is beyond each of those.
 */
const largestNote: Readonly<Record<string, number>> = {
  AED: 1_000,
  ARS: 20_000,
  AUD: 100,
  BAM: 200,
  BGN: 100,
  BHD: 20,
  BRL: 200,
  CAD: 100,
  CHF: 1_000,
  CLP: 20_000,
  CNY: 100,
  CZK: 5_000,
  DKK: 1_000,
  EGP: 200,
  EUR: 500,
  GBP: 100,
  HKD: 1_000,
  HUF: 20_000,
  IDR: 100_000,
  ILS: 200,
  INR: 2_000,
  ISK: 10_000,
  JOD: 50,
  JPY: 10_000,
  KRW: 50_000,
  KWD: 20,
  MAD: 200,
  MXN: 1_000,
  MYR: 100,
  NOK: 1_000,
  NZD: 100,
  OMR: 50,
  PHP: 1_000,
  PLN: 500,
  QAR: 500,
  RON: 500,
  RSD: 5_000,
  SAR: 500,
  SEK: 1_000,
  SGD: 10_000,
  THB: 1_000,
  TND: 50,
  TRY: 200,
  TWD: 2_000,
  UAH: 1_000,
  USD: 100,
  VND: 500_000,
  ZAR: 200,
};
const otherNote = 1_000_000;

/** Nobody adds a note that comes back as change; two of them leave room for a foreign habit, not for another digit. */
const notes = 2;

/** The largest change that a till gives, in minor units. */
export const mostChangeMinor = (currency: string): number =>
  notes * (largestNote[currency] ?? otherNote) * 10 ** digitsOf(currency);

/** Whether this is more cash than anybody hands over for what is due. */
export const isTooMuchCash = (givenMinor: number, dueMinor: number, currency: string): boolean =>
  givenMinor - dueMinor > mostChangeMinor(currency);
