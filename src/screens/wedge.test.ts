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

describe('a wedge is known by speed and terminator', () => {
  test.each([
    ['a fast scanner', '9520000000014', 2],
    ['a slow wireless one', '9520000000014', 28],
    ['a PLU', '4011', 8],
    ['letters', 'S01-T1A-S-17', 10],
  ])('%s is a scan', (_name, code, gapMs) => {
    expect(type(code, () => gapMs)).toEqual({ kind: 'scan', code });
  });

  test('Tab ends a scan too, and Shift between the keys is no key', () => {
    expect(type('85123A', () => 5, 'Tab')).toEqual({ kind: 'scan', code: '85123A' });
    const wedge = new WedgeRecogniser();
    ['8', '5', 'Shift', 'A', 'B'].forEach((key, n) => wedge.feed(key, n * 5));
    expect(wedge.feed('Enter', 25)).toEqual({ kind: 'scan', code: '85AB' });
  });

  test.each([
    ['a person', 'apples', 90],
    ['a quick typist', 'apples', 60],
    ['too short', '123', 2],
  ])('%s is no scan', (_name, text, gapMs) => {
    expect(type(text, () => gapMs)).toEqual({ kind: 'none' });
  });

  test('Enter after a pause is a person’s, however fast the keys came', () => {
    expect(type('9520000000014', (n) => (n === 13 ? 200 : 3))).toEqual({ kind: 'none' });
  });

  test('an arrow or Backspace in between ends the burst', () => {
    const wedge = new WedgeRecogniser();
    ['1', '2', '3', 'Backspace', '4'].forEach((key, n) => wedge.feed(key, n * 3));
    expect(wedge.feed('Enter', 16)).toEqual({ kind: 'none' });
  });

  test('what was typed by hand before is not part of the code', () => {
    const wedge = new WedgeRecogniser();
    wedge.feed('3', 0);
    wedge.feed('*', 200);
    const first = wedge.feed('9', 900);
    expect(first).toEqual({ kind: 'key', starts: true });
    [...'5200014'].forEach((key, n) => wedge.feed(key, 905 + n * 5));
    expect(wedge.feed('Enter', 945)).toEqual({ kind: 'scan', code: '95200014' });
  });

  test('property: any printable code at scanner speed is that code; at typing speed it is none', () => {
    const code = fc.stringMatching(/^[!-~]{4,40}$/);
    fc.assert(
      fc.property(code, fc.integer({ min: 0, max: 29 }), (text, gapMs) => {
        expect(type(text, () => gapMs)).toEqual({ kind: 'scan', code: text });
        expect(type(text, () => 46 + gapMs)).toEqual({ kind: 'none' });
      }),
    );
  });
});
