import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { catalogShards } from '../documents/catalog-shards.ts';
import { names } from '../documents/names.ts';
import { isTillmeshError } from '../domain/errors.ts';
import type { EntryHash, Principal, Sku } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { ReadingServices } from '../host/till-services.ts';
import { formatHlc } from '../journal/hybrid-clock.ts';
import { peerIdOf, type OwnMessage } from '../mesh/protocol.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { readingServices } from './reading.ts';
import type { Register } from './register.ts';
import {
  carryOut,
  carryOver,
  openRegister,
  prepareDirectory,
  sampleHeadOffice,
  sell,
} from './sample-register.ts';

let root: string;
let t1: Register;
let t2: Register;
let reading: ReadingServices;

const sku = (code: string): Sku => code as Sku;

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-reading-test-'));
  const company = await SampleCompany.create('reading');
  const office = await sampleHeadOffice(company);
  const product = (code: string, more: object) => ({
    sku: code,
    names: `Sample ${code.toLowerCase()}`,
    barcodes: [`PLU-${code}`],
    prices: [{ unitPriceE4: 50_000 }],
    active: true,
    department: 'deli',
    ...more,
  });
  office.writeProducts({ HAM: product('HAM', { weighed: true }), JAM: product('JAM', {}) });
  const shards = Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard));
  office.release(2, [names.org(), ...shards]);
  const open = async (terminal: string): Promise<Register> => {
    const directory = `${root}/${terminal}`;
    const options = { directory, company, terminal: await company.terminal('S01', terminal) };
    prepareDirectory(office, options);
    return openRegister(options);
  };
  [t1, t2] = [await open('T1'), await open('T2')];
  trade();
  reading = readingServices(t1);
});
afterAll(async () => {
  await t1.stop();
  await t2.stop();
  fs.rmSync(root, { recursive: true, force: true });
});

/** A delivery, sales at both tills, a return at the other till, a count. */
function trade(): void {
  const lines = [
    { sku: 'HAM', quantityMilli: 9_000 },
    { sku: 'MILK', quantityMilli: 6_000, batch: 'L1' },
  ];
  carryOut(t1, {
    kind: 'AdjustStock',
    command: 'delivery-1',
    by: 'max',
    reason: 'delivery',
    lines,
  });
  sell(t1, 'sale-1-1', [
    { sku: 'HAM', quantityMilli: 750 },
    { sku: 'TEA', quantityMilli: 2_000 },
  ]);
  sell(t1, 'sale-1-2', [{ sku: 'MILK', quantityMilli: 1_000, batch: 'L1' }]);
  carryOver(t1, t2);
  carryOut(t2, {
    kind: 'CompleteReturn',
    command: 'return-2',
    by: 'max',
    of: { journal: t1.replica.own.key, seq: 3 },
    lines: [{ ofLine: 1, quantityMilli: 1_000 }],
    tenders: [{ kind: 'cash', amountMinor: 199 }],
  });
  carryOver(t2, t1);
  const counted = [{ sku: 'HAM', quantityMilli: 8_000 }];
  carryOut(t1, { kind: 'CountStock', command: 'count-1-1', by: 'max', lines: counted });
  sell(t1, 'sale-1-3', [{ sku: 'HAM', quantityMilli: 500 }]);
}

describe('tiles', () => {
  it('departments with their active products', () => {
    expect(reading.departments()).toEqual([{ id: 'deli', products: 2 }]);
  });

  it('of a department, what sold most here first, with price and stock of now', () => {
    expect(reading.tiles({ department: 'deli', limit: 10 })).toEqual([
      {
        sku: 'HAM',
        name: 'Sample ham',
        department: 'deli',
        weighed: true,
        unitPriceE4: 50_000,
        quantityMilli: 7_500,
        barcodes: ['PLU-HAM'],
      },
      expect.objectContaining({ sku: 'JAM', quantityMilli: 0, weighed: false }),
    ]);
  });

  it('of a search, of all departments or of one', () => {
    const skus = (ask: Parameters<ReadingServices['tiles']>[0]) =>
      reading.tiles(ask).map((tile) => tile.sku);
    expect(skus({ query: 'sample', limit: 100 })).toHaveLength(6);
    expect(skus({ query: 'sample ha', limit: 100 })).toEqual(['HAM']);
    expect(skus({ query: 'sample', department: 'deli', limit: 100 }).toSorted()).toEqual([
      'HAM',
      'JAM',
    ]);
    expect(skus({ query: 'PLU-JAM', limit: 5 })).toEqual(['JAM']);
    // A field that was emptied is no search.
    expect(skus({ query: '  ', department: 'deli', limit: 1 })).toEqual(['HAM']);
  });

  it.each([0, -1, 0.4, Number.NaN, 1e9, Number.POSITIVE_INFINITY])(
    'X6: a limit of %d is brought within bounds',
    (limit) => {
      const rows = reading.tiles({ limit }).length;
      expect(rows).toBeGreaterThan(0);
      expect(rows).toBeLessThanOrEqual(limits.pageRows);
      expect(reading.recentDocuments(limit).length).toBeGreaterThan(0);
      expect(reading.stockCard(sku('HAM'), { limit })?.movements.length).toBeGreaterThan(0);
    },
  );
});

