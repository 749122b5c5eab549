import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foldCart,
  isCartId,
  linesOf,
  payCommandOf,
  readDeskRecord,
  readEnvelope,
  type DeskRecord,
  type Folded,
} from './desk-cart.ts';
import { parseCommand } from './commands.ts';

const cart = 'T1-0123456789abcdef0123';
let hashes = 0;
function edit(terminal: string, clock: number, more: object): DeskRecord {
  const at = clock.toString(16).padStart(16, '0');
  const value = { v: 1, at, terminal, by: `op-${terminal}`, cart, ...more };
  const record = readDeskRecord(value, String(hashes++).padStart(4, '0'));
  if (!record) throw new Error('no edit');
  return record;
}
const line = (quantityMilli: number, more: object = {}) => ({
  sku: 'TEA',
  quantityMilli,
  order: 0,
  ...more,
});
function cartOf(folded: Folded) {
  if (folded.kind !== 'cart') throw new Error(folded.kind);
  return folded.cart;
}

describe('a cart is what its edits make of it', () => {
  it('the newest by clock stands, line by line, whoever came first', () => {
    const edits = [
      edit('T1', 10, { state: 'open', lines: { a: line(1_000) } }),
      edit('T1', 20, { lines: { b: line(2_000, { order: 1 }) } }),
      edit('T1', 30, { lines: { a: line(3_000), c: { into: 'a' } } }),
      edit('T1', 40, { lines: { b: line(2_000, { order: 1, removed: true }) } }),
    ];
    const folded = cartOf(foldCart(edits));
    expect(folded).toMatchObject({ id: cart, terminal: 'T1', operator: 'op-T1', state: 'open' });
    expect(linesOf(folded)).toEqual([{ id: 'a', line: line(3_000) }]);
    expect(folded.lines.get('c')).toEqual({ into: 'a' });
  });

  it('P4: the order of arrival says nothing', () => {
    const edits = [
      edit('T1', 10, { state: 'open', lines: { a: line(1_000) } }),
      edit('T1', 20, { state: 'parked' }),
      edit('T2', 30, { state: 'open', lines: { b: line(1_000) } }),
      edit('T3', 30, { state: 'open', lines: { c: line(1_000) } }),
      edit('T3', 35, { state: 'paid', number: 'S01-T3A-S-1' }),
      edit('T2', 40, { lines: { d: line(4_000) } }),
      edit('T2', 40, { lines: { d: line(5_000) } }),
    ];
    const wanted = foldCart(edits);
    expect(cartOf(wanted)).toMatchObject({ terminal: 'T2', state: 'open' });
    expect([...cartOf(wanted).lines.keys()]).toEqual(['a', 'b', 'd']);
    fc.assert(
      fc.property(fc.shuffledSubarray(edits, { minLength: edits.length }), (shuffled) => {
        expect(foldCart(shuffled)).toEqual(wanted);
      }),
      { seed: 5 },
    );
  });

  it('P4: goes on from what older edits made as if all were folded at once', () => {
    const edits = [
      edit('T1', 10, { state: 'open', lines: { a: line(1_000) } }),
      edit('T1', 20, { lines: { b: line(2_000, { order: 1 }) } }),
      edit('T1', 30, { state: 'parked', edits: 2 }),
      edit('T2', 40, { state: 'open', lines: { a: line(3_000) } }),
      edit('T1', 50, { lines: { a: line(9_000) } }),
    ];
    for (let n = 1; n < edits.length; n++) {
      const before = cartOf(foldCart(edits.slice(0, n)));
      const lines = new Map(before.lines);
      expect(foldCart(edits.slice(n), before)).toEqual(foldCart(edits));
      expect(before.lines).toEqual(lines);
    }
  });

  it('a terminal changes only what it holds; a parked cart is anybody’s', () => {
    const begun = edit('T1', 10, { state: 'open', lines: { a: line(1_000) } });
    const foreign = [
      edit('T2', 20, { lines: { a: line(9_000) } }),
      edit('T2', 21, { state: 'open' }),
      edit('T2', 22, { state: 'paid', number: 'S01-T2A-S-1' }),
      edit('T2', 23, { lines: { a: { sku: 7 } } }),
    ];
    expect(cartOf(foldCart([begun, ...foreign]))).toEqual(cartOf(foldCart([begun])));
    const recalled = [
      begun,
      edit('T1', 12, { state: 'parked' }),
      edit('T2', 20, { state: 'open' }),
    ];
    expect(cartOf(foldCart(recalled))).toMatchObject({ terminal: 'T2', operator: 'op-T2' });
    const late = edit('T1', 30, { lines: { a: line(2_000) } });
    expect(linesOf(cartOf(foldCart([...recalled, late])))).toEqual([
      { id: 'a', line: line(1_000) },
    ]);
  });

  it('P4: an open cart is taken over from whoever holds it, by one, with all that it was seen with', () => {
    const begun = edit('T1', 10, { state: 'open', lines: { a: line(1_000) } });
    const more = edit('T1', 12, { lines: { b: line(2_000, { order: 1 }) } });
    const taken = edit('T2', 20, { state: 'open', takes: 'T1', edits: 2 });
    const all = [
      begun,
      more,
      taken,
      // The second to take it, one who means another holder, and what the first holder did not know.
      edit('T3', 21, { state: 'open', takes: 'T1', edits: 2 }),
      edit('T3', 22, { state: 'open', takes: 'T9' }),
      edit('T1', 23, { lines: { c: line(9_000) } }),
      edit('T2', 30, { state: 'paid', number: 'S01-T2A-S-1' }),
    ];
    const wanted = cartOf(foldCart(all));
    expect(wanted).toMatchObject({ terminal: 'T2', operator: 'op-T2', state: 'paid', edits: 4 });
    expect([...wanted.lines.keys()]).toEqual(['a', 'b']);
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (shuffled) => {
        expect(cartOf(foldCart(shuffled))).toEqual(wanted);
      }),
      { seed: 7 },
    );
    // Who took more than what is here has it when that has come; no number hides it from its holder meanwhile.
    const first = cartOf(foldCart([begun]));
    expect(cartOf(foldCart([begun, taken]))).toEqual(first);
    for (const edits of [3, 1e15])
      expect(
        cartOf(foldCart([begun, edit('T3', 11, { state: 'open', takes: 'T1', edits })])),
      ).toEqual(first);
    // Of a paid cart there is nothing to take.
    const late = edit('T3', 40, { state: 'open', takes: 'T2', edits: 4 });
    expect(cartOf(foldCart([...all, late]))).toEqual(wanted);
  });

  it('P9: a parked cart is nobody’s before all that was in it is here', () => {
    const edits = [
      edit('T1', 10, { state: 'open', lines: { a: line(1_000) } }),
      // Not the holder’s: it makes nothing of the cart, and does not count.
      edit('T2', 11, { lines: { x: line(9_000) } }),
      edit('T1', 12, { lines: { b: line(2_000, { order: 1 }) } }),
      edit('T1', 20, { lines: { a: line(3_000) } }),
      edit('T1', 30, { state: 'parked', edits: 3 }),
    ];
    expect(cartOf(foldCart(edits))).toMatchObject({ state: 'parked', edits: 4 });
    for (const missing of [2, 3])
      expect(foldCart(edits.filter((_, n) => n !== missing))).toEqual({ kind: 'none' });
    const recalled = edit('T2', 40, { state: 'open' });
    expect(foldCart([...edits.slice(0, 3), edits[4], recalled].flatMap((e) => e ?? []))).toEqual({
      kind: 'none',
    });
    expect(cartOf(foldCart([...edits, recalled]))).toMatchObject({ terminal: 'T2', edits: 5 });
    // Whoever does not hold it cannot hide it.
    const stranger = edit('T3', 35, { state: 'parked', edits: 1_000 });
    expect(cartOf(foldCart([...edits.slice(0, 4), stranger]))).toMatchObject({ state: 'open' });
  });

  it('nobody can begin another till’s cart, or make it unreadable, by a clock that is behind', () => {
    const begun = edit('T1', 10, { state: 'open', lines: { a: line(1_000) } });
    const stolen = [
      edit('T2', 5, { state: 'open', lines: { a: line(9_000) } }),
      edit('T2', 6, { state: 'frozen' }),
    ];
    expect(cartOf(foldCart([...stolen, begun]))).toEqual(cartOf(foldCart([begun])));
    expect(foldCart(stolen)).toEqual({ kind: 'none' });
  });

  it.each(['paid', 'cleared'])('what is %s stays so', (state) => {
    const edits = [
      edit('T1', 10, { state: 'open', lines: { a: line(1_000) } }),
      edit('T1', 20, { state }),
      edit('T1', 30, { state: 'open', lines: { b: line(1_000) } }),
    ];
    expect(cartOf(foldCart(edits))).toMatchObject({ state });
    expect(cartOf(foldCart(edits)).lines.size).toBe(1);
  });

  it.each([
    ['a price that is none', { lines: { a: { ...line(1_000), unitPriceE4: -1 } } }],
    ['a quantity of nothing', { lines: { a: line(0) } }],
    ['a state of a later version', { state: 'frozen' }],
    ['a line that has no name', { lines: { '': line(1_000) } }],
  ])('%s makes the whole cart unreadable: half of one would be charged', (_, more) => {
    const begun = edit('T1', 10, { state: 'open', lines: { z: line(1_000) } });
    expect(foldCart([begun, edit('T1', 20, more)])).toMatchObject({ kind: 'unreadable' });
  });

  it('fields of a later version are passed over, and what begins nothing is no cart', () => {
    const begun = edit('T1', 10, {
      state: 'open',
      colour: 'blue',
      lines: { a: line(1, { x: 1 }) },
    });
    expect(foldCart([begun])).toMatchObject({ kind: 'cart' });
    expect(foldCart([edit('T1', 10, { lines: { a: line(1_000) } })])).toEqual({ kind: 'none' });
    expect(foldCart([])).toEqual({ kind: 'none' });
  });
});

