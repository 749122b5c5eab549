import { expect, test } from 'vitest';
import {
  formatAmount,
  formatDay,
  formatKind,
  formatMinor,
  formatMoney,
  formatMovement,
  formatNames,
  formatPrice,
  formatQuantity,
  formatSince,
  formatStock,
  formatTender,
  formatWait,
} from './format.ts';
import { pluralIn } from './plural.ts';

test.each([
  ['0', '0'],
  ['0.00', '0.00'],
  ['748957.02', '748,957.02'],
  ['-1234.5', '−1,234.5'],
  ['9007199254740993.01', '9,007,199,254,740,993.01'],
  ['-0.05', '−0.05'],
  ['not a number', 'not a number'],
])('P9: %s is shown as %s, digit by digit', (decimal, shown) => {
  expect(formatAmount(decimal)).toBe(shown);
});

test.each([
  [888, 'EUR', '8.88', '€8.88'],
  [-125, 'GBP', '−1.25', '−£1.25'],
  [5, 'EUR', '0.05', '€0.05'],
  [1_250, 'JPY', '1,250', '¥1,250'],
  // Display habits say 0 digits for both of these; ISO 4217 says 3 and 2.
  [1_250, 'IQD', '1.250', 'IQD 1.250'],
  [1_250, 'HUF', '12.50', 'Ft 12.50'],
  [999_999_999_999, 'EUR', '9,999,999,999.99', '€9,999,999,999.99'],
])('P9: %i minor units of %s are %s, alone %s', (minor, currency, inColumn, alone) => {
  expect(formatMinor(minor, currency)).toBe(inColumn);
  expect(formatMoney(minor, currency).replaceAll('\u00a0', ' ')).toBe(alone);
});

test.each([
  [25_500, 'EUR', '2.55'],
  [19_900, 'JPY', '1.99'],
  [12_345, 'EUR', '1.2345'],
  [120_000, 'JPY', '12'],
])('a unit price of %i ten-thousandths of %s is %s', (price, currency, shown) => {
  expect(formatPrice(price, currency)).toBe(shown);
});

test.each([
  [2_000, false, '2'],
  [1_500, false, '1.5'],
  [750, true, '0.750'],
  [-3_000, false, '−3'],
])('%i thousandths (weighed: %s) are %s', (milli, weighed, shown) => {
  expect(formatQuantity(milli, weighed)).toBe(shown);
});

test('stock and movements carry unit and sign', () => {
  expect(formatStock(31_250, true)).toBe('31.25 kg');
  expect(formatMovement(2_000, false)).toBe('+2');
  expect(formatMovement(-2_000, false)).toBe('−2');
});

test.each([
  [400, '1 second'],
  [5_000, '5 seconds'],
  [1_799_001, '30 minutes'],
])('a wait of %i ms reads %s', (waitMs, shown) => {
  expect(formatWait(waitMs)).toBe(shown);
});

test('a moment of another day says which', () => {
  const at = (day: number): number => new Date(2026, 10, day, 14, 3, 22).getTime();
  expect(formatSince(at(2), at(2))).toBe('14:03:22');
  expect(formatSince(at(2), at(3))).toBe('2 Nov 2026, 14:03:22');
});

test('more than three names are counted', () => {
  expect(formatNames(['a', 'b', 'c'])).toBe('a, b, c');
  expect(formatNames(['a', 'b', 'c', 'd'])).toBe('a, b, c and 1 more');
});

test('a business day belongs to no zone', () => {
  expect(formatDay('2026-11-20')).toBe('20 November 2026');
  expect(formatDay('someday')).toBe('someday');
});

test.each([
  ['oversell', 'Oversell'],
  ['over-refund', 'Over refund'],
  ['concurrentCount', 'Concurrent count'],
])('the kind %s reads %s', (kind, shown) => {
  expect(formatKind(kind)).toBe(shown);
});

test('a way to pay that has no text, or an inherited name, is spelt out', () => {
  expect(formatTender('cash')).toBe('Cash');
  expect(formatTender('gift-card')).toBe('Gift card');
  expect(formatTender('toString')).toBe('To string');
});

test('plural forms follow the language', () => {
  const forms = { one: '# till', few: '# tills (few)', other: '# tills' };
  expect(pluralIn('en')(1, forms)).toBe('1 till');
  expect(pluralIn('en')(1_200, forms)).toBe('1,200 tills');
  expect(pluralIn('ar')(3, forms)).toContain('(few)');
});
