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
  expect(lineNotes(line(more), 'EUR', true)).toEqual(notes);
});

test('goods without money say no price', () => {
  expect(lineNotes(line({ quantityMilli: 4_000, unitPriceE4: 0 }), 'EUR', false)).toEqual([]);
});
