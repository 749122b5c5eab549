import { describe, expect, it } from 'vitest';
import { currencyCodes, digitsOf, isCurrencyCode } from './currency.ts';

describe('P9: digits of the minor unit by ISO 4217', () => {
  it.each([
    [2, 'SAR EUR UYU HUF COP IDR PKR YER MGA MRU GBP USD XCD XCG ZWG SLE VED'],
    [3, 'KWD BHD OMR JOD TND LYD IQD'],
    [0, 'JPY KRW CLP PYG VND ISK UYI XAF XOF XPF RWF UGX'],
    [4, 'CLF UYW'],
  ])('%d digits: %s', (digits, codes) => {
    for (const code of codes.split(' '))
      expect(`${code} ${digitsOf(code)}`).toBe(`${code} ${digits}`);
  });

  it('holds each code once, in the shape of one', () => {
    expect(new Set(currencyCodes).size).toBe(currencyCodes.length);
    for (const code of currencyCodes) expect(code).toMatch(/^[A-Z]{3}$/);
  });

  it('holds every currency that the platform knows, save those withdrawn or without a minor unit', () => {
    const withdrawn = ['ANG', 'BGN', 'CUC', 'HRK', 'SLL', 'ZWL'];
    const noMinorUnit = ['XDR', 'XSU', 'XUA'];
    const missing = Intl.supportedValuesOf('currency').filter(
      (code) => !isCurrencyCode(code) && ![...withdrawn, ...noMinorUnit].includes(code),
    );
    expect(missing).toEqual([]);
  });

  it.each(['XXX', 'XTS', 'XAU', 'DEM', 'eur', '', '__proto__', 'constructor'])(
    'refuses %j',
    (code) => {
      expect(isCurrencyCode(code)).toBe(false);
      expect(() => digitsOf(code)).toThrow();
    },
  );
});
