import { expect, test } from 'vitest';
import { isTooMuchCash, mostChangeMinor } from './cash-given.ts';
import { currencyCodes } from './currency.ts';
import { limits } from './limits.ts';

test.each([
  ['a note of 200 for a chewing gum', 20_000, 50, 'EUR', false],
  ['two of the largest notes', 100_000, 829, 'EUR', false],
  ['a large sum in notes', 5_000_000, 4_999_900, 'EUR', false],
  ['a point that was forgotten', 829_000, 829, 'EUR', true],
  ['a barcode in the field', 952_691_941_510_6, 829, 'EUR', true],
  ['all digits that there are', 999_999_999_900, 829, 'EUR', true],
  ['two notes of a currency without decimals', 20_000, 300, 'JPY', false],
  ['three of them', 30_000, 300, 'JPY', true],
])('P9: %s', (_name, given, due, currency, isTooMuch) => {
  expect(isTooMuchCash(given, due, currency)).toBe(isTooMuch);
});

test('each currency has a limit, and one that an amount can reach', () => {
  for (const code of currencyCodes) {
    expect(mostChangeMinor(code)).toBeGreaterThan(0);
    expect([code, mostChangeMinor(code) < limits.amountMinor]).toEqual([code, true]);
  }
});
