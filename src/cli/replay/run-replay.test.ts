import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { fileSource } from '#lib/demo/byte-source.ts';
import { readProduct } from '#lib/domain/product.ts';
import { FakeShop, hastyClock, type Faults } from './fake-shop.ts';
import { readTransactions } from './read-transactions.ts';
import { catalogOf } from './replay-catalog.ts';
import { percentiles, reportJson, reportText, type ReplayReport } from './replay-report.ts';
import { runReplay, type ReplayPlan } from './run-replay.ts';
import type { Transaction } from './transaction.ts';

const root = resolve(import.meta.dirname, '../../..');
let transactions: Transaction[];

beforeAll(async () => {
  const path = join(root, 'tests/fixtures/replay/made-up-week.csv');
  transactions = await readTransactions([fileSource(path)]);
});

async function replayed(
  faults: Faults = {},
  change: Partial<ReplayPlan> = {},
): Promise<{ shop: FakeShop; report: ReplayReport }> {
  const shop = new FakeShop(3, catalogOf(transactions), faults);
  const plan = { transactions, relayLate: false, ...change };
  const report = await runReplay(shop, plan, { clock: hastyClock(), progress: () => undefined });
  return { shop, report };
}

describe('P9: a replay through the register’s own rules', () => {
  it('comes to the file’s figures on every replica and in the archive', async () => {
    const { report } = await replayed();
    expect(report.differences).toEqual([]);
    expect(reportJson(report)).toEqual({
      documents: 19,
      lines: 30,
      sale: 10,
      return: 3,
      stockAdjustment: 3,
      ledgerAdjustment: 3,
      total: '123.99',
      replicas: ['T1', 'T2', 'T3'].map((terminal) => ({
        terminal,
        total: '123.99',
        stockHash: report.replicas[0]?.figures.stockHash,
      })),
      archive: { documents: 19, lines: 30, total: '123.99' },
      ackMs: { p50: 10, p95: 19, p99: 19 },
      seconds: 0,
      flags: {},
      equal: true,
    });
    expect(reportText(report)).toMatch(/Every replica and the archive are equal/);
  });

  it('hands documents out in time order, one at a time per till, all tills at once', async () => {
    const { shop } = await replayed();
    expect(shop.calls).toEqual(
      transactions.map((one, index) => `T${(index % 3) + 1} replay-${one.invoice}`),
    );
    expect(shop.mostAtOnce).toBe(3);
  });

  it('cuts two tills from each other, both ways, until every document is taken', async () => {
    const { shop, report } = await replayed({}, { cut: ['T1', 'T3'] });
    expect(shop.calls.slice(0, 2)).toEqual(['cut T1 T3', 'cut T3 T1']);
    expect(shop.calls.slice(-2)).toEqual(['heal T1 T3', 'heal T3 T1']);
    expect(report.differences).toEqual([]);
  });

  it('keeps the relay away until every document is taken', async () => {
    const { shop, report } = await replayed({}, { relayLate: true });
    expect(shop.calls[0]).toBe('stop relay');
    expect(shop.calls.at(-1)).toBe('start relay');
    expect(report.differences).toEqual([]);
  });

  const dataset = resolve(root, process.env['TILLMESH_DATASET'] ?? '../shared/data');
  it.for(['online-retail-2010-12.csv.gz', 'online-retail-2011-01.csv.gz'])(
    'of %s is equal too',
    async (name, { skip }) => {
      const path = join(dataset, name);
      if (!existsSync(path)) {
        skip(`${path} is not there: set TILLMESH_DATASET (docs/guides/replay.md)`);
      }
      const real = await readTransactions([fileSource(path)]);
      const shop = new FakeShop(3, catalogOf(real));
      const plan = { transactions: real, relayLate: false };
      const report = await runReplay(shop, plan, {
        clock: hastyClock(),
        progress: () => undefined,
      });
      expect(report.differences).toEqual([]);
      expect(report.replicas[2]?.figures.documents).toBe(real.length);
    },
  );
});

