import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineClock } from '../lib/host/machine-clock.ts';
import { Archive } from './archive.ts';
import { summarySql } from './archive-queries.ts';
import type { Database } from './database.ts';
import { archiveContractSuite } from './testing/archive-contract-suite.ts';
import { ledgerAdjustment, SampleJournal } from './testing/sample-entries.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';

let tests: TestDatabase;
beforeAll(async () => {
  tests = await startTestDatabase();
});
afterAll(() => tests.close());

const countOf = async (database: Database, table: string): Promise<number> => {
  const result = await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(
    database.sql,
  );
  return result.rows[0]?.n ?? -1;
};

describe('archive in PostgreSQL', () => {
  archiveContractSuite(async ({ clock, ...more }) => {
    return new Archive(await tests.open(), { clock: { ...machineClock, ...clock }, ...more });
  });

  it('keeps every entry byte for byte, and the rows of its document', async () => {
    const database = await tests.open();
    const archive = new Archive(database, { clock: machineClock });
    const entries = new SampleJournal().sales(4, 3);
    await archive.ingest(entries);
    const rows = await database.sql.selectFrom('entries').selectAll().orderBy('seq').execute();
    expect(rows.map((row) => Buffer.from(row.bytes))).toEqual(
      entries.map((read) => Buffer.from(read.bytes)),
    );
    expect(rows[3]).toMatchObject({ seq: 4, prev: entries[2]?.hash, by: 'anna', store_id: 'S01' });
    const document = await database.sql.selectFrom('documents').selectAll().executeTakeFirst();
    expect(document).toMatchObject({
      number: 'S01-T1A-S-1',
      business_day: '2010-12-01',
      total_minor: 1_530,
      line_count: 3,
      customer: null,
      external_id: '536366',
    });
    const line = await database.sql
      .selectFrom('lines')
      .selectAll()
      .where('n', '=', 2)
      .executeTakeFirst();
    expect(line).toMatchObject({ quantity_milli: 3_000, unit_price_e4: 25_500, amount_minor: 765 });
    const moved = await sql<{ total: number }>`select sum(quantity_milli)::bigint as total
      from movements`.execute(database.sql);
    expect(moved.rows[0]?.total).toBe(-24_000);
    expect(await countOf(database, 'tenders')).toBe(4);
    expect(await countOf(database, 'taxes')).toBe(4);
  });

  it('P9: amounts at the limit of a document come back exactly, negative ones too', async () => {
    const database = await tests.open();
    const archive = new Archive(database, { clock: machineClock });
    const journal = new SampleJournal();
    const amounts = [1_000_000_000_000, -999_999_999_999, -1, 0, 4_294_967_296, -4_294_967_297];
    await archive.ingest(
      amounts.map((minor, n) => journal.append(ledgerAdjustment(`S01-T1A-L-${n}`, minor))),
    );
    const rows = await database.sql
      .selectFrom('documents')
      .select('total_minor')
      .orderBy('seq')
      .execute();
    // The two whose unit price would pass its own limit are refused, not rounded.
    expect(rows.map((row) => row.total_minor)).toEqual([-1, 0, 4_294_967_296, -4_294_967_297]);
    expect((await archive.problems()).map((each) => each.cause)).toEqual(['invalid', 'invalid']);
  });

  it('P8: a document that PostgreSQL refuses is refused alone; its neighbours are posted', async () => {
    const database = await tests.open();
    await sql`alter table documents add check (number <> 'S01-T1A-S-3')`.execute(database.sql);
    const archive = new Archive(database, { clock: machineClock });
    const entries = new SampleJournal().sales(6);
    expect(await archive.ingest(entries)).toMatchObject({ archived: 6, posted: 5, refused: 1 });
    expect(await archive.problems()).toMatchObject([{ seq: 3, cause: 'data' }]);
    expect(await countOf(database, 'lines')).toBe(10);
  });

  it('P8: a fault of our own tables leaves the raw entries in and the documents refused', async () => {
    const database = await tests.open();
    await sql`alter table tenders rename to hidden`.execute(database.sql);
    const archive = new Archive(database, { clock: machineClock });
    const result = await archive.ingest(new SampleJournal().sales(3));
    expect(result).toMatchObject({ archived: 3, posted: 0, refused: 3 });
    expect(await countOf(database, 'documents')).toBe(0);
    expect(await archive.problems()).toMatchObject([{ cause: 'fault' }, {}, {}]);
  });

  it('two relays that take in the same entries at once write them once', async () => {
    const database = await tests.open();
    const entries = [...new SampleJournal('T1').sales(200), ...new SampleJournal('T2').sales(200)];
    const relays = [1, 2, 3].map(() => new Archive(database, { clock: machineClock }));
    const cuts = [entries, entries.toReversed(), [...entries.slice(150), ...entries.slice(0, 150)]];
    const results = await Promise.all(relays.map((relay, i) => relay.ingest(cuts[i] ?? [])));
    expect(results.reduce((sum, each) => sum + each.archived, 0)).toBe(400);
    expect((await relays[0]?.summary())?.sale).toBe(400);
    expect([...((await relays[0]?.tips()) ?? [])].map(([, tip]) => tip.seq)).toEqual([200, 200]);
  });

  it('answers the plain SQL of the guide as it answers the API', async () => {
    const database = await tests.open();
    const archive = new Archive(database, { clock: machineClock });
    await archive.ingest(new SampleJournal().sales(7));
    const plain = await sql.raw<Record<string, unknown>>(summarySql).execute(database.sql);
    expect(plain.rows).toEqual([
      { type: 'SaleCompleted', currency: 'GBP', documents: 7, lines: 14, total_minor: 5_355 },
    ]);
    expect((await archive.summary()).totalMinor).toBe(5_355);
  });
});
