import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StoreId } from '../domain/ids.ts';
import type { Product } from '../domain/product.ts';
import type { DocumentFilter } from './document-rows.ts';
import { Projections } from './projections.ts';
import { SampleJournal, sku } from './sample-entries.ts';
import { popularityOf } from './sold-rows.ts';

const product = (code: string, department?: string, more: Partial<Product> = {}) => ({
  sku: sku(code),
  product: {
    sku: sku(code),
    names: `Product ${code}`,
    barcodes: [],
    prices: [],
    active: true,
    ...(department !== undefined && { department }),
    ...more,
  },
});

describe('tiles', () => {
  let projections: Projections;
  const t1 = new SampleJournal('T1');
  const t2 = new SampleJournal('T2');
  const sell = (till: SampleJournal, code: string, times: number) => {
    for (let i = 0; i < times; i++)
      till.sell([
        { code, milli: 500_000 },
        { code, milli: 1000 },
      ]);
  };
  sell(t1, 'B', 2);
  sell(t1, 'C', 1);
  sell(t2, 'C', 2);
  sell(t2, 'X', 9);
  t2.adjust([{ code: 'A', milli: -90_000 }]);
  const order = (department?: string, limit = 10) =>
    projections.bestSellers(department, limit).map((one) => one.sku);

  beforeEach(() => {
    projections = Projections.open({ file: ':memory:', store: 'S01' as StoreId, own: undefined });
  });
  afterEach(() => projections.close());

  const catalogue = [
    product('A', 'home'),
    product('B', 'home'),
    product('C', 'home'),
    product('D', 'garden'),
    product('X'),
    product('OLD', 'attic', { active: false }),
  ];

  it('departments are those with an active product', () => {
    projections.replaceProducts(catalogue);
    expect(projections.departments(10)).toEqual([
      { id: 'garden', products: 1 },
      { id: 'home', products: 3 },
    ]);
    expect(projections.departments(1)).toHaveLength(1);
  });

  it.each(['products first', 'sales first'])('what most sales had stands first (%s)', (first) => {
    if (first === 'products first') projections.replaceProducts(catalogue);
    projections.fold([...t1.entries, ...t2.entries]);
    if (first === 'sales first') projections.replaceProducts(catalogue);
    expect(order('home')).toEqual(['C', 'B', 'A']);
    expect(order('home', 1)).toEqual(['C']);
    expect(order()).toEqual(['X', 'C', 'B', 'A', 'D']);
    expect(order('attic')).toEqual([]);
    expect(order('nowhere')).toEqual([]);
  });

  it('P4: a journal that is dropped leaves the order that the others alone make; a release keeps it', () => {
    projections.replaceProducts(catalogue);
    projections.fold([...t1.entries, ...t2.entries]);
    projections.dropJournal(t2.key);
    expect(order('home')).toEqual(['B', 'C', 'A']);
    projections.replaceProducts([product('B', 'garden'), { sku: sku('C'), product: undefined }]);
    expect(order('home')).toEqual(['A']);
    expect(order('garden')).toEqual(['B', 'D']);
    projections.fold(t2.entries);
    projections.replaceProducts([product('C', 'home')]);
    expect(order('home')).toEqual(['C', 'A']);
  });

  it('popularity never falls as sales grow, tells the first few apart, and seldom changes later', () => {
    const steps = Array.from({ length: 10_000 }, (_, sales) => popularityOf(sales));
    expect(steps.every((step, i) => i === 0 || step >= (steps[i - 1] ?? 0))).toBe(true);
    expect(new Set(steps.slice(0, 5)).size).toBe(5);
    expect(new Set(steps).size).toBeLessThan(30);
  });
});

describe('the newest documents', () => {
  it('P4: are ordered by clock, not by arrival, the same on every replica', () => {
    const t1 = new SampleJournal('T1');
    const t2 = new SampleJournal('T2');
    t1.begin();
    t1.sell([{ code: 'P1', milli: 1000 }], { atMs: 5_000_000 });
    t2.sell([{ code: 'P1', milli: 1000 }], { atMs: 4_000_000 });
    t2.sell([{ code: 'P1', milli: 1000 }], { atMs: 5_000_000 });
    t1.sell([{ code: 'P1', milli: 1000 }], { atMs: 6_000_000 });
    const entries = [...t1.entries, ...t2.entries];
    for (const arrived of [entries, entries.toReversed()]) {
      const projections = Projections.open({
        file: ':memory:',
        store: 'S01' as StoreId,
        own: undefined,
      });
      projections.fold(arrived);
      expect(projections.newestDocuments(3).map(({ number }) => number)).toEqual([
        'S01-T1A-S-2',
        'S01-T2A-S-2',
        'S01-T1A-S-1',
      ]);
      expect(projections.newestDocuments(1)[0]).toMatchObject({
        zone: 'Europe/London',
        wall: 6_000_000,
      });
      const found = (filter: DocumentFilter) =>
        projections.foundDocuments(filter, 2).map(({ number }) => number);
      expect(found({ terminal: 'T2' })).toEqual(['S01-T2A-S-2', 'S01-T2A-S-1']);
      expect(found({ terminal: 'T' })).toEqual([]);
      expect(found({ businessDay: '1970-01-02' })).toEqual([]);
      const [one] = projections.newestDocuments(1);
      if (!one) throw new Error('no document');
      const { businessDay, totalMinor } = one;
      const newest = ['S01-T1A-S-2', 'S01-T2A-S-2'];
      expect(found({ businessDay, amountMinor: totalMinor })).toEqual(newest);
      expect(found({ amountMinor: totalMinor + 1 })).toEqual([]);
      expect(projections.documentsBetween(t1.key, 0, 3)).toBe(2);
      expect(projections.documentsBetween(t1.key, 2, 3)).toBe(1);
      projections.close();
    }
  });

  it('P3: each of two documents with one number has its own body', () => {
    const t1 = new SampleJournal('T1');
    const twin = t1.fork();
    t1.sell([{ code: 'P1', milli: 1000, minor: 100 }]);
    twin.sell([{ code: 'P1', milli: 5000, minor: 500 }]);
    const projections = Projections.open({
      file: ':memory:',
      store: 'S01' as StoreId,
      own: undefined,
    });
    projections.fold([...t1.entries, ...twin.entries]);
    const totals = projections
      .documentsByNumber('S01-T1A-S-1')
      .map((row) => [row.totalMinor, projections.bodyOf(row)]);
    expect(totals).toHaveLength(2);
    for (const [totalMinor, body] of totals) expect(body).toMatchObject({ totalMinor });
    projections.close();
  });
});
