import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import type { StoreId } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { Projections } from './projections.ts';
import { SampleJournal, sku } from './sample-entries.ts';
import { referenceFacts, referenceStock, type ReferenceFacts } from './sample-reference.ts';
import { history, shopHistory } from './sample-shop.ts';
import type { StockEvent } from './stock-history.ts';

const opened: Projections[] = [];

function folded(entries: readonly VerifiedEntry[]): Projections {
  const projections = Projections.open({
    file: ':memory:',
    store: 'S01' as StoreId,
    own: undefined,
  });
  opened.push(projections);
  projections.fold(entries);
  return projections;
}

afterEach(() => {
  for (const projections of opened.splice(0)) projections.close();
});

/** All pages, one after the other, each of another size. */
function read(projections: Projections, code: string, sizes: readonly number[]): StockEvent[] {
  const events: StockEvent[] = [];
  let after: string | undefined;
  for (let i = 0; ; i++) {
    const limit = sizes[i % sizes.length] ?? 1;
    const page = projections.stockHistory(sku(code), { limit, ...(after && { after }) });
    if (!page) return [];
    expect(page.events.length).toBeLessThanOrEqual(limit);
    events.push(...page.events);
    if (page.next === undefined) return events;
    expect(page.events.length).toBeGreaterThan(0);
    after = page.next;
  }
}

const compact = ({ number, quantityMilli, balanceMilli, countedMilli, inCount }: StockEvent) =>
  [number, quantityMilli, balanceMilli, countedMilli, inCount] as const;

describe('the stock card', () => {
  it('P6: every movement with its document and the balance after it, the newest first', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t1.adjust([{ code: 'P1', milli: 9000 }], { atMs: 1_000_000 });
    const sale = t2.sell([{ code: 'P1', milli: 2000 }], { atMs: 2_000_000 });
    t1.giveBack({ journal: t2.key, seq: 1 }, [{ code: 'P1', milli: 1000, ofLine: 0 }], {
      atMs: 3_000_000,
    });
    const projections = folded([...t1.entries, ...t2.entries]);
    const events = read(projections, 'P1', [50]);
    expect(events.map(compact)).toEqual([
      ['S01-T1A-R-1', 1000, 8000, undefined, false],
      ['S01-T2A-S-1', -2000, 7000, undefined, false],
      ['S01-T1A-A-1', 9000, 9000, undefined, false],
    ]);
    expect(events[1]).toMatchObject({
      journal: t2.key,
      seq: 1,
      hash: sale.hash,
      type: 'SaleCompleted',
      by: 'ann',
      wall: 2_000_000,
      zone: 'Europe/London',
      batch: '',
    });
    expect(projections.stockHistory(sku('P9'), { limit: 10 })).toBeUndefined();
  });

  it('P6: a count sets the balance; what it had seen changes nothing, what it had not comes on top', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t1.adjust([{ code: 'P1', milli: 20_000 }], { atMs: 1_000_000 });
    t1.count([{ code: 'P1', milli: 15_000, seen: [t1], atMs: 5_000_000 }], { atMs: 5_000_000 });
    // Later by a fast clock than a count that had seen it: inside.
    t2.sell([{ code: 'P1', milli: 1000 }], { atMs: 9_000_000 });
    t1.count([{ code: 'P1', milli: 12_000, seen: [t1, t2], atMs: 8_000_000 }], { atMs: 8_000_000 });
    t1.sell([{ code: 'P1', milli: 2000 }], { atMs: 10_000_000 });
    const projections = folded([...t1.entries, ...t2.entries]);
    expect(read(projections, 'P1', [50]).map(compact)).toEqual([
      ['S01-T1A-S-1', -2000, 10_000, undefined, false],
      ['S01-T2A-S-1', -1000, 12_000, undefined, true],
      ['S01-T1A-C-2', -3000, 12_000, 12_000, false],
      ['S01-T1A-C-1', -5000, 15_000, 15_000, false],
      ['S01-T1A-A-1', 20_000, 20_000, undefined, false],
    ]);
    expect(projections.stock(sku('P1'))).toBe(10_000);
  });

  it('P4: equal clocks stand in the same order on every replica', () => {
    const tills = ['T1', 'T2', 'T3'].map((terminal) => new SampleJournal(terminal));
    for (const till of tills)
      till.adjust([{ code: 'P1', milli: till.seq * 1000 + 1000 }], { atMs: 2_000_000 });
    const entries = tills.flatMap((till) => till.entries);
    const numbers = ['S01-T3A-A-1', 'S01-T2A-A-1', 'S01-T1A-A-1'];
    for (const arrived of [entries, entries.toReversed()])
      for (const sizes of [[1], [2], [50]])
        expect(read(folded(arrived), 'P1', sizes).map(({ number }) => number)).toEqual(numbers);
  });

  it('P6: a page ends after so many counts, and the next one goes on', () => {
    const t1 = new SampleJournal('T1');
    for (let i = 1; i <= 40; i++) t1.count([{ code: 'P1', milli: i * 1000, seen: [t1] }]);
    const projections = folded(t1.entries);
    expect(projections.stockHistory(sku('P1'), { limit: 100 })?.events).toHaveLength(16);
    const events = read(projections, 'P1', [100]);
    expect(events.map(({ balanceMilli }) => balanceMilli / 1000)).toEqual(
      Array.from({ length: 40 }, (_, i) => 40 - i),
    );
  });

  it('P8: quantities whose sum is beyond any number that is exact stop no page', () => {
    const t1 = new SampleJournal('T1');
    const line = { code: 'P1', milli: 1_000_000_000_000 };
    for (let i = 0; i < 12; i++) t1.adjust(Array.from({ length: 1000 }, () => line));
    const projections = folded(t1.entries);
    const events = read(projections, 'P1', [5]);
    expect(events).toHaveLength(12);
    expect(events[0]?.balanceMilli).toBe(Number.MAX_SAFE_INTEGER);
    expect(events.at(-1)?.balanceMilli).toBe(1_000_000_000_000_000);
  });

  it.each(['', 'x', 'W10', '9'.repeat(2_000), 'eyJhIjoxfQ', 'ÿ', 'bnVsbA'])(
    'X6: %j is no cursor, and said to be none',
    (after) => {
      const t1 = new SampleJournal('T1');
      t1.adjust([{ code: 'P1', milli: 1000 }]);
      const projections = folded(t1.entries);
      try {
        projections.stockHistory(sku('P1'), { after, limit: 5 });
        expect.unreachable();
      } catch (error) {
        expect(isTillmeshError(error, 'INPUT_INVALID')).toBe(true);
      }
    },
  );

  it('P6: at every point the balance is what the domain’s rule gives of all before, whatever the pages', () => {
    let [counted, inside, paged] = [0, 0, 0];
    const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(shopHistory, fc.boolean(), sizes, (steps, isForked, limits) => {
        const journals = history(steps);
        const entries = journals.flatMap((journal) => journal.entries);
        if (isForked) entries.push(...twinOf(journals[0]));
        const projections = folded(entries);
        for (const { sku: code, quantityMilli } of projections.stockAll()) {
          const facts = referenceFacts(unique(entries), code);
          const events = read(projections, code, limits);
          expect(events[0]?.balanceMilli).toBe(quantityMilli);
          expect(events.map(({ balanceMilli }) => balanceMilli)).toEqual(balancesOf(facts));
          expect(read(projections, code, [500])).toEqual(events);
          counted += events.filter(({ countedMilli }) => countedMilli !== undefined).length;
          inside += events.filter(({ inCount }) => inCount).length;
          if (events.length > (limits[0] ?? 1)) paged++;
        }
        for (const one of opened.splice(0)) one.close();
      }),
      { seed: 11, numRuns: 150 },
    );
    expect(counted).toBeGreaterThan(100);
    expect(inside).toBeGreaterThan(20);
    expect(paged).toBeGreaterThan(100);
  });
});

