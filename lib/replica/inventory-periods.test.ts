import * as A from '@automerge/automerge';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ListDocument } from '../documents/genesis.ts';
import { actorPrefixOf, names } from '../documents/names.ts';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import { journalKeyOf } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { hashOfStock } from '../projections/stock-hash.ts';
import { Projections } from '../projections/projections.ts';
import { stockFromPeriods } from '../projections/stock-from-periods.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { sealRecord } from '../trust/signed-record.ts';
import { InventoryPeriods, readPeriod } from './inventory-periods.ts';
import { rosterRecord } from './keyring.ts';
import { sampleLetter } from './sample-head-office.ts';
import { signedEdit } from './signed-edit.ts';
import { SampleReplica } from './sample-replica.ts';

let company: SampleCompany;
let till: NewIncarnation;
let peer: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('periods');
  till = await company.incarnation('S01', 'T1');
  peer = await company.incarnation('S01', 'T2');
});

let here: SampleReplica;
beforeEach(() => {
  here = new SampleReplica({ company, me: till });
});

function periodsOf(replica: SampleReplica): InventoryPeriods {
  return new InventoryPeriods({
    journal: replica.own.key,
    journals: replica.journals,
    records: replica.records,
    open: (name) => replica.openList(name),
    onError: (error) => {
      throw error;
    },
  });
}

let documents = 0;
/** A day of five deliveries of a thousandth more each, closed or not. */
function day(replica: SampleReplica, isClosed = true, perDay = 5): void {
  for (let n = 1; n <= perDay; n++) deliver(replica, n);
  if (!isClosed) return;
  const number = `S01-T1A-Z-${++documents}`;
  const body = { number, businessDay: '2026-01-15', documents: 5, totalMinor: 0, currency: 'EUR' };
  replica.own.append({ type: 'DayClosed', body, command: `close-${documents}`, by: 'ann' });
}
function deliver(replica: SampleReplica, quantityMilli: number): void {
  documents++;
  const body = {
    number: `S01-T1A-A-${documents}`,
    businessDay: '2026-01-15',
    reason: 'delivery',
    lines: [{ sku: `SKU${quantityMilli % 3}`, name: 'Something', quantityMilli }],
  };
  replica.own.append({ type: 'StockAdjusted', body, command: `deliver-${documents}`, by: 'ann' });
}

const entriesOf = (replica: SampleReplica): VerifiedEntry[] =>
  [...replica.journals.reader.entriesFrom(replica.own.key, 1)].flat();

async function recorded(replica: SampleReplica) {
  const rule = await replica.openList(names.inventory(replica.own.key));
  return replica.records.records(rule).flatMap(({ fields }) => readPeriod(fields) ?? []);
}

function stockHashOf(entries: readonly VerifiedEntry[]): string {
  const projections = Projections.open({
    file: ':memory:',
    store: till.identity.store,
    own: undefined,
  });
  projections.fold(entries);
  const hash = projections.stockHash();
  projections.close();
  return hash;
}

describe('inventory periods on the road', () => {
  it('K4: each sealed segment gets one period, and with the entries after them they give the stock of the journals', async () => {
    const periods = periodsOf(here);
    for (let n = 0; n < 3; n++) {
      day(here);
      periods.look();
      await periods.append();
    }
    deliver(here, 700);
    periods.look();
    await periods.append();
    const found = await recorded(here);
    expect(found.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [1, 6],
      [7, 12],
      [13, 18],
    ]);
    const entries = entriesOf(here);
    const after = entries.filter(({ entry }) => entry.seq > 18);
    const { stock, needs } = stockFromPeriods([{ journal: here.own.key, periods: found }], after);
    expect(needs).toEqual([]);
    expect(hashOfStock(stock)).toBe(stockHashOf(entries));
    expect(after).toHaveLength(1);
  });

  it('nothing waits for a period: `look` returns before anything is written, and an entry is not delayed', async () => {
    const periods = periodsOf(here);
    day(here);
    deliver(here, 1);
    periods.look();
    deliver(here, 2);
    expect(here.own.tip.seq).toBe(8);
    expect(here.repo.handles).toEqual({});
    await periods.append();
    expect(await recorded(here)).toHaveLength(1);
  });

  it('K4: a start adds what the last life of the process could not write, once', async () => {
    day(here);
    day(here);
    deliver(here, 1);
    const first = periodsOf(here);
    first.look();
    await first.stop();
    expect(await recorded(here)).toEqual([]);
    for (let start = 0; start < 3; start++) {
      const periods = periodsOf(here);
      periods.look();
      await periods.append();
    }
    expect((await recorded(here)).map(({ lastSeq }) => lastSeq)).toEqual([6, 12]);
  });

  it('a segment that is still written has no period, and a fork gets none', async () => {
    day(here, false);
    const periods = periodsOf(here);
    await periods.append();
    expect(Object.keys(here.repo.handles)).toEqual([]);
    const forked = new SampleReplica({ company, me: till });
    day(forked);
    deliver(forked, 1);
    const twin = new SampleReplica({ company, me: till });
    const path = `/data/journals/${forked.own.key}/1.changes`;
    twin.disk.plant(path, forked.disk.read(path) ?? new Uint8Array());
    twin.journals.start(() => undefined);
    deliver(twin, 2);
    const rule = forked.registry.journalRule(forked.own.key, 2);
    if (!rule) throw new Error('not admitted');
    forked.journals.receive(
      rule,
      twin.arrivals.flatMap(({ changes }) => [...changes]),
      'twin',
    );
    expect(forked.journals.isForked(forked.own.key)).toBe(true);
    await periodsOf(forked).append();
    expect(await recorded(forked)).toEqual([]);
  });

  it('a period too large for one record becomes two, and their sums are the same', async () => {
    const lines = Array.from({ length: 1_900 }, (_, n) => ({
      sku: `LONG-CODE-${String(n).padStart(24, '0')}`,
      quantityMilli: 1_000,
      at: '018bcfe568000000',
      seen: { [here.own.key]: 1, [journalKeyOf(peer.identity)]: 1, 'S01/T9/00000000000000aa': 3 },
    }));
    for (let n = 1; n <= 4; n++) {
      const body = { number: `S01-T1A-C-${n}`, businessDay: '2026-01-15', lines };
      here.own.append({ type: 'StockCounted', body, command: `count-${n}`, by: 'ann' });
    }
    day(here);
    deliver(here, 1);
    const periods = periodsOf(here);
    await periods.append();
    const found = await recorded(here);
    expect(found.length).toBeGreaterThan(1);
    expect(found.at(-1)?.lastSeq).toBe(10);
    expect(found.flatMap(({ counts }) => counts)).toHaveLength(4 * lines.length);
    const entries = entriesOf(here);
    const { stock } = stockFromPeriods(
      [{ journal: here.own.key, periods: found }],
      entries.filter(({ entry }) => entry.seq > 10),
    );
    expect(hashOfStock(stock)).toBe(stockHashOf(entries));
  });
});

