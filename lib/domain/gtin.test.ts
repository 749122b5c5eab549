import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barcodeKey, gtinCheckDigit, isGtin, normalizeGtin, priceVerifierDigit } from './gtin.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 11 });

const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
    .map((d) => d.join(''));

describe('GTIN check digits (GS1 7.9)', () => {
  it.each([
    '4006381333931',
    '5901234123457',
    '96385074',
    '036000291452',
    '0036000291452',
    '00036000291452',
  ])('%s is right', (code) => {
    expect(isGtin(code)).toBe(true);
  });

  it.each([
    '4006381333932',
    '',
    '4006381333',
    '400638133393',
    '40063813339310',
    '400638133393a',
    '4006381333931 ',
    '٤٠٠٦٣٨١٣',
  ])('%j is no GTIN', (code) => {
    expect(isGtin(code)).toBe(false);
    expect(normalizeGtin(code)).toBeUndefined();
  });

  it('finds any single wrong digit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(7, 11, 12, 13).chain(digits),
        fc.nat(),
        fc.integer({ min: 1, max: 9 }),
        (body, at, by) => {
          const code = body + String(gtinCheckDigit(body));
          expect(isGtin(code)).toBe(true);
          const place = at % code.length;
          const wrong = (Number(code[place]) + by) % 10;
          expect(isGtin(code.slice(0, place) + String(wrong) + code.slice(place + 1))).toBe(false);
        },
      ),
    );
  });

  it('UPC-A, EAN-13 and GTIN-14 of one article are one key', () => {
    fc.assert(
      fc.property(digits(11), (body) => {
        const upc = body + String(gtinCheckDigit(body));
        const key = normalizeGtin(upc);
        expect(key).toHaveLength(14);
        expect(normalizeGtin(`0${upc}`)).toBe(key);
        expect(normalizeGtin(`00${upc}`)).toBe(key);
      }),
    );
    expect(barcodeKey('85123A')).toBe('85123A');
    expect(barcodeKey('036000291452')).toBe('00036000291452');
  });
});

describe('price verifier digits (GS1 7.9.3)', () => {
  it.each([
    ['2875', 9],
    ['14685', 6],
    ['0000', 0],
    ['00000', 0],
  ])('%s → %d', (field, digit) => {
    expect(priceVerifierDigit(field)).toBe(digit);
  });

  it('exists for every field of 4 or 5 digits and for nothing else', () => {
    for (let n = 0; n < 10_000; n++) {
      const digit = priceVerifierDigit(String(n).padStart(4, '0'));
      expect(digit).toBeGreaterThanOrEqual(0);
      expect(digit).toBeLessThanOrEqual(9);
    }
    fc.assert(
      fc.property(digits(5), (field) => {
        expect(priceVerifierDigit(field)).toBeGreaterThanOrEqual(0);
      }),
    );
    for (const field of ['', '123', '123456', '12a4'])
      expect(priceVerifierDigit(field)).toBeUndefined();
  });
});
