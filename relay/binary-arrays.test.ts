import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeArray, storableText } from './binary-arrays.ts';

/** Reads the format as `array_recv` does; written from the format, not from the encoder. */
function decode(buffer: Buffer): { oid: number; values: (Buffer | null)[] } {
  const dimensions = buffer.readInt32BE(0);
  const oid = buffer.readInt32BE(8);
  if (dimensions === 0) return { oid, values: [] };
  expect(dimensions).toBe(1);
  expect(buffer.readInt32BE(16)).toBe(1);
  const values: (Buffer | null)[] = [];
  let at = 20;
  for (let i = 0; i < buffer.readInt32BE(12); i++) {
    const size = buffer.readInt32BE(at);
    at += 4;
    values.push(size < 0 ? null : buffer.subarray(at, at + size));
    at += Math.max(size, 0);
  }
  expect(at).toBe(buffer.length);
  expect(buffer.readInt32BE(4)).toBe(values.includes(null) ? 1 : 0);
  return { oid, values };
}

describe('binary arrays', () => {
  it.each([
    ['text', 25],
    ['int8', 20],
    ['int4', 23],
    ['bytea', 17],
  ] as const)('an empty %s array has no dimension', (type, oid) => {
    expect(decode(encodeArray(type, []))).toEqual({ oid, values: [] });
  });

  it('texts come back, whatever is in them', () => {
    const texts = fc.array(fc.option(fc.string({ unit: 'binary' })));
    fc.assert(
      fc.property(texts, (values) => {
        const read = decode(encodeArray('text', values)).values;
        expect(read.map((each) => each?.toString('utf8') ?? null)).toEqual(values);
      }),
      { seed: 3, numRuns: 200 },
    );
  });

  it('P9: every exact integer comes back exactly', () => {
    const edges = [
      0,
      -1,
      2 ** 31,
      -(2 ** 31) - 1,
      2 ** 32,
      -(2 ** 32),
      2 ** 53 - 1,
      -(2 ** 53) + 1,
    ];
    const integers = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(...edges), fc.constant(null));
    fc.assert(
      fc.property(fc.array(integers), (values) => {
        const read = decode(encodeArray('int8', values)).values;
        expect(read.map((each) => each && Number(each.readBigInt64BE()))).toEqual(
          values.map((value) => (value === 0 ? 0 : value)),
        );
      }),
      { seed: 4, numRuns: 300 },
    );
  });

  it('bytes and small integers come back', () => {
    const bytes = [new Uint8Array([0, 255, 1]), new Uint8Array(0), null];
    expect(decode(encodeArray('bytea', bytes)).values.map((each) => each && [...each])).toEqual([
      [0, 255, 1],
      [],
      null,
    ]);
    const small = decode(encodeArray('int4', [7, -7, 2_147_483_647])).values;
    expect(small.map((each) => each?.readInt32BE())).toEqual([7, -7, 2_147_483_647]);
    // A larger one is a fault of one document, never a wrapped figure.
    expect(() => encodeArray('int4', [2_147_483_648])).toThrow(RangeError);
  });

  it('a text without U+0000 is itself; with it, the picture of it', () => {
    expect(storableText('Ünï\n')).toBe('Ünï\n');
    expect(storableText('a\0b\0')).toBe('a␀b␀');
  });
});