describe('P1, P3, P4: what is not equal is found, named, and fails the replay', () => {
  const cases: readonly [title: string, faults: Faults, difference: RegExp][] = [
    [
      'a document that one till lost',
      { holds: (who, all) => (who === 'T2' ? all.slice(1) : all) },
      /^T2: documents 18, the file 19$/,
    ],
    [
      'a document that one till has twice',
      { holds: (who, all) => (who === 'T3' ? [...all, ...all.slice(0, 1)] : all) },
      /^T3: documents 20, the file 19$/,
    ],
    [
      'a document that only the archive lost',
      { holds: (who, all) => (who === 'archive' ? all.slice(0, -1) : all) },
      /^archive: documents 18, the file 19$/,
    ],
    [
      'a document that all lost alike',
      { holds: (_who, all) => all.slice(1) },
      /^T1: total .*, the file 123\.99$/,
    ],
    [
      'stock that differs where totals do not',
      { holds: (who, all) => (who === 'T1' ? all.map(withoutRestock) : all) },
      /^T1: stock hash \w+, the file \w+$/,
    ],
    [
      'a number that was given out twice',
      { number: (number) => number.replace(/-2$/, '-1') },
      /^numbers: 1 of S01-T1A-S were given out twice$/,
    ],
    [
      'a number that is missing',
      { number: (number) => number.replace(/-1$/, '-9') },
      /^numbers: S01-T1A-S has \d holes$/,
    ],
    [
      'flags that one till does not raise',
      { flags: (terminal) => (terminal === 'T3' ? {} : { oversell: 2 }) },
      /^T3: flags none, T1 oversell 2$/,
    ],
  ];
  it.each(cases)('%s', async (_title, faults, difference) => {
    const { report } = await replayed(faults);
    expect(report.differences).toContainEqual(expect.stringMatching(difference));
    expect(reportJson(report).equal).toBe(false);
    expect(reportText(report)).toMatch(/NOT EQUAL:\n {2}\S/);
    // It waited for them to agree, and gave up when nothing moved any more.
    if (faults.number === undefined) expect(report.seconds).toBeGreaterThan(50);
  });

  const withoutRestock = (one: { till: string; type: string; body: unknown }) =>
    one.type === 'ReturnCompleted'
      ? { ...one, body: { ...(one.body as object), restock: false } }
      : one;

  it('a refusal ends the replay, by the name of the invoice', async () => {
    const shop = new FakeShop(3, catalogOf(transactions), {
      refuse: ({ command }) => command === 'replay-700004',
    });
    const replay = runReplay(
      shop,
      { transactions, relayLate: false },
      { clock: hastyClock(), progress: () => undefined },
    );
    await expect(replay).rejects.toThrow(/^A register refused .*\(700004 at T1: no\)$/);
    expect(shop.calls.length).toBeLessThan(transactions.length);
  });

  it('a till that stops answering ends the replay, without an unhandled rejection', async () => {
    const shop = new FakeShop(2, catalogOf(transactions), {
      refuse: () => {
        throw new Error('gone');
      },
    });
    const replay = runReplay(
      shop,
      { transactions, relayLate: false },
      { clock: hastyClock(), progress: () => undefined },
    );
    await expect(replay).rejects.toThrow('gone');
  });

  it('a cut names tills that exist', async () => {
    await expect(replayed({}, { cut: ['T1', 'T9'] })).rejects.toThrow(
      /no till T9, only T1, T2, T3/,
    );
  });
});

describe('the catalogue of a file', () => {
  it('has every code once, named, priced, and fit for the register', () => {
    const products = catalogOf(transactions);
    const codes = new Set(transactions.flatMap((one) => one.lines.map((line) => line.sku)));
    expect(products.map(({ sku }) => sku)).toEqual([...codes]);
    for (const product of products) expect(readProduct(product).ok).toBe(true);
    const bySku = new Map<string, unknown>(products.map(({ sku, ...rest }) => [sku, rest]));
    expect(bySku.get('CARD-7')).toMatchObject({
      names: 'CARD, TWO LINES SECOND LINE',
      // 0.4167 twice (once back), 0.42 once.
      prices: [{ unitPriceE4: 4_167 }],
    });
    expect(bySku.get('TEA')).toMatchObject({ names: 'LOOSE TEA PER KG' });
    expect(bySku.get('GIFTBAG')).toMatchObject({ prices: [{ unitPriceE4: 0 }] });
  });
});

describe('percentiles by nearest rank', () => {
  it.each([
    [[], { p50: 0, p95: 0, p99: 0 }],
    [[3], { p50: 3, p95: 3, p99: 3 }],
    [Array.from({ length: 100 }, (_, index) => index + 1), { p50: 50, p95: 95, p99: 99 }],
    [[1.234, 2.345], { p50: 1.23, p95: 2.35, p99: 2.35 }],
  ])('of %j', (values, expected) => {
    expect(percentiles(values)).toEqual(expected);
  });
});
