import { expect, it } from 'vitest';
import { TillmeshError } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { Bars, barShape, barsInMemory } from './bars.ts';
import type { Bar } from './bars.ts';

const peer = 'S01-T2-0000000000000001' as Principal;
const bar: Bar = { peer, code: 'ENTRY_FORGED', atMs: 5 };

it('a bar outlives the process, the first offence stays on record, a pardon is final', () => {
  const store = barsInMemory();
  const bars = new Bars(store);
  bars.add(bar);
  bars.add({ ...bar, code: 'OVER_LIMIT', atMs: 9 });
  const again = new Bars(store);
  expect(again.list()).toEqual([bar]);
  expect(again.pardon(peer)).toBe(true);
  expect(again.pardon(peer)).toBe(false);
  expect(new Bars(store).has(peer)).toBe(false);
});

it('a terminal is barred and pardoned with all its lives: it begins one at will', () => {
  const bars = new Bars(barsInMemory());
  bars.add(bar);
  const nextLife = 'S01-T2-0000000000000002' as Principal;
  expect(bars.has(nextLife)).toBe(true);
  expect(bars.has('S01-T20-0000000000000001' as Principal)).toBe(false);
  bars.add({ ...bar, peer: nextLife });
  expect(bars.list()).toEqual([bar]);
  expect(bars.pardon(nextLife)).toBe(true);
  expect(bars.has(peer)).toBe(false);
});

it('a pardon that cannot be saved is none', () => {
  const bars = new Bars({
    load: () => [bar],
    save: () => {
      throw new TillmeshError('DISK_FULL');
    },
  });
  expect(() => bars.pardon(peer)).toThrow(expect.objectContaining({ code: 'DISK_FULL' }));
  expect(bars.has(peer)).toBe(true);
});

it('what a store reads back has the shape of a bar, codes of later versions included', () => {
  expect(barShape.safeParse({ ...bar, code: 'TOMORROW' }).success).toBe(true);
  expect(barShape.safeParse({ ...bar, peer: '__proto__' }).success).toBe(false);
  expect(barShape.safeParse({ ...bar, atMs: -1 }).success).toBe(false);
});
