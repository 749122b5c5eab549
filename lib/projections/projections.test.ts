import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { JournalKey, SeriesLetter, StoreId } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { Projections } from './projections.ts';
import { businessDay, SampleJournal, sku } from './sample-entries.ts';
import { referenceFacts, referenceStock } from './sample-reference.ts';
import { history, shopHistory } from './sample-shop.ts';

const opened: Projections[] = [];

function open(own?: JournalKey): Projections {
  const projections = Projections.open({ file: ':memory:', store: 'S01' as StoreId, own });
  opened.push(projections);
  return projections;
}

function folded(entries: readonly VerifiedEntry[], own?: JournalKey): Projections {
  const projections = open(own);
  projections.fold(entries);
  return projections;
}

afterEach(() => {
  for (const projections of opened.splice(0)) projections.close();
});

const letterA = 'A' as SeriesLetter;

describe('the fold', () => {
  it('P4: an entry that comes twice counts once', () => {
    const t1 = new SampleJournal('T1');
    const sale = t1.sell([{ code: 'P1', milli: 2000, minor: 250 }]);
    const projections = open(t1.key);
    expect(projections.fold([sale, sale])).toMatchObject({ added: 1, repeated: 1 });
    expect(projections.fold([sale])).toMatchObject({ added: 0, repeated: 1 });
    expect(projections.stock(sku('P1'))).toBe(-2000);
    expect(projections.totals()).toMatchObject({
      documents: 1,
      lines: 1,
      totalMinor: { GBP: 250 },
      byType: { SaleCompleted: { documents: 1 } },
    });
  });

  it('P4: entries beyond a gap count, and the cursor waits before it', () => {
    const t1 = new SampleJournal('T1');
    t1.begin();
    t1.sell([{ code: 'P1', milli: 1000 }]);
    t1.sell([{ code: 'P1', milli: 1000 }]);
    const [first, second, third] = t1.entries;
    const projections = open();
    projections.fold([first, third].filter((one) => one !== undefined));
    expect(projections.cursor(t1.key)).toEqual({ seq: 1, hash: first?.hash });
    expect(projections.lastSeq(t1.key)).toBe(3);
    expect(projections.stock(sku('P1'))).toBe(-1000);
    expect(projections.numbers()).toMatchObject([{ series: 'S01-T1A-S', last: 2, holes: 1 }]);
    // What is missing may still come: nothing to look at yet.
    expect(projections.flagCounts()).toEqual({ oversell: 1 });
    projections.fold([second].filter((one) => one !== undefined));
    expect(projections.cursor(t1.key)).toEqual({ seq: 3, hash: third?.hash });
    expect(projections.numbers()).toMatchObject([{ first: 1, last: 2, holes: 0, doubles: 0 }]);
  });

  it('P8: a bad body and an unknown type are kept, counted, and stop nothing', () => {
    const t1 = new SampleJournal('T1');
    t1.begin();
    const bad = t1.write('SaleCompleted', { number: 'S01-T1A-S-1', lines: [{ sku: '__proto__' }] });
    t1.write('DrawerKicked', { by: 'a later version' });
    t1.sell([{ code: 'P1', milli: 1000 }]);
    const projections = open();
    expect(projections.fold(t1.entries)).toEqual({
      added: 4,
      repeated: 0,
      unknown: 1,
      refused: 1,
      forked: 0,
    });
    expect(projections.notFolded()).toEqual({ unknown: 1, refused: 1 });
    expect(projections.cursor(t1.key)?.seq).toBe(4);
    expect(projections.totals().documents).toBe(1);
    expect(projections.flags({ kind: 'refused-document' })).toMatchObject([
      { subject: [t1.key, 2, bad.hash], cause: { type: 'SaleCompleted' } },
    ]);
    projections.dropJournal(t1.key);
    expect(projections.flagCounts()).toEqual({});
  });

  it('P8: quantities whose sum is beyond any number that is exact stop nothing', () => {
    const t1 = new SampleJournal('T1');
    const line = { code: 'P1', milli: 1_000_000_000_000 };
    for (let i = 0; i < 12; i++) t1.adjust(Array.from({ length: 1000 }, () => line));
    const projections = folded(t1.entries);
    expect(projections.stock(sku('P1'))).toBe(Number.MAX_SAFE_INTEGER);
    expect(projections.stockHash()).toHaveLength(64);
    for (let i = 0; i < 12; i++)
      t1.adjust(Array.from({ length: 1000 }, () => ({ ...line, milli: -line.milli })));
    t1.adjust([{ code: 'P1', milli: 7 }]);
    projections.fold(t1.entries);
    expect(projections.stock(sku('P1'))).toBe(7);
  });

  it('P3: the next number follows the own journal, whatever others wrote under its series', () => {
    const t1 = new SampleJournal('T1');
    const forger = new SampleJournal('T2');
    t1.sell([{ code: 'P1', milli: 1000 }]);
    forger.sell([{ code: 'P1', milli: 1000 }], { number: 'S01-T1A-S-900' });
    const projections = folded([...t1.entries, ...forger.entries], t1.key);
    expect(projections.lastNumber(letterA, 'S')).toBe(1);
    expect(projections.lastNumber(letterA, 'R')).toBe(0);
    expect(projections.lastNumber('B' as SeriesLetter, 'S')).toBe(0);
  });

  it('P3: a command that was carried out is known by what it became, in the own journal first', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t1.begin();
    t1.sell([{ code: 'P1', milli: 1000 }], { command: 'cart-0001' });
    t2.sell([{ code: 'P1', milli: 1000 }], { command: 'cart-0002' });
    const projections = folded([...t1.entries, ...t2.entries], t1.key);
    expect(projections.commandSeen('cart-0001')).toMatchObject({ seq: 2, number: 'S01-T1A-S-1' });
    // Paid at another till meanwhile: pressing Pay here gives that document, not a second one.
    expect(projections.commandSeen('cart-0002')).toMatchObject({ journal: t2.key, seq: 1 });
    expect(projections.commandSeen('cart-0003')).toBeUndefined();
  });

  it('P9: a closing counts the own journal’s turnover since the last one, closings not among the documents', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    const sale = t1.sell([{ code: 'P1', milli: 1000, minor: 1999 }]);
    t1.giveBack({ journal: t1.key, seq: sale.entry.seq }, [
      { code: 'P1', milli: 1000, minor: 500, ofLine: 0 },
    ]);
    t1.write('DayClosed', {
      number: t1.number('Z'),
      businessDay,
      documents: 2,
      totalMinor: 1499,
      currency: 'GBP',
    });
    t2.sell([{ code: 'P1', milli: 1000, minor: 77 }]);
    const projections = folded([...t1.entries, ...t2.entries], t1.key);
    // Closed once more it counts nothing again.
    expect(projections.toClose([])).toEqual({ documents: 0, totalMinor: 0, lives: [] });
    t1.sell([{ code: 'P1', milli: 1000, minor: 5 }]);
    projections.fold(t1.entries);
    expect(projections.toClose([])).toEqual({ documents: 1, totalMinor: 5, lives: [] });
    expect(projections.totals()).toMatchObject({ documents: 5, totalMinor: { GBP: 1581 } });
  });

  it('P6: a batch has its own stock, and the product’s is their sum', () => {
    const t1 = new SampleJournal('T1');
    t1.adjust([
      { code: 'P1', milli: 5000, batch: 'L1' },
      { code: 'P1', milli: 3000, batch: 'L2' },
    ]);
    t1.count([{ code: 'P1', milli: 4000, seen: [t1], batch: 'L1' }]);
    t1.sell([{ code: 'P1', milli: 1000, batch: 'L1' }]);
    const projections = folded(t1.entries);
    expect(projections.stock(sku('P1'))).toBe(6000);
    expect(projections.batches(sku('P1'))).toEqual([
      { batch: 'L1', quantityMilli: 3000 },
      { batch: 'L2', quantityMilli: 3000 },
    ]);
  });

  it('P6: a SKU that came back to zero is in the stock; one that nothing touched is not', () => {
    const t1 = new SampleJournal('T1');
    t1.sell([{ code: 'P1', milli: 1000 }]);
    t1.adjust([{ code: 'P1', milli: 1000 }]);
    const projections = folded(t1.entries);
    expect(projections.stockAll()).toEqual([{ sku: 'P1', quantityMilli: 0 }]);
    expect(projections.stock(sku('P2'))).toBeUndefined();
    expect(projections.stockHash()).not.toBe(open().stockHash());
  });
});

