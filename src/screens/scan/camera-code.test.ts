import { describe, expect, test } from 'vitest';
import { codeOf, expandedUpcE, ShownCodes } from './camera-code.ts';

describe('what a camera reads', () => {
  test.each([
    ['ean_13', '4006381333931', '4006381333931'],
    ['ean_13', '4006381333932', undefined],
    ['ean_8', '96385074', '96385074'],
    ['upc_a', '036000291452', '036000291452'],
    ['upc_e', '04252614', '042100005264'],
    ['upc_e', '04252615', undefined],
    ['code_128', ' A-17 ', 'A-17'],
    ['qr_code', 'https://example.org/x', 'https://example.org/x'],
    ['qr_code', '  ', undefined],
  ])('%s %s', (format, rawValue, code) => expect(codeOf({ format, rawValue })).toBe(code));

  // GS1 General Specifications, figure 5.2.2.4: one for each way of leaving out zeros.
  test.each([
    ['01234505', '012000003455'],
    ['01234514', '012100003454'],
    ['01234523', '012200003453'],
    ['01234531', '012300000451'],
    ['01234543', '012340000053'],
    ['01234558', '012345000058'],
    ['01234596', '012345000096'],
    ['21234505', undefined],
    ['0123', undefined],
    ['abcdefgh', undefined],
  ])('UPC-E %s is %s', (text, code) => expect(expandedUpcE(text)).toBe(code));
});

test('a code in the picture is one scan, until it was away', () => {
  const shown = new ShownCodes();
  expect(shown.seen(['a'], 0)).toEqual(['a']);
  expect(shown.seen(['a', 'b', 'b'], 200)).toEqual(['b']);
  for (let ms = 400; ms < 5_000; ms += 200) expect(shown.seen(['a'], ms)).toEqual([]);
  // One picture in which it was not found is not away yet.
  expect(shown.seen([], 5_000)).toEqual([]);
  expect(shown.seen(['a'], 5_200)).toEqual([]);
  expect(shown.seen(['a', 'b'], 6_500)).toEqual(['a', 'b']);
});
