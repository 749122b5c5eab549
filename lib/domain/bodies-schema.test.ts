import { describe, expect, it } from 'vitest';
import type { Bodies, EntryType } from './bodies.ts';
import { readBody } from './bodies-schema.ts';
import { documentOf } from './document-summary.ts';
import { movementsOf } from './movements.ts';
import type { IncarnationId, JournalKey, SeriesLetter, Sku } from './ids.ts';

const journal = 'S01/T1/00000000000000aa' as JournalKey;
const day = { number: 'S01-T1A-S-17', businessDay: '2026-11-20' };
const external = { system: 'uci', id: '536365' };
const line = {
  sku: 'A' as Sku,
  name: 'Article',
  quantityMilli: 2_000,
  unitPriceE4: 10_000,
  amountMinor: 200,
};
const money = {
  ...day,
  currency: 'EUR',
  lines: [line],
  taxes: [],
  totalMinor: 200,
  roundingMinor: 0,
  tenders: [{ kind: 'cash', amountMinor: 200 }],
  customer: '17850.0',
  external,
};
const back = {
  ...money,
  lines: [{ ...line, quantityMilli: -2_000, amountMinor: -200 }],
  totalMinor: -200,
  tenders: [{ kind: 'cash', amountMinor: -200 }],
  restock: true,
};

const bodies: { [Type in EntryType]: Bodies[Type] } = {
  IncarnationBegun: {
    chain: ['MIIB', 'MIIC'],
    letter: 'A' as SeriesLetter,
    reason: 'enrolled',
    continues: { incarnation: '00000000000000aa' as IncarnationId, seq: 3, hash: 'h' },
  },
  SaleCompleted: money,
  ReturnCompleted: { ...back, of: { journal, seq: 4 }, ofLine: [0] },
  StockAdjusted: {
    ...day,
    reason: 'broken',
    lines: [{ sku: 'A' as Sku, name: 'Article', quantityMilli: -3_000, batch: 'L1' }],
    external,
  },
  LedgerAdjusted: {
    ...day,
    reason: 'bad debt',
    currency: 'EUR',
    lines: [{ ...line, unitPriceE4: -10_000, amountMinor: -200 }],
    totalMinor: -200,
  },
  StockCounted: {
    ...day,
    lines: [
      {
        sku: 'A' as Sku,
        quantityMilli: 5_000,
        at: '0199f0c0a0000000',
        seen: { [journal]: 4 },
      },
    ],
  },
  DayClosed: { ...day, documents: 3, totalMinor: 600, currency: 'EUR' },
  DrawerOpened: { businessDay: day.businessDay, reason: 'change' },
  CartCancelled: {
    businessDay: day.businessDay,
    cart: 'T1-0123456789abcdef',
    currency: 'EUR',
    lines: [
      { sku: 'A' as Sku, name: 'Article', quantityMilli: 2_000, amountMinor: 200 },
      { sku: 'B' as Sku, name: 'B', quantityMilli: 1, amountMinor: 0, approvedBy: 'sue' },
    ],
    totalMinor: 200,
  },
  CartLineVoided: {
    businessDay: day.businessDay,
    cart: 'T1-0123456789abcdef',
    line: 'l1',
    currency: 'EUR',
    sku: 'A' as Sku,
    name: 'Article',
    quantityMilli: -1_000,
    amountMinor: -100,
  },
  ReceiptReprinted: {
    businessDay: day.businessDay,
    of: { journal, seq: 4 },
    number: 'S01-T1A-S-17',
    copy: 2,
  },
  ClockChanged: { fromMs: 1_790_000_000_000, toMs: 0, while: 'stopped' },
  PermissionRefused: { businessDay: day.businessDay, permission: 'adjustStock', times: 3 },
  OperatorLocked: { businessDay: day.businessDay, operator: 'ann' },
  OperatorUnlocked: { businessDay: day.businessDay, operator: 'ann' },
  ForkSeen: { journal, seq: 4, hashes: ['a', 'b'] },
  ForeignWriteRefused: { peer: 'S01-T2-00000000000000bb', code: 'NOT_THE_WRITER', document: 'd' },
  ClockOffsetSeen: { peer: 'S01-T2-00000000000000bb', offsetMs: -40_000 },
  PeerPardoned: { peer: 'S01-T2', code: 'NOT_THE_WRITER' },
  TamperingSeen: { code: 'FILE_EDITED', where: 'bars.json', seq: 4, what: 'x' },
  TamperingChecked: {
    findings: 1,
    only: { code: 'FILE_EDITED', where: 'bars.json' },
    left: 2,
    note: 'The service man',
  },
};