/** The balances by the reference rule, prefix by prefix, the newest first. */
function balancesOf({ counts, movements }: ReferenceFacts): number[] {
  const place = (one: { at: string; journal: string; seq: number }, rest: string): string =>
    [one.at, one.journal, String(one.seq).padStart(8, '0'), rest].join(' ');
  const placedCounts = counts.map((count) => ({ count, place: place(count, count.id) }));
  const placedMovements = movements.map((movement) => ({
    movement,
    place: place(movement, `${movement.hash} ${movement.batch}`),
  }));
  const places = [...new Set([...placedCounts, ...placedMovements].map((one) => one.place))];
  return places
    .sort()
    .reverse()
    .map((until) =>
      referenceStock({
        counts: placedCounts.flatMap(({ count, place: at }) => (at <= until ? [count] : [])),
        movements: placedMovements.flatMap(({ movement, place: at }) =>
          at <= until ? [movement] : [],
        ),
      }),
    );
}

/** T1's journal goes on twice from the middle, as after a copied data directory. */
function twinOf(journal: SampleJournal | undefined): VerifiedEntry[] {
  if (!journal) return [];
  const twin = new SampleJournal('T1');
  twin.entries.push(...journal.entries.slice(0, Math.floor(journal.seq / 2)));
  twin.sell([{ code: 'P1', milli: 4000 }], { command: 'pressed-twice', atMs: 10_050_000 });
  twin.count([{ code: 'P2', milli: 4000, seen: [twin], atMs: 10_060_000 }]);
  return twin.entries;
}

const unique = (entries: readonly VerifiedEntry[]): VerifiedEntry[] => [
  ...new Map(entries.map((read) => [`${read.journal} ${read.hash}`, read])).values(),
];
