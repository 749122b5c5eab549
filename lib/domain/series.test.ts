import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSeriesLetter, type SeriesLetter, type StoreId, type TerminalId } from './ids.ts';
import { formatNumber, nextLetter, ownLetter, parseNumber } from './series.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 17 });

const letter = (text: string) => text as SeriesLetter;
const store = fc.stringMatching(/^[A-Z][A-Z0-9]{0,7}$/).map((text) => text as StoreId);
const terminal = fc.stringMatching(/^[A-Z]{1,3}[0-9]{1,4}$/).map((text) => text as TerminalId);
const anyLetter = fc.stringMatching(/^[A-Z]{1,2}(?:[BCDFGHJKLMNPQRSTVWXZ]{5})?$/).map(letter);

describe('P3: document numbers', () => {
  it('prints as store, terminal with letter, code, number', () => {
    const parts = {
      store: 'S01' as StoreId,
      terminal: 'T1' as TerminalId,
      letter: letter('A'),
      code: 'S',
      n: 17,
    };
    expect(formatNumber(parts)).toBe('S01-T1A-S-17');
    expect(parseNumber('S01-T1A-S-17')).toStrictEqual(parts);
  });

  it('reads back what it prints, and no two documents share a number', () => {
    const parts = fc
      .tuple(
        store,
        terminal,
        anyLetter,
        fc.constantFrom('S', 'R', 'A', 'L', 'C', 'Z'),
        fc.integer({ min: 1, max: 999_999_999_999_999 }),
      )
      .map(([store, terminal, letter, code, n]) => ({ store, terminal, letter, code, n }));

    fc.assert(
      fc.property(parts, (one) => {
        expect(parseNumber(formatNumber(one))).toStrictEqual(one);
      }),
    );
  });

  it.each([
    '',
    'S01-T1A-S-0',
    'S01-T1A-S-01',
    'S01-T1-S-1',
    'S01-T1A-S-1 ',
    'S01-T1A-S-1e3',
    's01-T1A-S-1',
    'S01-T1A-S--1',
    `S01-T1A-S-${'9'.repeat(16)}`,
  ])('reads no number in %j', (text) => {
    expect(parseNumber(text)).toBeUndefined();
  });
});

describe('P3: a new life takes a new letter', () => {
  it.each([
    [[], 'A'],
    [['A'], 'B'],
    [['A', 'C'], 'D'],
    [['Z'], 'AA'],
    [['AA', 'B'], 'AB'],
    [['AZ'], 'BA'],
    [['ABCDFG'], 'B'],
    [['ABBCDFG', 'C'], 'AC'],
  ])('after %j comes %s', (used, next) => {
    expect(nextLetter(used.map(letter))).toBe(next);
  });

  it('walks through all 702 without repeating one, then says that there are no more', () => {
    const seen = new Set<SeriesLetter>();
    let last: SeriesLetter | undefined;
    for (let i = 0; i < 702; i++) {
      last = nextLetter(last === undefined ? [] : [last]);
      expect(isSeriesLetter(last)).toBe(true);
      seen.add(last);
    }
    expect(seen.size).toBe(702);
    expect(last).toBe('ZZ');
    expect(() => nextLetter([letter('ZZ')])).toThrow();
  });

  it('a life begun offline keeps its root and draws five consonants', () => {
    expect(ownLetter(letter('A'), new Uint8Array(6))).toBe('ABBBBB');
    expect(() => ownLetter(letter('A'), new Uint8Array(5))).toThrow();
    fc.assert(
      fc.property(anyLetter, fc.uint8Array({ minLength: 6, maxLength: 16 }), (root, random) => {
        const own = ownLetter(root, random);
        expect(isSeriesLetter(own)).toBe(true);
        // The root survives any number of lives, so that letters never grow.
        const again = ownLetter(own, random);
        expect(again).toBe(own);
        expect(own.startsWith(root.length > 2 ? root.slice(0, -5) : root)).toBe(true);
      }),
    );
  });

  it('spreads own letters over all 3.2 million', () => {
    const drawn = new Set<string>();
    for (let i = 0; i < 2_000; i++) {
      const random = new Uint8Array([0, 0, 0, i >> 8, i & 255, (i * 37) & 255]);
      drawn.add(ownLetter(letter('A'), random));
    }
    expect(drawn.size).toBe(2_000);
  });
});