describe('flags', () => {
  it('P5: selling below nothing raises a flag, a delivery settles it', () => {
    const t1 = new SampleJournal('T1');
    t1.sell([{ code: 'P1', milli: 3000 }]);
    const projections = folded(t1.entries);
    expect(projections.flags()).toMatchObject([
      { kind: 'oversell', subject: ['P1'], cause: { onHandMilli: -3000 } },
    ]);
    projections.fold([t1.adjust([{ code: 'P1', milli: 3000 }])]);
    expect(projections.flags()).toEqual([]);
  });

  it('P5: two returns of one line at two tills are more than was sold', () => {
    const tills = ['T1', 'T2', 'T3'].map((terminal) => new SampleJournal(terminal));
    const [t1, t2, t3] = tills as [SampleJournal, SampleJournal, SampleJournal];
    t1.adjust([{ code: 'P1', milli: 9000 }]);
    const sale = t1.sell([
      { code: 'P1', milli: 1000 },
      { code: 'P1', milli: 2000 },
    ]);
    const of = { journal: t1.key, seq: sale.entry.seq };
    const first = t2.giveBack(of, [{ code: 'P1', milli: 2000, ofLine: 1 }]);
    const second = t3.giveBack(of, [{ code: 'P1', milli: 1000, ofLine: 1 }]);
    // Both returns before their sale: nobody can say yet.
    const projections = folded([first, second]);
    expect(projections.flags({ kind: 'over-refund' })).toEqual([]);
    projections.fold(t1.entries);
    expect(projections.receipt(of)?.returnedMilli).toEqual([0, 3000]);
    expect(projections.flags({ kind: 'over-refund' })).toMatchObject([
      { subject: [t1.key, 2, 1], cause: { soldMilli: 2000, returnedMilli: 3000 } },
    ]);
    projections.dropJournal(t3.key);
    expect(projections.flags({ kind: 'over-refund' })).toEqual([]);
    expect(projections.receipt(of)?.returnedMilli).toEqual([0, 2000]);
    expect(projections.receipt({ journal: t1.key, seq: 1 })).toBeUndefined();
  });

  it('P3, P5: a fork is kept and counted on both sides, and flagged with its doubled number', () => {
    const t1 = new SampleJournal('T1');
    t1.begin();
    const twin = t1.fork();
    t1.sell([{ code: 'P1', milli: 1000, minor: 100 }], { command: 'mine-0001' });
    twin.sell([{ code: 'P1', milli: 5000, minor: 500 }], { command: 'twin-0001' });
    const projections = folded([...t1.entries, ...twin.entries]);
    expect(projections.stock(sku('P1'))).toBe(-6000);
    expect(projections.totals().totalMinor).toEqual({ GBP: 600 });
    expect(projections.numbers()).toMatchObject([{ documents: 2, last: 1, holes: 0, doubles: 1 }]);
    expect(projections.documentsByNumber('S01-T1A-S-1')).toHaveLength(2);
    const hashes = [t1.tip?.hash ?? '', twin.tip?.hash ?? ''].sort((a, b) => (a < b ? -1 : 1));
    expect(projections.flags({ kind: 'terminal-fork' })).toMatchObject([
      { subject: [t1.key], cause: { seq: 2, hashes } },
    ]);
    expect(projections.flags({ kind: 'number-double' })).toMatchObject([
      { subject: ['S01-T1A-S-1'] },
    ]);
    expect(projections.cursor(t1.key)).toEqual({ seq: 2, hash: hashes[0] });
    projections.dropJournal(t1.key);
    expect(projections.flags()).toEqual([]);
    expect(projections.stockAll()).toEqual([]);
  });

  it('P3: a number that no entry carries is a hole once the journal is whole', () => {
    const t1 = new SampleJournal('T1');
    const first = t1.begin();
    t1.sell([{ code: 'P1', milli: 1000 }]);
    t1.number('S');
    t1.sell([{ code: 'P1', milli: 1000 }]);
    const projections = folded(t1.entries.slice(1));
    expect(projections.flags({ kind: 'number-hole' })).toEqual([]);
    projections.fold([first]);
    expect(projections.flags({ kind: 'number-hole' })).toMatchObject([
      { subject: [t1.key, 'S01-T1A-S'], cause: { holes: 1, last: 3 } },
    ]);
  });

  it('P5: one press that became two sales in two lives of a till is flagged', () => {
    const before = new SampleJournal('T1', 'A');
    const after = new SampleJournal('T1', 'B');
    before.sell([{ code: 'P1', milli: 1000 }], { command: 'cart-0001' });
    after.sell([{ code: 'P1', milli: 1000 }], { command: 'cart-0001' });
    const projections = folded([...before.entries, ...after.entries]);
    expect(projections.flags({ kind: 'duplicate-sale' })).toMatchObject([
      { subject: ['cart-0001'], cause: { documents: [{ seq: 1 }, { seq: 1 }] } },
    ]);
    projections.dropJournal(after.key);
    expect(projections.flagCounts()['duplicate-sale']).toBeUndefined();
  });

  it('P5: two counts that did not know of each other are both shown, the later one stands', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t1.count([{ code: 'P1', milli: 5000, seen: [], atMs: 2_000_000 }]);
    t2.count([{ code: 'P1', milli: 7000, seen: [], atMs: 3_000_000 }]);
    const projections = folded([...t1.entries, ...t2.entries]);
    expect(projections.stock(sku('P1'))).toBe(7000);
    expect(projections.flags({ kind: 'concurrent-count' })).toMatchObject([
      { subject: ['P1', ''], cause: { counts: [{ journal: t2.key }, { journal: t1.key }] } },
    ]);
    projections.fold([t1.count([{ code: 'P1', milli: 6000, seen: [t1, t2], atMs: 4_000_000 }])]);
    expect(projections.flags()).toEqual([]);
    expect(projections.stock(sku('P1'))).toBe(6000);
  });

  it('P5: a sale at the time of a count that it did not know is in doubt until more is known', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t2.count([{ code: 'P1', milli: 9000, seen: [], atMs: 2_000_000 }], { atMs: 2_000_000 });
    const link = t1.write('DrawerKicked', {}, { saw: [t2], atMs: 2_004_000 });
    t1.sell([{ code: 'P1', milli: 1000 }], { atMs: 2_005_000 });
    const projections = folded([...t2.entries, ...t1.entries.slice(1)]);
    expect(projections.stock(sku('P1'))).toBe(8000);
    expect(projections.flags({ kind: 'count-doubt' })).toMatchObject([
      { cause: { movements: [{ journal: t1.key, seq: 2, quantityMilli: -1000 }] } },
    ]);
    // The entry before it, late, shows that the sale did know.
    projections.fold([link]);
    expect(projections.flags()).toEqual([]);
    expect(projections.stock(sku('P1'))).toBe(8000);
  });

  it('P5: what another replica noticed is flagged here; a clock put right settles its flag', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t1.write('ClockOffsetSeen', { peer: 'S01-T2-0000000000000241', offsetMs: 90_000 });
    t1.write('ForeignWriteRefused', {
      peer: 'S01-T9-00000000000000b9',
      code: 'NOT_THE_WRITER',
      document: 'org',
    });
    t1.write('ForkSeen', { journal: t2.key, seq: 5, hashes: ['a', 'b'] });
    const projections = folded(t1.entries);
    expect(projections.flagCounts()).toEqual({
      'clock-drift': 1,
      'foreign-write': 1,
      'terminal-fork': 1,
    });
    const right = t1.write('ClockOffsetSeen', { peer: 'S01-T2-0000000000000242', offsetMs: 12 });
    projections.fold([right]);
    expect(projections.flagCounts()['clock-drift']).toBeUndefined();
    // A person has looked at it, at the till that had refused it.
    const other = new SampleJournal('T3');
    projections.fold([other.write('PeerPardoned', { peer: 'S01-T9', code: 'NOT_THE_WRITER' })]);
    expect(projections.flagCounts()['foreign-write']).toBe(1);
    projections.fold([t1.write('PeerPardoned', { peer: 'S01-T9', code: 'NOT_THE_WRITER' })]);
    expect(projections.flagCounts()).toEqual({ 'terminal-fork': 1 });
  });

  it('P5: who says the same again and again neither drowns what others say nor says it more', () => {
    const [liar, honest, of] = ['T1', 'T2', 'T3'].map((name) => new SampleJournal(name));
    if (!liar || !honest || !of) throw new Error('no journals');
    const [peer, code] = ['S01-T3-0000000000000341', 'OVER_LIMIT'];
    const said = honest.write('ForkSeen', { journal: of.key, seq: 5, hashes: [], live: true });
    const refused = honest.write('ForeignWriteRefused', { peer, code });
    const again = new SampleJournal('T1', 'B');
    for (let n = 0; n < 20; n++)
      for (const life of [liar, again]) {
        life.write('ForkSeen', { journal: of.key, seq: n, hashes: [], live: true });
        life.write('ForeignWriteRefused', { peer, code });
      }
    const projections = folded([said, refused, ...liar.entries, ...again.entries]);
    for (const { cause } of projections.flags()) {
      expect(cause['seen']).toHaveLength(2);
      expect(JSON.stringify(cause)).toContain(`"${honest.key}"`);
    }
    expect(projections.flagCounts()).toEqual({ 'foreign-write': 1, 'terminal-fork': 1 });
  });

  it('P5: the clock that most others disagree with is flagged, and of two that differ both', () => {
    const clock = (by: SampleJournal, of: SampleJournal, offsetMs: number) =>
      by.write('ClockOffsetSeen', { peer: of.key.replaceAll('/', '-'), offsetMs });
    const [t1, t2, t3] = ['T1', 'T2', 'T3'].map((name) => new SampleJournal(name));
    if (!t1 || !t2 || !t3) throw new Error('no journals');
    const subjects = () => projections.flags({ kind: 'clock-drift' }).map((flag) => flag.subject);
    const projections = folded([clock(t1, t2, 90_000)]);
    expect(subjects()).toEqual([['S01-T1', 'S01-T2']]);
    projections.fold([clock(t2, t1, -90_000), clock(t3, t2, 88_000)]);
    expect(subjects()).toEqual([['S01-T2']]);
    expect(projections.clockWordsOf('S01-T2')).toEqual(new Map([['S01-T1', -90_000]]));
    // Whoever said it first may live under another name by now.
    const again = new SampleJournal('T1', 'B');
    projections.fold([clock(again, t2, 3), clock(t2, t1, 4), clock(t3, t2, 5)]);
    expect(subjects()).toEqual([]);
  });

  it('X11: what a till found in its own files is flagged everywhere until a person there has looked', () => {
    const t1 = new SampleJournal('T1');
    t1.write('TamperingSeen', { code: 'FILE_EDITED', where: 'bars.json' });
    t1.write('TamperingSeen', { code: 'JOURNAL_CUT', where: 'journals/x', seq: 7 });
    const projections = folded(t1.entries);
    expect(projections.flags()).toMatchObject([
      {
        kind: 'files-changed',
        subject: ['S01-T1'],
        cause: { seen: [{ code: 'JOURNAL_CUT', entrySeq: 7 }, { code: 'FILE_EDITED' }] },
      },
    ]);
    projections.fold([t1.write('TamperingChecked', { findings: 2 })]);
    expect(projections.flagCounts()).toEqual({});
    projections.fold([t1.write('TamperingSeen', { code: 'WITNESS_GONE', where: 'witness' })]);
    expect(projections.flags()).toMatchObject([{ cause: { seen: [{ code: 'WITNESS_GONE' }] } }]);
  });

  it('X11: one finding is looked at, the others stay open; who it was stays readable, and the last one ends all', () => {
    const t1 = new SampleJournal('T1');
    const cut = { code: 'JOURNAL_CUT', where: 'journals/x', seq: 7 };
    t1.write('TamperingSeen', { code: 'FILE_EDITED', where: 'bars.json', what: 'longer' });
    t1.write('TamperingSeen', cut);
    t1.write('TamperingSeen', { ...cut, seq: 8 });
    const projections = folded([...t1.entries]);
    const note = 'The service man';
    projections.fold([t1.write('TamperingChecked', { findings: 1, only: cut, left: 2, note })]);
    const open = () => projections.flags().map(({ cause }) => cause['seen']);
    expect(open()).toMatchObject([[{ entrySeq: 8 }, { code: 'FILE_EDITED' }]]);
    expect(projections.fileFindings('S01-T1')).toMatchObject([
      { code: 'JOURNAL_CUT', entrySeq: 8 },
      { code: 'JOURNAL_CUT', entrySeq: 7, checked: { note } },
      { code: 'FILE_EDITED', where: 'bars.json', what: 'longer' },
    ]);
    // Found again: what was looked at before says nothing of it.
    projections.fold([t1.write('TamperingSeen', cut)]);
    expect(open()).toMatchObject([[{ entrySeq: 7 }, { entrySeq: 8 }, { code: 'FILE_EDITED' }]]);
    const last = t1.write('TamperingChecked', { findings: 1, only: { ...cut, seq: 8 }, left: 0 });
    projections.fold([last]);
    expect(open()).toEqual([]);
    const looked = projections.fileFindings('S01-T1').map(({ checked }) => checked?.note);
    expect(looked).toEqual([undefined, undefined, note, undefined]);
    expect(projections.fileFindings('S01-T2')).toEqual([]);
  });
});

