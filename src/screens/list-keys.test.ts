import { expect, test } from 'vitest';
import { listKeyOf, rowAfter, steppedIn } from './list-keys.ts';

const key = (name: string, more = {}) => ({
  key: name,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  defaultPrevented: false,
  ...more,
});

test.each([
  ['ArrowDown', 'next'],
  ['ArrowUp', 'previous'],
  ['Home', 'first'],
  ['End', 'last'],
  ['Enter', 'open'],
  ['Escape', 'back'],
  ['j', 'type'],
  ['7', 'type'],
  ['ñ', 'type'],
  ['?', undefined],
  [' ', undefined],
  ['Tab', undefined],
  ['F12', undefined],
])('in a list %s means %s', (name, meaning) => {
  expect(listKeyOf(key(name))).toBe(meaning);
});

test.each([['ctrlKey'], ['metaKey'], ['altKey'], ['defaultPrevented']])(
  'a key with %s is somebody else’s',
  (how) => {
    expect(listKeyOf(key('Enter', { [how]: true }))).toBeUndefined();
  },
);

test.each([
  [0, -1, 1, -1],
  [3, -1, 1, 0],
  [3, -1, -1, 2],
  [3, 0, -1, 0],
  [3, 1, 1, 2],
  [3, 2, 1, 2],
] as const)('of %i rows, from %i by %i the marked one is %i', (rows, marked, step, next) => {
  expect(steppedIn(rows, marked, step)).toBe(next);
});

test.each([
  ['next', 3, -1, 0],
  ['next', 3, 2, 2],
  ['previous', 3, 1, 0],
  ['first', 3, 2, 0],
  ['last', 3, -1, 2],
  ['first', 0, -1, undefined],
  ['open', 3, 1, undefined],
  [undefined, 3, 1, undefined],
] as const)('%s of %i rows from %i leads to %s', (meaning, rows, marked, row) => {
  expect(rowAfter(meaning, rows, marked)).toBe(row);
});
