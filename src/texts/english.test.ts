import { expect, test } from 'vitest';
import { formatAmount, formatKind } from './english.ts';

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
  ['oversell', 'Oversell'],
  ['over-refund', 'Over refund'],
  ['concurrentCount', 'Concurrent count'],
])('the kind %s reads %s', (kind, shown) => {
  expect(formatKind(kind)).toBe(shown);
});