describe('inventory periods of entries that are still in memory', () => {
  it('K4: are those of the files, whatever was kept and however the days fall', async () => {
    const followed = new SampleReplica({ company, me: till });
    const periods = periodsOf(followed);
    let told = 0;
    const tell = () => {
      for (const { entries } of followed.arrivals.slice(told))
        for (const read of entries) periods.follow(read);
      told = followed.arrivals.length;
    };
    // Begun in the middle of a segment, two days closed in one turn, a day of one entry, a long day.
    deliver(followed, 1);
    told = followed.arrivals.length;
    for (const perDay of [3, 4, 2, 0, 120]) {
      for (let n = 1; n <= perDay; n++) {
        deliver(followed, n);
        tell();
      }
      day(followed, true, 0);
      tell();
      if (perDay === 4) await periods.append();
    }
    deliver(followed, 5);
    tell();
    await periods.append();
    const read = await recorded(followed);
    const fromFiles = new SampleReplica({ company, me: till });
    for (const segment of followed.journals.segments.of(followed.own.key)) {
      const path = `/data/journals/${followed.own.key}/${segment}.changes`;
      fromFiles.disk.plant(path, followed.disk.read(path) ?? new Uint8Array());
    }
    fromFiles.journals.start(() => undefined);
    await periodsOf(fromFiles).append();
    expect(await recorded(fromFiles)).toEqual(read);
    expect(read.map(({ lastSeq }) => lastSeq)).toEqual([5, 10, 13, 14, 135]);
  });
});

describe('inventory periods from a peer', () => {
  const name = () => names.inventory(here.own.key);
  const actorOf = (who: NewIncarnation) => actorPrefixOf(who.principal) + '1'.repeat(16);

  function codeOf(change: Uint8Array | undefined): ErrorCode | 'taken' {
    try {
      here.records.check(here.list(name()), change ?? new Uint8Array());
      return 'taken';
    } catch (error) {
      if (isTillmeshError(error)) return error.code;
      throw error;
    }
  }

  it('D4, K4: one of another writer, an edited one and one taken out are refused; the own ones come back', async () => {
    day(here);
    deliver(here, 1);
    await periodsOf(here).append();
    const rule = await here.openList(name());
    const handle = await here.documents.open<ListDocument>(rule);
    const mine = handle.doc();
    const [, genuine] = A.getAllChanges(mine);
    expect(codeOf(genuine)).toBe('taken');
    const [record = new Uint8Array()] = mine.entries;
    const change = (who: NewIncarnation, edit: (doc: ListDocument) => void) => {
      const copy = A.clone(A.load<ListDocument>(A.save(mine)), { actor: actorOf(who) });
      return signedEdit(copy, name(), who.signer, edit);
    };
    const [period] = await recorded(here);
    const forged = sealRecord(
      'inventory',
      { ...(period as object), ...rosterRecord(peer.chain, sampleLetter) },
      peer.principal,
      peer.signer,
    );
    const text = new TextDecoder().decode(record);
    const edited = new TextEncoder().encode(text.replace('"firstSeq":1', '"firstSeq":2'));
    expect(edited).not.toEqual(record);
    expect(codeOf(change(peer, (doc) => doc.entries.push(forged)))).toBe('NOT_THE_WRITER');
    expect(codeOf(change(peer, (doc) => doc.entries.push(record)))).toBe('NOT_THE_WRITER');
    expect(codeOf(change(till, (doc) => doc.entries.push(edited)))).toBe('ENTRY_FORGED');
    expect(codeOf(change(till, (doc) => doc.entries.splice(0, 1)))).toBe('CHANGE_NOT_CANONICAL');
    expect(codeOf(change(till, (doc) => void (doc.entries[0] = edited)))).toBe(
      'CHANGE_NOT_CANONICAL',
    );
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['an end before its beginning', { firstSeq: 2, lastSeq: 1 }],
    ['a movement of a fraction', { movements: [['SKU', '', 0.5]] }],
    ['a hash that is none', { lastHash: 'x' }],
  ])('P8: a record with %s is no period', (_, fields) => {
    const period = {
      firstSeq: 1,
      lastSeq: 2,
      prevHash: '-',
      lastHash: 'A'.repeat(43),
      firstAt: '018bcfe568000000',
      lastAt: '018bcfe568000000',
      saw: {},
      movements: [],
      counts: [],
    };
    expect(readPeriod(period)).toEqual(period);
    expect(
      readPeriod(Object.keys(fields).length === 0 ? {} : { ...period, ...fields }),
    ).toBeUndefined();
  });
});
