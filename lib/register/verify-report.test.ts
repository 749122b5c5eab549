import { expect, test } from 'vitest';
import { ranges, verificationOf, type Problem } from './verify-report.ts';

test.each([
  [[], ''],
  [[5], '5'],
  [[3, 4, 5, 6, 7, 9], '3–7, 9'],
  [[9, 3, 4, 4], '3–4, 9'],
  [Array.from({ length: 30 }, (_, n) => n * 2), '0, 2, 4, 6, 8, 10, 12, 14, 16, 18 and 20 more'],
])('%j is written %s', (numbers, text) => {
  expect(ranges(numbers)).toBe(text);
});

test('problems that differ only in the entry are one line; every one of them is in the values', () => {
  const problem = (seq: number, what = 'gone'): Problem => ({
    kind: 'missing',
    where: 'projections.db',
    seq,
    what,
  });
  const problems = [
    ...Array.from({ length: 9 }, (_, n) => problem(n + 2)),
    problem(30),
    problem(4, 'else'),
  ];
  const found = {
    directory: 'd',
    role: 'register',
    journals: [],
    series: [],
    stores: [],
    noticed: [],
    more: 0,
  };
  const result = verificationOf({ ...found, problems });
  expect(result.lines.slice(1)).toEqual([
    '11 problems:',
    '  missing: projections.db seq 2–10, 30: gone',
    '  missing: projections.db seq 4: else',
  ]);
  expect(result.problems).toHaveLength(11);
});
