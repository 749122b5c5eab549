import { expect, test } from 'vitest';
import { formatHlc } from '../journal/hybrid-clock.ts';
import { Doubles } from './doubles.ts';

const terminalKey = 'a'.repeat(64);
const double = {
  type: 'double',
  store: 'S01',
  terminal: 'T2',
  terminalKey,
  incarnation: '00000000000000b2',
  at: formatHlc(9_000, 0),
};
const record = (fields: object, list = 'notices') =>
  ({ rule: { list, store: 'S01' }, fields }) as never;

test('P4: of two relays’ words on one key the earlier one stands, in whichever order they come', () => {
  const earlier = { ...double, at: formatHlc(4_000, 0), incarnation: '00000000000000b1' };
  for (const order of [
    [double, earlier],
    [earlier, double],
  ]) {
    const doubles = new Doubles();
    for (const fields of order) doubles.learn(record(fields));
    expect(doubles.list()).toEqual([earlier]);
    expect(doubles.has({ store: 'S01' as never, terminalKey })).toBe(true);
  }
});

test('what is no such notice says nothing', () => {
  const doubles = new Doubles();
  doubles.learn(record(double, 'roster'));
  for (const broken of [
    { ...double, type: 'revocation' },
    { ...double, store: 'S02' },
    { ...double, terminalKey: 'short' },
    { ...double, at: 'yesterday' },
    {},
  ])
    doubles.learn(record(broken));
  expect(doubles.list()).toEqual([]);
});
