import { expect, test } from 'vitest';
import { readTypedEntry } from './typed-entry.ts';

test.each([
  ['jam', { text: 'jam' }],
  ['  jam jar ', { text: 'jam jar' }],
  ['3*', { quantityMilli: 3_000, text: '' }],
  ['3*jam', { quantityMilli: 3_000, text: 'jam' }],
  ['3 * jam', { quantityMilli: 3_000, text: 'jam' }],
  ['0.75*apples', { quantityMilli: 750, text: 'apples' }],
  ['0,75×apples', { quantityMilli: 750, text: 'apples' }],
  ['12*9520000000014', { quantityMilli: 12_000, text: '9520000000014' }],
  ['0*jam', { problem: 'badQuantity', text: 'jam' }],
  ['-2*jam', { problem: 'badQuantity', text: 'jam' }],
  ['1e9*jam', { problem: 'badQuantity', text: 'jam' }],
  ['0.0001*jam', { problem: 'badQuantity', text: 'jam' }],
  ['9999*jam', { quantityMilli: 9_999_000, text: 'jam' }],
  ['99999999*', { problem: 'tooMany', text: '' }],
  ['9520000000014*jam', { problem: 'tooMany', text: 'jam' }],
  ['*', { problem: 'badQuantity', text: '' }],
  ['2*3*jam', { quantityMilli: 2_000, text: '3*jam' }],
])('%j is read as %j', (typed, entry) => {
  expect(readTypedEntry(typed)).toEqual(entry);
});
