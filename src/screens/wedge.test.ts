import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WedgeRecogniser, type WedgeWord } from './wedge.ts';

/** Types `text` with a gap before each key and `end` after the last; answers with the last word. */
function type(text: string, gaps: (n: number) => number, end = 'Enter'): WedgeWord {
  const wedge = new WedgeRecogniser();
  let atMs = 1_000;
  [...text].forEach((key, n) => wedge.feed(key, (atMs += gaps(n))));
  return wedge.feed(end, atMs + gaps(text.length));
}

const scan = (code: string, before = ''): WedgeWord => ({ kind: 'scan', before, code });

describe('a wedge is known by speed and terminator', () => {
  test.each([
    ['a fast scanner', '9520000000014', 2],
    ['a slow wireless one', '9520000000014', 28],
    ['one at a machine that is busy all the time', '9520000000014', 110],
    ['a PLU', '4011', 8],
    ['letters', 'S01-T1A-S-17', 10],
  ])('%s is a scan', (_name, code, gapMs) => {
    expect(type(code, () => gapMs)).toEqual(scan(code));
  });

  test('Tab ends a scan too, and Shift or a lock between the keys is no key', () => {
    expect(type('85123A', () => 5, 'Tab')).toEqual(scan('85123A'));
    const wedge = new WedgeRecogniser();
    ['8', '5', 'CapsLock', 'Shift', 'A', 'B'].forEach((key, n) => wedge.feed(key, n * 5));
    expect(wedge.feed('Enter', 30)).toEqual(scan('85AB'));
  });

  test.each([
    ['a person', 'apples', 90],
    ['a quick typist', 'apples', 60],
    ['an amount', '2000', 60],
    ['a large amount', '1250000', 60],
    ['a barcode that is read off and typed', '9520000000014', 180],
    ['too short', '123', 2],
  ])('%s is no scan', (_name, text, gapMs) => {
    expect(type(text, () => gapMs)).toEqual({ kind: 'none' });
  });

  test('Enter after a pause is a person’s, however fast the keys came', () => {
    expect(type('9520000000014', (n) => (n === 13 ? 500 : 3))).toEqual({ kind: 'none' });
  });

  test('an arrow or Backspace in between ends the burst', () => {
    const wedge = new WedgeRecogniser();
    ['1', '2', '3', 'Backspace', '4'].forEach((key, n) => wedge.feed(key, n * 3));
    expect(wedge.feed('Enter', 16)).toEqual({ kind: 'none' });
  });

  test('what was typed by hand before a pause is not part of the code', () => {
    const wedge = new WedgeRecogniser();
    wedge.feed('3', 0);
    wedge.feed('*', 200);
    const first = wedge.feed('9', 900);
    expect(first).toEqual({ kind: 'key', starts: true });
    [...'5200014'].forEach((key, n) => wedge.feed(key, 905 + n * 5));
    expect(wedge.feed('Enter', 945)).toEqual(scan('95200014'));
  });

  test('a quantity that was typed right before the scan is none of its digits', () => {
    const gaps = (n: number): number => (n < 3 ? 150 : 4);
    expect(type('12*9520000000014', gaps)).toEqual(scan('9520000000014', '12*'));
    expect(type('0,5×9520000000014', gaps)).toEqual(scan('9520000000014', '0,5×'));
  });

  test('a code is never cut: no single key that comes late loses those before it', () => {
    const code = '9526919415106';
    const gap = fc.integer({ min: 0, max: 13 });
    fc.assert(
      fc.property(gap, fc.integer({ min: 20, max: 390 }), (late, lateMs) => {
        expect(type(code, (n) => (n === late ? lateMs : 3))).toEqual(scan(code));
      }),
    );
  });

  test('property: whatever delays a machine puts between a barcode’s keys, it is the whole code or none', () => {
    const code = fc.stringMatching(/^[0-9]{8,14}$/);
    const gaps = fc.array(fc.integer({ min: 0, max: 399 }), { minLength: 15, maxLength: 15 });
    fc.assert(
      fc.property(code, gaps, (text, each) => {
        const word = type(text, (n) => each[n] ?? 0);
        if (word.kind === 'scan') expect(word).toEqual(scan(text));
        const meanMs =
          each.slice(1, text.length + 1).reduce((sum, ms) => sum + ms, 0) / text.length;
        expect(word.kind).toBe(meanMs <= 120 ? 'scan' : 'none');
      }),
    );
  });

  test('property: any printable code at scanner speed is that code; at typing speed one of letters is none', () => {
    const code = fc
      .stringMatching(/^[!-~]{4,40}$/)
      .filter((text) => /[a-z]/.test(text) && !/[*×]/.test(text));
    fc.assert(
      fc.property(code, fc.integer({ min: 0, max: 28 }), (text, gapMs) => {
        expect(type(text, () => gapMs)).toEqual(scan(text));
        expect(type(text, () => 46 + gapMs)).toEqual({ kind: 'none' });
      }),
    );
  });
});