/** T1's journal goes on twice from the middle, as after a copied data directory. */
function forked(journals: readonly SampleJournal[]): VerifiedEntry[] {
  const [t1] = journals;
  if (!t1) return [];
  const twin = new SampleJournal('T1');
  twin.entries.push(...t1.entries.slice(0, Math.floor(t1.seq / 2)));
  twin.sell([{ code: 'P1', milli: 4000 }], { command: 'pressed-twice', atMs: 10_050_000 });
  twin.count([{ code: 'P2', milli: 4000, seen: [twin], atMs: 10_060_000 }]);
  return twin.entries;
}

describe('same entries, same numbers', () => {
  const order = fc.array(fc.nat(1_000_000), { minLength: 120, maxLength: 120 });
  const batches = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 });

  function shuffled<Item>(items: readonly Item[], keys: readonly number[]): Item[] {
    return items
      .map((item, index) => ({ item, key: keys[index % keys.length] ?? 0, index }))
      .sort((a, b) => a.key - b.key || a.index - b.index)
      .map(({ item }) => item);
  }

  function foldInBatches(
    projections: Projections,
    entries: readonly VerifiedEntry[],
    sizes: readonly number[],
  ): void {
    let at = 0;
    for (let i = 0; at < entries.length; i++) {
      const size = sizes[i % sizes.length] ?? 1;
      projections.fold(entries.slice(at, at + size));
      at += size;
    }
  }

  it('P4: every derived row is the same in whatever order, batches and repeats the entries come', () => {
    const kinds = new Map<string, number>();
    fc.assert(
      fc.property(shopHistory, order, batches, fc.boolean(), (steps, keys, sizes, withFork) => {
        const journals = history(steps);
        const inOrder = journals.flatMap(({ entries }) => entries);
        if (withFork) inOrder.push(...forked(journals));
        const reference = folded(inOrder);
        const other = open();
        const arriving = shuffled(inOrder, keys);
        foldInBatches(other, [...arriving, ...arriving.slice(0, 5)], sizes);
        expect(other.dump()).toEqual(reference.dump());
        expect(other.stockHash()).toBe(reference.stockHash());
        expect(other.totals()).toEqual(reference.totals());
        expect(other.flags()).toEqual(reference.flags());
        for (const kind of Object.keys(reference.flagCounts()))
          kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
        for (const projections of opened.splice(0)) projections.close();
      }),
      { seed: 4, numRuns: 150 },
    );
    // The histories did raise what they are here to raise.
    expect([...kinds.keys()].sort()).toEqual([
      'clock-changed',
      'clock-drift',
      'concurrent-count',
      'count-doubt',
      'duplicate-sale',
      'foreign-write',
      'number-double',
      'over-refund',
      'oversell',
      'refused-document',
      'terminal-fork',
    ]);
  });

  it('P4: a journal that is dropped leaves what the others alone would have made, and comes back whole', () => {
    fc.assert(
      fc.property(shopHistory, order, fc.nat(2), (steps, keys, which) => {
        const journals = history(steps);
        const dropped = journals[which]?.key ?? journals[0]?.key;
        if (!dropped) return;
        const all = [...journals.flatMap(({ entries }) => entries), ...forked(journals)];
        const projections = folded(shuffled(all, keys));
        const before = projections.dump();
        projections.dropJournal(dropped);
        const without = folded(all.filter(({ journal }) => journal !== dropped));
        expect(projections.dump()).toEqual(without.dump());
        projections.fold(all);
        expect(projections.dump()).toEqual(before);
        for (const one of opened.splice(0)) one.close();
      }),
      { seed: 5, numRuns: 100 },
    );
  });

  it('P6: stock is what the domain’s rule gives over all counts and movements', () => {
    let counted = 0;
    fc.assert(
      fc.property(shopHistory, order, batches, (steps, keys, sizes) => {
        const journals = history(steps);
        const entries = journals.flatMap((journal) => journal.entries);
        const projections = open();
        foldInBatches(projections, shuffled(entries, keys), sizes);
        for (const { sku: code, quantityMilli } of projections.stockAll()) {
          const facts = referenceFacts(entries, code);
          expect(quantityMilli).toBe(referenceStock(facts));
          counted += facts.counts.length;
        }
        for (const one of opened.splice(0)) one.close();
      }),
      { seed: 6, numRuns: 100 },
    );
    expect(counted).toBeGreaterThan(100);
  });

  it('P6: a movement inside and one outside a count, by each of the rule’s three ways', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t1.sell([{ code: 'P1', milli: 1000 }], { atMs: 9_000_000 });
    t2.count([{ code: 'P1', milli: 10_000, seen: [t1], atMs: 5_000_000 }], { atMs: 5_000_000 });
    // Not seen by the count, and earlier than it by the clock: inside.
    t1.sell([{ code: 'P1', milli: 2000 }], { atMs: 4_000_000 });
    // Earlier by the clock, but it had seen the count: outside.
    t1.sell([{ code: 'P1', milli: 3000 }], { saw: [t2], atMs: 4_100_000 });
    const projections = folded([...t1.entries, ...t2.entries]);
    expect(projections.stock(sku('P1'))).toBe(7000);
  });
});