describe('P8: bodies are read tolerantly', () => {
  it.each(Object.entries(bodies))('%s: known fields checked, unknown ones kept', (type, body) => {
    expect(readBody(type, body)).toStrictEqual({ ok: true, type, body });
    const later = { ...body, later: { field: [1, 'two'] } };
    expect(readBody(type, later)).toStrictEqual({ ok: true, type, body: later });
  });

  it.each(['VoucherSold', 'constructor', '__proto__', 'toString', ''])(
    'the type %j is unknown, not wrong',
    (type) => {
      expect(readBody(type, { any: 'thing' })).toStrictEqual({ ok: 'unknown' });
      expect(movementsOf(type, {})).toStrictEqual([]);
      expect(documentOf(type, {})).toBeUndefined();
    },
  );

  it.each<[string, EntryType, unknown]>([
    ['nothing', 'SaleCompleted', null],
    ['text', 'SaleCompleted', 'sale'],
    ['a float total', 'SaleCompleted', { ...money, totalMinor: 2.5 }],
    ['a wrong number', 'SaleCompleted', { ...money, number: '17' }],
    ['a wrong currency', 'SaleCompleted', { ...money, currency: 'EURO' }],
    ['a missing field', 'ReturnCompleted', { ...back, restock: undefined }],
    [
      'lines that do not fit',
      'ReturnCompleted',
      { ...back, of: { journal, seq: 1 }, ofLine: [0, 1] },
    ],
    [
      'a reserved key',
      'SaleCompleted',
      JSON.parse(JSON.stringify(money).replace('{', '{"constructor":1,')),
    ],
    [
      'a foreign journal name',
      'StockCounted',
      {
        ...bodies.StockCounted,
        lines: [{ sku: 'A', quantityMilli: 1, at: '0199f0c0a0000000', seen: { toString: 1 } }],
      },
    ],
  ])('%s in a %s is a problem with words, and moves nothing', (_, type, body) => {
    const read = readBody(type, body);
    expect(read.ok).toBe(false);
    if (read.ok === false) expect(read.problem.length).toBeGreaterThan(5);
    expect(movementsOf(type, body)).toStrictEqual([]);
    expect(documentOf(type, body)).toBeUndefined();
  });
});

describe('P6: what a document moves', () => {
  const kit = {
    ...line,
    sku: 'KIT' as Sku,
    quantityMilli: 3_000,
    components: [
      { sku: 'X' as Sku, quantityMilli: 2_000 },
      { sku: 'Y' as Sku, quantityMilli: 500 },
    ],
  };
  it.each<[string, EntryType, unknown, unknown]>([
    ['a sale takes', 'SaleCompleted', money, [{ sku: 'A', quantityMilli: -2_000 }]],
    [
      'a batch is named',
      'SaleCompleted',
      { ...money, lines: [{ ...line, batch: 'L1' }] },
      [{ sku: 'A', quantityMilli: -2_000, batch: 'L1' }],
    ],
    ['a return gives back', 'ReturnCompleted', back, [{ sku: 'A', quantityMilli: 2_000 }]],
    ['a return of broken goods does not', 'ReturnCompleted', { ...back, restock: false }, []],
    [
      'a kit moves its contents',
      'SaleCompleted',
      { ...money, lines: [kit] },
      [
        { sku: 'X', quantityMilli: -6_000 },
        { sku: 'Y', quantityMilli: -1_500 },
      ],
    ],
    [
      'an adjustment is as it says',
      'StockAdjusted',
      bodies.StockAdjusted,
      [{ sku: 'A', quantityMilli: -3_000, batch: 'L1' }],
    ],
    ['a ledger adjustment moves nothing', 'LedgerAdjusted', bodies.LedgerAdjusted, []],
    ['a count moves nothing', 'StockCounted', bodies.StockCounted, []],
  ])('%s', (_, type, body, movements) => {
    expect(movementsOf(type, body)).toStrictEqual(movements);
  });
});

describe('the few figures of a document', () => {
  it.each<[EntryType, unknown]>([
    [
      'SaleCompleted',
      {
        type: 'SaleCompleted',
        ...day,
        lines: 1,
        currency: 'EUR',
        totalMinor: 200,
        customer: '17850.0',
        externalId: '536365',
      },
    ],
    [
      'ReturnCompleted',
      {
        type: 'ReturnCompleted',
        ...day,
        lines: 1,
        currency: 'EUR',
        totalMinor: -200,
        customer: '17850.0',
        externalId: '536365',
      },
    ],
    [
      'LedgerAdjusted',
      { type: 'LedgerAdjusted', ...day, lines: 1, currency: 'EUR', totalMinor: -200 },
    ],
    [
      'StockAdjusted',
      { type: 'StockAdjusted', ...day, lines: 1, totalMinor: 0, externalId: '536365' },
    ],
    ['StockCounted', { type: 'StockCounted', ...day, lines: 1, totalMinor: 0 }],
    ['DayClosed', { type: 'DayClosed', ...day, lines: 0, currency: 'EUR', totalMinor: 0 }],
    ['ForkSeen', undefined],
    ['IncarnationBegun', undefined],
  ])('%s', (type, summary) => {
    expect(documentOf(type, bodies[type])).toStrictEqual(summary);
  });
});
