import { cbor } from '@automerge/automerge-repo';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { scanCbor } from './cbor-scan.ts';

const limits = { depth: 8, items: 1_000 };
const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(Buffer.from(hex.replace(/ /g, ''), 'hex'));
const nested = (depth: number): Uint8Array => bytes(`${'81'.repeat(depth)}01`);

describe('scanCbor', () => {
  it('takes whatever our encoder writes of plain values', () => {
    const { tie } = fc.letrec((again) => ({
      tie: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, undefined, true, false, 0, -1, 2 ** 32, 2 ** 53, -1.5, Number.NaN),
        fc.integer(),
        fc.string(),
        fc.uint8Array({ maxLength: 300 }),
        fc.array(again('tie'), { maxLength: 5 }),
        fc.dictionary(fc.string(), again('tie'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(tie, (value) => {
        scanCbor(cbor.encode(value), limits);
      }),
    );
  });

  it('throws nothing but FRAME_MALFORMED, whatever the bytes, and what it takes can be decoded', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (noise) => {
        try {
          scanCbor(noise, limits);
        } catch (error) {
          expect(isTillmeshError(error, 'FRAME_MALFORMED')).toBe(true);
          return;
        }
        taken += 1;
        expect(() => cbor.decode(noise)).not.toThrow();
      }),
      { numRuns: 5_000, seed: 11 },
    );
    expect(taken).toBeGreaterThan(0);
  });

  it.each([
    ['nothing', ''],
    ['two values', '0101'],
    ['a tag', 'c001'],
    ['a record definition', 'd9dfff830180'],
    ['an endless array', '9f01ff'],
    ['an endless map', 'bfff'],
    ['endless bytes', '5f4101ff'],
    ['a lone break', 'ff'],
    ['a reserved length', '1c'],
    ['an unknown simple value', 'e0'],
    ['a one-byte simple value', 'f820'],
    ['a number for a key', 'a10102'],
    ['bytes for a key', 'a1410102'],
    ['bytes beyond the end', '4401'],
    ['bytes of 2^64 − 1', '5bffffffffffffffff'],
    ['an array of 4 billion', '9affffffff'],
    ['a map cut short', 'a16161'],
    ['a float cut short', 'fb00'],
    ['a length cut short', '19'],
  ])('refuses %s', (_name, hex) => {
    expect(() => scanCbor(bytes(hex), limits)).toThrow(
      expect.objectContaining({ code: 'FRAME_MALFORMED' }),
    );
  });

  it('bounds depth and number of values exactly', () => {
    scanCbor(nested(8), limits);
    expect(() => scanCbor(nested(9), limits)).toThrow(/too deep/);
    const row = (length: number): Uint8Array => cbor.encode(new Array<number>(length).fill(1));
    scanCbor(row(999), limits);
    expect(() => scanCbor(row(1_000), limits)).toThrow(/too many/);
  });

  it('needs no stack: a million levels are refused like nine', () => {
    expect(() => scanCbor(new Uint8Array(1_000_000).fill(0x81), limits)).toThrow(/too deep/);
  });
});
