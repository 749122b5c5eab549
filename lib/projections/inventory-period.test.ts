import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { joinPeriods, periodOf, type InventoryPeriod } from './inventory-period.ts';
import { Projections } from './projections.ts';
import { SampleJournal } from './sample-entries.ts';
import { history, shopHistory } from './sample-shop.ts';
import { stockFromPeriods, type JournalPeriods } from './stock-from-periods.ts';

const segmentsOf = (journal: SampleJournal, size: number): VerifiedEntry[][] => {
  const segments: VerifiedEntry[][] = [];
  for (let i = 0; i < journal.seq; i += size) segments.push(journal.entries.slice(i, i + size));
  return segments;
};

function periodsOf(segments: readonly VerifiedEntry[][]): InventoryPeriod[] {
  const periods: InventoryPeriod[] = [];
  for (const segment of segments) periods.push(periodOf(segment, periods.at(-1)));
  return periods;
}

function stockFromJournals(entries: readonly VerifiedEntry[]) {
  const projections = Projections.open({
    file: ':memory:',
    store: 'S01' as never,
    own: undefined,
  });
  projections.fold(entries);
  const stock = projections.stockAll();
  projections.close();
  return stock;
}

describe('inventory periods', () => {
  it('P6: a period says where it stands, what it moved and what it had seen', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t2.begin();
    t1.begin();
    t1.sell([{ code: 'P1', milli: 2000 }], { saw: [t2] });
    t1.adjust([
      { code: 'P1', milli: 2000 },
      { code: 'P2', milli: 5000, batch: 'L1' },
    ]);
    const first = periodOf(t1.entries, undefined);
    expect(first).toMatchObject({
      firstSeq: 1,
      lastSeq: 3,
      prevHash: '-',
      lastHash: t1.tip?.hash,
      saw: { [t2.key]: 1 },
      movements: [
        ['P1', '', 0],
        ['P2', 'L1', 5000],
      ],
    });
    const next = t1.sell([{ code: 'P1', milli: 1000 }]);
    expect(periodOf([next], first)).toMatchObject({ firstSeq: 4, saw: { [t2.key]: 1 } });
  });

  it('P6: entries that do not follow the period before are refused', () => {
    const t1 = new SampleJournal('T1');
    const entries = [t1.begin(), t1.sell([{ code: 'P1', milli: 1000 }])];
    expect(() => periodOf(entries.slice(1), undefined)).toThrow(/does not follow/);
    expect(() => periodOf([], undefined)).toThrow();
  });

  it('K4: a period made in pieces is the period made at once, wherever it is cut', () => {
    fc.assert(
      fc.property(shopHistory, fc.integer({ min: 1, max: 9 }), (steps, size) => {
        for (const journal of history(steps)) {
          const [first, ...others] = periodsOf(segmentsOf(journal, size));
          if (!first) continue;
          expect(others.reduce(joinPeriods, first)).toEqual(periodOf(journal.entries, undefined));
        }
      }),
      { seed: 11, numRuns: 60 },
    );
    const t1 = new SampleJournal('T1');
    for (let n = 0; n < 3; n++) t1.sell([{ code: 'P1', milli: 1000 }]);
    const [a, b, c] = periodsOf(segmentsOf(t1, 1));
    if (!a || !b || !c) throw new Error('no periods');
    expect(() => joinPeriods(a, c)).toThrow(/do not follow/);
    expect(() => joinPeriods(b, a)).toThrow(/do not follow/);
  });

  it('P6: a count that cuts a period names the segment, and with it the stock is certain', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t1.sell([{ code: 'P1', milli: 1000 }]);
    const before = [...t1.entries];
    t2.count([{ code: 'P1', milli: 50_000, seen: [t1] }]);
    t1.sell([{ code: 'P1', milli: 3000 }], { saw: [t2] });
    t1.sell([{ code: 'P2', milli: 3000 }]);
    const journals = [{ journal: t1.key, periods: periodsOf([t1.entries]) }];
    const cut = stockFromPeriods(journals, t2.entries);
    expect(cut.needs).toEqual([{ journal: t1.key, firstSeq: 1, lastSeq: 3, cause: 'cut' }]);
    expect(cut.stock).toEqual([{ sku: 'P2', quantityMilli: -3000 }]);
    const whole = stockFromPeriods(journals, [...t2.entries, ...t1.entries]);
    expect(whole.needs).toEqual([]);
    expect(whole.stock).toEqual([
      { sku: 'P1', quantityMilli: 47_000 },
      { sku: 'P2', quantityMilli: -3000 },
    ]);
    const sealedBefore = periodsOf([before, t1.entries.slice(1)]);
    expect(
      stockFromPeriods([{ journal: t1.key, periods: sealedBefore }], t2.entries).needs,
    ).toEqual([]);
  });

  it('P6: two periods over the same seqs are a fork, and the segments decide', () => {
    const t1 = new SampleJournal('T1');
    t1.sell([{ code: 'P1', milli: 1000 }]);
    const twin = t1.fork();
    t1.sell([{ code: 'P1', milli: 2000 }]);
    twin.sell([{ code: 'P1', milli: 4000 }]);
    const journals: JournalPeriods[] = [t1, twin].map(({ key, entries }) => ({
      journal: key,
      periods: periodsOf([entries]),
    }));
    expect(stockFromPeriods(journals, []).needs.map(({ cause }) => cause)).toEqual([
      'fork',
      'fork',
    ]);
    expect(stockFromPeriods(journals, t1.entries).needs).toHaveLength(1);
    const all = stockFromPeriods(journals, [...t1.entries, ...twin.entries]);
    expect(all).toEqual({ stock: [{ sku: 'P1', quantityMilli: -7000 }], needs: [] });
  });

  it('P6: stock from periods equals stock from journals, wherever counts cut them', () => {
    let cuts = 0;
    let certainAtOnce = 0;
    fc.assert(
      fc.property(shopHistory, fc.integer({ min: 2, max: 8 }), fc.nat(1), (steps, size, open) => {
        const journals = history(steps);
        const periods: JournalPeriods[] = [];
        const later: VerifiedEntry[] = [];
        for (const journal of journals) {
          const segments = segmentsOf(journal, size);
          const sealed = segments.slice(0, Math.max(0, segments.length - open));
          periods.push({ journal: journal.key, periods: periodsOf(sealed) });
          later.push(...segments.slice(sealed.length).flat());
        }
        const expected = stockFromJournals(journals.flatMap(({ entries }) => entries));
        const first = stockFromPeriods(periods, later);
        for (const figure of first.stock) expect(expected).toContainEqual(figure);
        if (first.needs.length === 0) certainAtOnce++;
        else cuts++;
        const fetched = first.needs.flatMap(({ journal, firstSeq, lastSeq }) => {
          const from = journals.find(({ key }) => key === journal)?.entries ?? [];
          return from.slice(firstSeq - 1, lastSeq);
        });
        const second = stockFromPeriods(periods, [...later, ...fetched]);
        expect(second).toEqual({ stock: expected, needs: [] });
      }),
      { seed: 11, numRuns: 300 },
    );
    expect(cuts).toBeGreaterThan(20);
    expect(certainAtOnce).toBeGreaterThan(20);
  });
});
