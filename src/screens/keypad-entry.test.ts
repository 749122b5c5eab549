import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KeypadKey, keypadKeyOf, pressed, valueOf } from './keypad-entry.ts';

const euros = { scale: 2, max: 1_000_000 };
const type = (keys: string, shape = euros): string =>
  [...keys].reduce(
    (text, key) => pressed(text, key === '<' ? 'back' : (key as KeypadKey), shape),
    '',
  );

test.each([
  ['10', '10', 1_000],
  ['8.88', '8.88', 888],
  ['.5', '0.5', 50],
  ['5.', '5.', 500],
  ['007', '7', 700],
  ['1.2.3', '1.23', 123],
  ['1.239', '1.23', 123],
  ['12<<', '', undefined],
  ['<', '', undefined],
  // Beyond the largest amount a digit has no effect.
  ['99999', '9999', 999_900],
])('P9: the keys %s show %s and stand for %s', (keys, text, value) => {
  expect(type(keys)).toBe(text);
  expect(valueOf(text, euros)).toBe(value);
});

test('a currency without decimals has no point', () => {
  expect(type('1.5', { scale: 0, max: 1_000 })).toBe('15');
});

test.each([
  ['7', '7'],
  [',', '.'],
  ['Backspace', 'back'],
  ['a', undefined],
  ['F1', undefined],
])('the key %s of a keyboard is %s', (key, expected) => {
  expect(keypadKeyOf(key)).toBe(expected);
});

test('property: whatever is pressed, the text is empty or a figure within its bounds', () => {
  const key = fc.constantFrom<KeypadKey>('0', '1', '5', '9', '.', 'back');
  fc.assert(
    fc.property(fc.array(key, { maxLength: 30 }), (keys) => {
      const text = keys.reduce((typed, next) => pressed(typed, next, euros), '');
      if (text !== '') expect(valueOf(text, euros)).toBeLessThanOrEqual(euros.max);
    }),
  );
});