describe('what is an edit at all', () => {
  const good = { v: 1, at: '000000000000000a', terminal: 'T1', by: 'ann', cart };
  it.each([
    [{ ...good, at: 'now' }],
    [{ ...good, terminal: 'till' }],
    [{ ...good, by: '' }],
    [{ ...good, cart: 'short' }],
    [{ ...good, v: 0 }],
    [[good]],
    ['text'],
    [undefined],
  ])('%j is not', (value) => {
    expect(readEnvelope(good)).toMatchObject(good);
    expect(readEnvelope(value)).toBeUndefined();
  });

  it('a cart’s id with `pay-` before it is a command id, at its longest too', () => {
    for (const id of [cart, `T1-${'a'.repeat(16)}`, 'ABC1234-_'.padEnd(58, '9')]) {
      expect(isCartId(id)).toBe(true);
      const sale = { kind: 'CompleteSale', by: 'ann', tenders: [{ kind: 'cash', givenMinor: 1 }] };
      const lines = [{ sku: 'TEA', quantityMilli: 1_000 }];
      expect(parseCommand({ ...sale, lines, command: payCommandOf(id) })).toMatchObject({
        ok: true,
      });
    }
    for (const id of [`T1-${'a'.repeat(15)}`, 'T1-'.padEnd(60, 'a'), 'a'.repeat(20), `${cart}.`, 7])
      expect(isCartId(id)).toBe(false);
  });
});