describe('the stock card', () => {
  it('P6: names document, till, person and balance, and begins with the stock of now', () => {
    const card = reading.stockCard(sku('HAM'), { limit: 50 });
    expect(card).toMatchObject({ sku: 'HAM', name: 'Sample ham', quantityMilli: 7_500 });
    expect(card?.batches).toEqual([]);
    const journal = t1.replica.own.key;
    expect(card?.movements).toEqual([
      {
        document: 'S01-T1A-S-3',
        key: { journal, seq: 6 },
        type: 'SaleCompleted',
        terminal: 'T1',
        operator: 'ann',
        wallMs: expect.any(Number),
        zone: 'Europe/London',
        quantityMilli: -500,
        balanceMilli: 7_500,
      },
      expect.objectContaining({
        document: 'S01-T1A-C-1',
        type: 'StockCounted',
        operator: 'max',
        quantityMilli: -250,
        balanceMilli: 8_000,
        countedMilli: 8_000,
      }),
      expect.objectContaining({ type: 'SaleCompleted', quantityMilli: -750, balanceMilli: 8_250 }),
      expect.objectContaining({ type: 'StockAdjusted', balanceMilli: 9_000 }),
    ]);
    expect(card).not.toHaveProperty('next');
  });

  it('goes on from a cursor, shows batches where there are some, and products that never moved', () => {
    const first = reading.stockCard(sku('HAM'), { limit: 3 });
    expect(first?.movements).toHaveLength(3);
    const after = first?.next ?? '';
    expect(reading.stockCard(sku('HAM'), { after, limit: 3 })?.movements).toMatchObject([
      { document: 'S01-T1A-A-1' },
    ]);
    expect(reading.stockCard(sku('MILK'), { limit: 1 })).toMatchObject({
      batches: [{ batch: 'L1', quantityMilli: 5_000 }],
      movements: [{ batch: 'L1', balanceMilli: 5_000 }],
    });
    expect(reading.stockCard(sku('JAM'), { limit: 5 })).toMatchObject({ movements: [] });
    expect(reading.stockCard(sku('NOWHERE'), { limit: 5 })).toBeUndefined();
  });

  it('X6: a cursor that is none is said to be none', () => {
    try {
      reading.stockCard(sku('HAM'), { after: `' or 1=1 --`, limit: 5 });
      expect.unreachable();
    } catch (error) {
      expect(isTillmeshError(error, 'INPUT_INVALID')).toBe(true);
    }
  });
});

