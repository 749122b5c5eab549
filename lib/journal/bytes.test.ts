import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concatBytes, equalBytes, fromBase64Url, fromHex, toBase64Url, toHex } from './bytes.ts';

const bytes = fc.uint8Array({ maxLength: 80 });

describe('bytes as text', () => {
  // RFC 4648 §10, without padding.
  it.each([
    ['', ''],
    ['f', 'Zg'],
    ['fo', 'Zm8'],
    ['foo', 'Zm9v'],
    ['foob', 'Zm9vYg'],
    ['fooba', 'Zm9vYmE'],
    ['foobar', 'Zm9vYmFy'],
    ['\u00fb\u00ef\u00ff', '--__'],
  ])('base64url of "%s"', (plain, text) => {
    const given = Uint8Array.from(plain, (character) => character.charCodeAt(0));
    expect(toBase64Url(given)).toBe(text);
    expect(fromBase64Url(text)).toEqual(given);
  });

  it.each(['Z', 'Zg==', 'Zh', 'Zm9', 'Zm9v\n', 'Zm9v ', 'Zm+v', 'Zm/v', 'Zmé9', 'A'.repeat(5)])(
    'J2: "%s" is no base64url: each value has one text',
    (text) => {
      expect(fromBase64Url(text)).toBeUndefined();
    },
  );

  it('J2: both forms come back, and no two texts stand for the same bytes', () => {
    fc.assert(
      fc.property(bytes, (given) => {
        expect(fromHex(toHex(given))).toEqual(given);
        expect(toHex(given)).toBe(Buffer.from(given).toString('hex'));
        expect(toBase64Url(given)).toBe(Buffer.from(given).toString('base64url'));
        expect(fromBase64Url(toBase64Url(given))).toEqual(given);
      }),
      { seed: 1 },
    );
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'AQgwZz-_9+='), maxLength: 9 }), (text) => {
        const read = fromBase64Url(text);
        if (read) expect(toBase64Url(read)).toBe(text);
      }),
      { seed: 2, numRuns: 1_000 },
    );
  });

  it('joins and compares by value', () => {
    fc.assert(
      fc.property(fc.array(bytes, { maxLength: 5 }), (parts) => {
        const joined = concatBytes(parts);
        expect([...joined]).toEqual(parts.flatMap((part) => [...part]));
        expect(equalBytes(joined, joined.slice())).toBe(true);
        expect(equalBytes(joined, concatBytes([joined, Uint8Array.of(0)]))).toBe(false);
        if (joined.length === 0) return;
        const other = joined.slice();
        other[joined.length - 1] = (other.at(-1) ?? 0) ^ 1;
        expect(equalBytes(joined, other)).toBe(false);
      }),
      { seed: 3 },
    );
  });
});
