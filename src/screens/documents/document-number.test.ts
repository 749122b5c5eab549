import { expect, test } from 'vitest';
import type { EntryHash } from '#lib/domain/ids.ts';
import { documentHref, hrefOf, readNumber, returnHref } from './document-number.ts';

test.each([
  ['S01-T1A-S-17', 'S01-T1A-S-17'],
  [' s01-t1a-s-17 ', 'S01-T1A-S-17'],
  ['S01–T1A—S−17', 'S01-T1A-S-17'],
  ['S01 - T1A - S - 17', 'S01-T1A-S-17'],
  ['17', undefined],
  ['', undefined],
  ['S01-T1A-S-017', undefined],
  ['<img src=x>', undefined],
])('the number %j is read as %s', (typed, number) => {
  expect(readNumber(typed)).toBe(number);
});

test('addresses of a document say which of several is meant', () => {
  expect(documentHref('S01-T1A-S-17')).toBe('/documents/S01-T1A-S-17');
  expect(documentHref('S01-T1A-S-17', 'a_b')).toBe('/documents/S01-T1A-S-17?hash=a_b');
  expect(returnHref('S01-T1A-S-17')).toBe('/documents/S01-T1A-S-17/return');
  expect(returnHref('S01-T1A-S-17', 'a_b')).toBe('/documents/S01-T1A-S-17/return?hash=a_b');
});

test('a list’s link says which one is meant only where two have one number', () => {
  const document = (number: string, hash: string) => ({ number, hash: hash as EntryHash });
  const [a, b, c] = [
    document('S01-T1A-S-1', 'x'),
    document('S01-T1A-S-1', 'y'),
    document('N', 'z'),
  ];
  expect([a, b, c].map((one) => hrefOf(one, [a, b, c]))).toEqual([
    '/documents/S01-T1A-S-1?hash=x',
    '/documents/S01-T1A-S-1?hash=y',
    '/documents/N',
  ]);
  expect(hrefOf(a, [a, c])).toBe('/documents/S01-T1A-S-1');
});
