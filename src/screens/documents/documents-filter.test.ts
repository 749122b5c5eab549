import { expect, test } from 'vitest';
import { filterOf } from '../server/documents-filter.ts';
import { addressOf, readAmount } from './documents-filter.ts';

test.each([
  [{}, '/documents'],
  [{ terminal: 'T1' }, '/documents?terminal=T1'],
  [
    { terminal: 'T2', businessDay: '2026-11-20', amountMinor: 1_250 },
    '/documents?terminal=T2&businessDay=2026-11-20&amountMinor=1250',
  ],
])('%j has the address %s, and the other way round', (filter, address) => {
  expect(addressOf(filter)).toBe(address);
  expect(filterOf(new URL(address, 'http://till').searchParams)).toEqual(filter);
});

test.each(['businessDay=2026-02-30', 'amountMinor=-1', 'amountMinor=1e9', "terminal=';--", 'x=1'])(
  'what is no filter narrows nothing: %s',
  (query) => {
    expect(filterOf(new URLSearchParams(query))).toEqual({});
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
