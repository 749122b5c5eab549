import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeCanonical } from '../journal/canonical-json.ts';
import { DeskCarts } from './desk-carts.ts';

const [first, second] = ['T1-0123456789abcdef0123', 'T2-0123456789abcdef0123'];
const line = (quantityMilli: number) => ({ sku: 'TEA', quantityMilli, order: 0 });
const edit = (cart: string, terminal: string, clock: number, more: object): Uint8Array =>
  encodeCanonical({
    v: 1,
    at: clock.toString(16).padStart(16, '0'),
    terminal,
    by: 'ann',
    cart,
    ...more,
  });

const edits = [
  edit(first, 'T1', 10, { state: 'open', lines: { a: line(1_000) } }),
  edit(second, 'T2', 11, { state: 'open', lines: { x: line(7_000) } }),
  edit(first, 'T1', 12, { lines: { b: line(2_000) } }),
  edit(first, 'T2', 13, { lines: { b: line(9_000) } }),
  edit(first, 'T1', 20, { state: 'parked', edits: 2 }),
  edit(first, 'T2', 30, { state: 'open', lines: { a: line(3_000) } }),
  edit(first, 'T1', 31, { state: 'cleared' }),
  // Unreadable, of nobody who holds the cart; then of its holder.
  edit(second, 'T1', 35, { lines: { x: line(-1) } }),
  edit(second, 'T2', 40, { state: 'frozen' }),
  edit(first, 'T2', 50, { state: 'paid', number: 'S01-T2A-S-1' }),
];

const cartsOf = (batches: readonly (readonly Uint8Array[])[]) => {
  const carts = new DeskCarts(() => undefined);
  for (const batch of batches) carts.read(batch);
  return new Map([...carts.values()].map((cart) => [cart.id, cart]));
};

it('P4: edits in any order, in any parts and more than once make the same carts', () => {
  const wanted = cartsOf([edits]);
  expect(wanted.get(first)).toMatchObject({ state: 'paid', terminal: 'T2', edits: 5 });
  expect(wanted.has(second)).toBe(false);
  const parts = fc.array(fc.subarray(edits), { maxLength: 6 });
  const order = fc.shuffledSubarray(edits, { minLength: edits.length });
  fc.assert(
    fc.property(parts, order, fc.nat(edits.length), (before, all, cut) => {
      expect(cartsOf([...before, all.slice(0, cut), all.slice(cut)])).toEqual(wanted);
    }),
    { seed: 7, numRuns: 500 },
  );
});
