import { expect, test } from 'vitest';
import type { DocumentLine } from '#lib/domain/bodies.ts';
import type { Sku } from '#lib/domain/ids.ts';
import { lineNotes, quantityText } from './receipt-words.ts';

const line = (more: Partial<DocumentLine>): DocumentLine => ({
  sku: 'JAM' as Sku,
  name: 'Jam',
  quantityMilli: 1_000,
  unitPriceE4: 25_500,
  amountMinor: 255,
  ...more,
});

test.each([
  [2_000, '2'],
  [-1_000, '−1'],
  [750, '0.750 kg'],
  [-250, '−0.250 kg'],
])('%i thousandths are %s', (milli, text) => {
  expect(quantityText(milli)).toBe(text);
});

test.each([
  [{}, []],
  [{ quantityMilli: 2_000 }, ['2 × 2.55']],
  [{ quantityMilli: 750 }, ['0.750 kg × 2.55 /kg']],
  [{ discountMinor: 50 }, ['−0.50 discount']],
  [{ override: 'Damaged', batch: 'B7' }, ['Price typed: Damaged', 'Batch B7']],
] as const)('under a line with %j stands %j', (more, notes) => {
  expect(lineNotes(line(more), { currency: 'EUR', hasMoney: true })).toEqual(notes);
});

test('goods without money say no price', () => {
  const goods = line({ quantityMilli: 4_000, unitPriceE4: 0 });
  expect(lineNotes(goods, { currency: 'EUR', hasMoney: false })).toEqual([]);
});

test.each([
  ['a whole kilogram is a weight', { quantityMilli: 1_000 }, ['1.000 kg × 2.55 /kg']],
  [
    'a discount names who approved it',
    { discountMinor: 50, approvedBy: 'sue' },
    ['1.000 kg × 2.55 /kg', '−0.50 discount', 'Approved by Sue'],
  ],
  [
    'or who was allowed to give it',
    { override: 'Damaged' },
    ['1.000 kg × 2.55 /kg', 'Price typed: Damaged', 'Given by Max'],
  ],
  [
    'of a return the discount has the other sign',
    { quantityMilli: -1_000, discountMinor: -50 },
    ['−1.000 kg × 2.55 /kg', '+0.50 discount', 'Given by Max'],
  ],
] as const)('weighed: %s', (_, more, notes) => {
  const names: Readonly<Record<string, string>> = { sue: 'Sue', max: 'Max' };
  const nameOf = (id: string): string => names[id] ?? id;
  const context = { currency: 'EUR', hasMoney: true, weighed: true, nameOf, servedBy: 'max' };
  expect(lineNotes(line(more), context)).toEqual(notes);
});
