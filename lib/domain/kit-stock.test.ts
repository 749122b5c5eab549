import { expect, test } from 'vitest';
import type { Sku } from './ids.ts';
import { kitStockMilli } from './kit-stock.ts';

const [tea, cup] = ['TEA', 'CUP'] as Sku[] as [Sku, Sku];
const kit = [
  { sku: tea, quantityMilli: 1_000 },
  { sku: cup, quantityMilli: 2_000 },
];

test.each([
  ['as many as the scarcest component makes', 10_000, 7_000, 3_000],
  ['whole ones only', 1_500, 9_000, 1_000],
  ['none where a component is missing', 10_000, 0, 0],
  ['none where a component was sold below nothing', 10_000, -4_000, 0],
])('a kit: %s', (_, teaMilli, cupMilli, expected) => {
  expect(kitStockMilli(kit, (sku) => (sku === tea ? teaMilli : cupMilli))).toBe(expected);
});
