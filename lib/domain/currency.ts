/**
 * ISO 4217: how many digits the minor unit of each current currency has.
 * An own table, because `Intl` answers with CLDR's habits of display (IQD 0, HUF 0, COP 0), which must never
 * decide how money is stored. Precious metals, testing and unit-of-account codes have no minor unit and are absent.
 */
import { assert } from './errors.ts';

export type CurrencyDigits = 0 | 2 | 3 | 4;

const codesByDigits: readonly (readonly [CurrencyDigits, string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'],
  [
    2,
    `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE
    CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK
    MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD
    RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
    USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
  [4, 'CLF UYW'],
];

const table: ReadonlyMap<string, CurrencyDigits> = new Map(
  codesByDigits.flatMap(([digits, codes]) =>
    codes.split(/\s+/).map((code) => [code, digits] as const),
  ),
);

/** Every code of the table, sorted. */
export const currencyCodes: readonly string[] = [...table.keys()].sort();

export const isCurrencyCode = (code: unknown): code is string =>
  typeof code === 'string' && table.has(code);

/** Digits of the currency's minor unit. Throws INVARIANT for a code that `isCurrencyCode` refuses. */
export function digitsOf(code: string): CurrencyDigits {
  const digits = table.get(code);
  assert(digits !== undefined, `no currency ${code}`);
  return digits;
}