describe('documents', () => {
  it('the newest of all tills first', () => {
    const newest = reading.recentDocuments(100);
    expect(newest.map(({ number }) => number)).toEqual([
      'S01-T1A-S-3',
      'S01-T1A-C-1',
      'S01-T2A-R-1',
      'S01-T1A-S-2',
      'S01-T1A-S-1',
      'S01-T1A-A-1',
    ]);
    expect(newest[2]).toMatchObject({
      key: { journal: t2.replica.own.key, seq: 2 },
      type: 'ReturnCompleted',
      terminal: 'T2',
      operator: 'max',
      totalMinor: -199,
      currency: 'EUR',
      lines: 1,
      zone: 'Europe/London',
    });
    expect(reading.recentDocuments(2)).toEqual(newest.slice(0, 2));
  });

  it('a receipt by its number as somebody types it, with what came back at any till', () => {
    const receipt = reading.receipt(' s01-t1a-s-1 ');
    expect(receipt).toMatchObject({
      number: 'S01-T1A-S-1',
      type: 'SaleCompleted',
      body: { number: 'S01-T1A-S-1', lines: [{ sku: 'HAM' }, { sku: 'TEA' }] },
      returnedMilli: [0, 1_000],
      weighed: [true, false],
    });
    expect(receipt).not.toHaveProperty('others');
    expect(reading.receipt('S01-T2A-R-1')).toMatchObject({ terminal: 'T2', returnedMilli: [0] });
    expect(reading.receipt('S01-T9A-S-1')).toBeUndefined();
    expect(reading.receipt(`' or 1=1 --${'x'.repeat(100_000)}`)).toBeUndefined();
  });

  it.each([
    ['S01-T1A-A-1', 'StockAdjusted', 2],
    ['S01-T1A-C-1', 'StockCounted', 1],
  ])('%s, a document without money, has its lines and no amounts', (number, type, lines) => {
    const receipt = reading.receipt(number);
    expect(receipt).toMatchObject({ type, totalMinor: 0, body: { number, currency: 'EUR' } });
    expect(receipt?.body.lines).toHaveLength(lines);
    expect(receipt?.body.lines.every((line) => line.amountMinor === 0 && line.name)).toBe(true);
    expect([receipt?.body.taxes, receipt?.body.tenders]).toEqual([[], []]);
  });

  it('P3: of two documents with one number, the first by clock with the other beside it, or the one asked for', () => {
    const rows = [3_000, 2_000].map((at, n) => ({
      ...t1.models.documentsByNumber('S01-T1A-S-1')[0],
      at: at.toString(16).padStart(16, '0'),
      hash: `${n}`.repeat(43),
    }));
    const models = {
      documentsByNumber: () => rows,
      bodyOf: () => ({ lines: [] }),
      receipt: () => undefined,
      printed: () => undefined,
    };
    const { replica, org, living } = t1;
    const forked = readingServices({ models, replica, org, living } as unknown as Register);
    const [late, early] = ['0'.repeat(43), '1'.repeat(43)] as EntryHash[];
    expect(forked.receipt('x')).toMatchObject({ hash: early, others: [{ hash: late }] });
    expect(forked.receipt('x', late)).toMatchObject({ hash: late, others: [{ hash: early }] });
    expect(forked.receipt('x', '2'.repeat(43) as EntryHash)).toBeUndefined();
  });

  it('P10: a receipt says on how many tills it is, whether at HQ, whether archived', () => {
    const copies = (number: string) => reading.receipt(number)?.copies;
    const own = t1.replica.own.key;
    const { voice } = t1.replica;
    const say = (from: Principal, contents: object) =>
      voice.heard(
        {
          ...contents,
          senderId: peerIdOf(from),
          targetId: peerIdOf(t1.living.principal),
        } as unknown as OwnMessage,
        from,
      );
    const tip = (register: Register) => {
      const { seq, hash } = t1.replica.journals.tip(register.replica.own.key);
      return { [register.replica.own.key]: { seq, hash } };
    };
    const relay = 'HQ-HQ1-00000000000000ff' as Principal;
    expect(copies('S01-T1A-S-1')).toEqual({ tills: 1, atHq: false, archived: false });
    // Here, and nobody has said so far that its writer still has it.
    expect(copies('S01-T2A-R-1')).toEqual({ tills: 1, atHq: false, archived: false });
    voice.linked(t2.living.principal);
    say(t2.living.principal, { type: 'tillmesh/copies', tips: tip(t1) });
    expect(copies('S01-T1A-S-1')).toEqual({ tills: 2, atHq: false, archived: false });
    // A till confirms what others wrote: of what it wrote itself its presence tells, sale by sale.
    say(t2.living.principal, {
      type: 'tillmesh/presence',
      instance: 'instance-2',
      version: '1.2.3',
      clock: formatHlc(0, 0),
      tips: {
        [t2.replica.own.key]: {
          ...t1.replica.journals.tip(t2.replica.own.key),
        },
        ...tip(t1),
      },
    });
    expect(copies('S01-T2A-R-1')).toEqual({ tills: 2, atHq: false, archived: false });
    const before = t1.replica.journals.reader.hashAt(own, 3);
    voice.linked(relay);
    say(relay, { type: 'tillmesh/copies', tips: { [own]: { seq: 3, hash: before } } });
    expect(copies('S01-T1A-S-1')).toMatchObject({ tills: 2, atHq: true });
    expect(copies('S01-T1A-S-2')).toMatchObject({ tills: 2, atHq: false });
    voice.unlinked(t2.living.principal);
    voice.unlinked(relay);
  });
});
