import { expect, test } from 'vitest';
import { documentsQuery } from '#lib/host/screen-schemas.ts';
import { readFilter } from '../server/read-filter.ts';
import { addressOf, filterNames, readAmount } from './documents-filter.ts';

const read = (asked: URLSearchParams) => readFilter(asked, filterNames, documentsQuery);

test.each([
  [{}, '/documents'],
  [{ terminal: 'T1' }, '/documents?terminal=T1'],
  [
    { terminal: 'T2', businessDay: '2026-11-20', amountMinor: 1_250 },
    '/documents?terminal=T2&businessDay=2026-11-20&amountMinor=1250',
  ],
])('%j has the address %s, and the other way round', (filter, address) => {
  expect(addressOf(filter)).toBe(address);
  const asked = new URL(address, 'http://till').searchParams;
  expect(read(asked)).toEqual({ filter, isMisread: false, limit: expect.any(Number) });
});

test.each(['businessDay=2026-02-30', 'amountMinor=-5', 'amountMinor=1e9', "terminal=';--"])(
  'what is no filter narrows nothing, and is told: %s',
  (query) => {
    const { filter, isMisread } = read(new URLSearchParams(query));
    expect([filter, isMisread]).toEqual([{}, true]);
  },
);

test.each([
  ['12.50', 1_250],
  ['12,5', 1_250],
  ['€ 12.50', 1_250],
  ['−12.50', 1_250],
  ['1,250.00', 125_000],
  ['12.505', undefined],
  ['S01', undefined],
  ['', undefined],
])('the amount %j is %j', (typed, minor) => {
  expect(readAmount(typed, 'EUR')).toBe(minor);
});
