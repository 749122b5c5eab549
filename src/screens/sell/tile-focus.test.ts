import { expect, test } from 'vitest';
import { nextPlace } from './tile-focus.ts';

/** Three in a row, two beneath. */
const places = [0, 100, 200, 0, 100].map((x, n) => ({ x, y: n < 3 ? 0 : 80 }));

test.each([
  ['ArrowRight', 0, 1],
  ['ArrowRight', 2, 3],
  ['ArrowRight', 4, 4],
  ['ArrowLeft', 0, 0],
  ['ArrowDown', 1, 4],
  ['ArrowDown', 2, 4],
  ['ArrowDown', 3, 3],
  ['ArrowUp', 4, 1],
  ['ArrowUp', 1, 1],
  ['Enter', 1, undefined],
])('%s from %i goes to %s', (key, from, to) => {
  expect(nextPlace(key, places, from, false)).toBe(to);
});

test('right to left the arrows go the way that they point', () => {
  expect(nextPlace('ArrowLeft', places, 0, true)).toBe(1);
  expect(nextPlace('ArrowRight', places, 1, true)).toBe(0);
});

test('a key from elsewhere is nothing', () => {
  expect(nextPlace('ArrowDown', places, -1, false)).toBeUndefined();
});
