import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { canonicalText, decodeCanonical, encodeCanonical, type Json } from './canonical-json.ts';

const malformed = (error: unknown): boolean => isTillmeshError(error, 'ENTRY_MALFORMED');
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** Text that UTF-8 can carry. */
const text = fc.string({ unit: 'binary' });
const key = text.filter((name) => name !== '__proto__');
const value = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger().map((whole) => whole + 0),
    text,
    fc.array(tie('any'), { maxLength: 5 }),
    fc.dictionary(key, tie('any'), { maxKeys: 5, noNullPrototype: true }),
  ),
})).any;

describe('J1: canonical JSON', () => {
  it.each<[string, unknown, string]>([
    [
      'keys in the order of UTF-16 code units',
      { b: 1, a: 2, B: 3, '': 4 },
      '{"":4,"B":3,"a":2,"b":1}',
    ],
    // RFC 8785 §3.2.3, with its own keys.
    [
      'RFC 8785’s example of sorting',
      {
        '\u20ac': 'Euro Sign',
        '\r': 'Carriage Return',
        '\ufb33': 'Hebrew Letter Dalet With Dagesh',
        '1': 'One',
        '\ud83d\ude00': 'Emoji: Grinning Face',
        '\u0080': 'Control',
        '\u00f6': 'Latin Small Letter O With Diaeresis',
      },
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis",' +
        '"€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ],
    // RFC 8785 §3.2.2.2: what must be escaped, and only that.
    [
      'RFC 8785’s example of strings',
      '\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\\"/',
      '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
    ],
    ['short escapes', '\b\t\n\f\r\u0000\u001f\u007f', '"\\b\\t\\n\\f\\r\\u0000\\u001f\u007f"'],
    ['line separators stand as they are', '\u2028\u2029', '"\u2028\u2029"'],
    ['literals', [null, true, false], '[null,true,false]'],
    [
      'whole numbers',
      [0, -1, 9007199254740991, -9007199254740991],
      '[0,-1,9007199254740991,-9007199254740991]',
    ],
    ['absent members are absent', { a: undefined, b: 1 }, '{"b":1}'],
    ['nothing', {}, '{}'],
    [
      'objects without a prototype',
      Object.assign(Object.create(null) as object, { a: 1 }),
      '{"a":1}',
    ],
  ])('writes %s', (_, given, expected) => {
    expect(canonicalText(given)).toBe(expected);
    expect(encodeCanonical(given)).toEqual(bytesOf(expected));
  });

  it.each<[string, unknown]>([
    ['a fraction', 0.1],
    ['minus zero', -0],
    ['minus zero, deep inside', { a: [1, -0] }],
    ['a number beyond what is exact', 2 ** 53],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a lone high surrogate', 'a\ud800b'],
    ['a lone low surrogate', '\udc00'],
    ['surrogates the wrong way round', '\udc00\ud800'],
    ['a lone surrogate as a key', { '\ud800': 1 }],
    ['undefined', undefined],
    ['undefined in a list', [undefined]],
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['a big integer', 1n],
    ['a date', new Date(0)],
    ['a map', new Map([['a', 1]])],
    ['bytes', new Uint8Array(2)],
    ['an instance of a class', new URL('https://example.com')],
    ['a key __proto__', JSON.parse('{"__proto__":1}')],
    ['a key __proto__, deep inside', { a: JSON.parse('[{"__proto__":{}}]') as unknown }],
  ])('X14: refuses to write %s', (_, given) => {
    expect(() => encodeCanonical(given)).toThrow(expect.toSatisfy(malformed));
  });

  it.each<[string, string]>([
    ['a blank', '{ }'],
    ['a line end', '{}\n'],
    ['keys out of order', '{"b":1,"a":2}'],
    ['a key twice', '{"a":1,"a":1}'],
    ['an exponent', '1e3'],
    ['a fraction that is whole', '1.0'],
    ['minus zero', '-0'],
    ['a fraction', '0.5'],
    ['a number beyond what is exact', '9007199254740992'],
    ['an escape that need not be', '"\\u0041"'],
    ['an escaped slash', '"\\/"'],
    ['capital hex digits', '"\\u000F"'],
    ['an escaped lone surrogate', '"\\ud800"'],
    ['a key __proto__', '{"__proto__":1}'],
    ['a byte order mark', '\ufeff{}'],
    ['two values', '{}{}'],
    ['nothing at all', ''],
    ['no JSON', 'sale'],
  ])('X14: refuses to read %s', (_, given) => {
    expect(() => decodeCanonical(bytesOf(given))).toThrow(expect.toSatisfy(malformed));
  });

  it('refuses bytes that are not UTF-8', () => {
    for (const bytes of [
      [0x22, 0xff, 0x22],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
    ])
      expect(() => decodeCanonical(Uint8Array.from(bytes))).toThrow(expect.toSatisfy(malformed));
  });

  it('bounds how deep values nest, on both sides', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect(canonicalText(decodeCanonical(bytesOf(nested(limits.jsonDepth))))).toBe(
      nested(limits.jsonDepth),
    );
    expect(() => decodeCanonical(bytesOf(nested(limits.jsonDepth + 1)))).toThrow(
      expect.toSatisfy(malformed),
    );
    expect(() => decodeCanonical(bytesOf(nested(100_000)))).toThrow(expect.toSatisfy(malformed));
  });

  it('J1: what is written is read as the same value, whatever the order of its members', () => {
    fc.assert(
      fc.property(value, (given) => {
        const bytes = encodeCanonical(given);
        expect(decodeCanonical(bytes)).toEqual(given);
        expect(encodeCanonical(reversed(given))).toEqual(bytes);
      }),
      { seed: 1, numRuns: 500 },
    );
  });

  it('J1: an altered byte is refused or another value, never the same one', () => {
    fc.assert(
      fc.property(value, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, mask) => {
        const bytes = encodeCanonical(given);
        const altered = bytes.slice();
        const at = place % altered.length;
        altered[at] = (altered[at] ?? 0) ^ mask;
        let read: Json;
        try {
          read = decodeCanonical(altered);
        } catch (error) {
          expect(error).toSatisfy(malformed);
          return;
        }
        expect(encodeCanonical(read)).toEqual(altered);
        expect(read).not.toEqual(given);
      }),
      { seed: 2, numRuns: 1_000 },
    );
  });
});

/** The same value with the members of every object in another order. */
function reversed(given: Json): Json {
  if (Array.isArray(given)) return given.map((item: Json) => reversed(item));
  if (given === null || typeof given !== 'object') return given;
  return Object.fromEntries(
    Object.entries(given)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  );
}
