import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { composeInStoreCode, isInStorePattern, readInStoreCode } from './in-store-barcode.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 12 });

const price = { pattern: '21 IIIII PPPPP C' };
const weight = { pattern: '2? IIIII WWWWW C' };
const british = { pattern: '20 IIIII V PPPP C' };

describe('in-store barcodes', () => {
  it('price 19.99 of item 12345 is 2112345019994', () => {
    expect(composeInStoreCode(price, '12345', 1_999)).toBe('2112345019994');
    expect(readInStoreCode('2112345019994', [price, weight])).toStrictEqual({
      item: '12345',
      kind: 'price',
      value: 1_999,
      decimals: 2,
    });
  });

  it('0.750 kg of item 12345 is 2812345007501', () => {
    expect(composeInStoreCode({ pattern: '28 IIIII WWWWW C' }, '12345', 750)).toBe('2812345007501');
    expect(readInStoreCode('2812345007501', [price, weight])).toStrictEqual({
      item: '12345',
      kind: 'weight',
      value: 750,
      decimals: 3,
    });
  });

  it('a wrong check digit, verifier digit, prefix or length is no in-store code', () => {
    for (const code of [
      '2112345019995',
      '2212345019994',
      '211234501999',
      '4006381333931',
      '',
      'x',
    ]) {
      expect(readInStoreCode(code, [price])).toBeUndefined();
    }
    const right = composeInStoreCode(british, '12345', 2_875) ?? '';
    expect(right.slice(0, 12)).toBe('201234592875');
    expect(readInStoreCode(right, [british])).toMatchObject({ item: '12345', value: 2_875 });
    // Another verifier digit with a check digit that fits it.
    expect(readInStoreCode('2012345128756', [british])).toBeUndefined();
  });

  it.each([
    ['21 IIIII PPPPP C', true],
    ['2? IIIII WWWWW C', true],
    ['20 IIIII V PPPP C', true],
    ['2 IIIII V PPPP C', true],
    ['21 IIIII PPPPP', false],
    ['21 IIIII PPWWW C', false],
    ['21 PPPPP PPPPP C', false],
    ['21 III II PPPPP', false],
    ['21 IIPPIIIPPP C', false],
    ['21 IIIII V PP ?? C', false],
    ['', false],
  ])('the pattern %j can be used: %s', (pattern, usable) => {
    expect(isInStorePattern(pattern)).toBe(usable);
  });

  it('reads what it has composed, and refuses what does not fit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(price, weight, british),
        fc.integer({ min: 0, max: 99_999 }),
        fc.integer({ min: 0, max: 9_999 }),
        (pattern, itemNumber, value) => {
          const item = String(itemNumber).padStart(5, '0');
          const code = composeInStoreCode(pattern, item, value);
          expect(readInStoreCode(code ?? '', [pattern])).toMatchObject({ item, value });
        },
      ),
    );
    expect(composeInStoreCode(price, '1234', 1)).toBeUndefined();
    expect(composeInStoreCode(price, '12345', 100_000)).toBeUndefined();
    expect(composeInStoreCode(price, '12345', -1)).toBeUndefined();
  });
});
