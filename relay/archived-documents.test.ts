import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { machineClock } from '../lib/host/machine-clock.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import { Archive } from './archive.ts';
import {
  documentsQuery,
  formatCursor,
  readArchivedEntry,
  readCursor,
  readDocumentsByNumber,
  readDocumentsPage,
  readOpenJoinCodes,
} from './archived-documents.ts';
import type { Database } from './database.ts';
import { returnOf, sale, SampleJournal, stockAdjustment } from './testing/sample-entries.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';

const [s01, s02, s03] = ['S01', 'S02', 'S03'] as StoreId[] as [StoreId, StoreId, StoreId];
let tests: TestDatabase;
let database: Database;
/** The newest first, as every page must have them. */
let newest: readonly VerifiedEntry[];

beforeAll(async () => {
  tests = await startTestDatabase();
  database = await tests.open();
  const archive = new Archive(database, { clock: machineClock });
  const [a, b, c] = [
    new SampleJournal('T1'),
    new SampleJournal('T2'),
    new SampleJournal('T1', '00000000000000a2', 'S02'),
  ];
  const entries = [
    ...a.sales(40),
    ...b.sales(7),
    ...c.sales(11),
    a.append(returnOf('S01-T1A-R-1', 1)),
    b.append(stockAdjustment('S01-T2A-A-1')),
    // No document at all.
    a.append({ type: 'FromTheFuture', body: {} }),
  ];
  // Of another store that nobody here asks for.
  const foreign = new SampleJournal('T1', '00000000000000a3', 'S03').sales(5);
  await archive.ingest([...entries, ...foreign]);
  const key = ({ entry, hash }: VerifiedEntry): readonly (string | number)[] => [
    entry.wall,
    entry.store,
    entry.terminal,
    entry.incarnation,
    entry.seq,
    hash,
  ];
  newest = entries
    .filter(({ entry }) => entry.type !== 'FromTheFuture')
    .toSorted((one, other) => {
      const [x, y] = [key(one), key(other)];
      const at = x.findIndex((part, n) => part !== y[n]);
      return (x[at] ?? 0) < (y[at] ?? 0) ? 1 : -1;
    });
});
afterAll(() => tests.close());

const hashes = (documents: readonly { readonly read: VerifiedEntry }[]): string[] =>
  documents.map(({ read }) => read.hash);

describe('documents of the archive, page by page', () => {
  it.each([1, 7, 58, 59, 60, 500])(
    'pages of %i: each once, the newest first, of these stores alone',
    async (limit) => {
      const seen: string[] = [];
      let after: string | undefined;
      for (let n = 0; n < 100; n++) {
        const page = await readDocumentsPage(database, [s01, s02], {
          limit,
          ...(after !== undefined && { after }),
        });
        expect(page.documents.length).toBeLessThanOrEqual(limit);
        seen.push(...hashes(page.documents));
        after = page.next;
        if (after === undefined) break;
      }
      expect(seen).toEqual(newest.map(({ hash }) => hash));
    },
  );

  it('filters by store, till and kind', async () => {
    const of = async (stores: StoreId[], filter: { terminal?: TerminalId; type?: string }) =>
      hashes((await readDocumentsPage(database, stores, { ...filter, limit: 500 })).documents);
    const expected = (keep: (read: VerifiedEntry) => boolean) =>
      newest.filter(keep).map(({ hash }) => hash);
    const terminal = 'T2' as TerminalId;
    expect(await of([s02], {})).toEqual(expected(({ entry }) => entry.store === 'S02'));
    expect(await of([s01], { terminal })).toEqual(
      expected(({ entry }) => entry.store === 'S01' && entry.terminal === 'T2'),
    );
    const type = 'ReturnCompleted';
    expect(await of([s01, s02], { type })).toEqual(expected(({ entry }) => entry.type === type));
    expect(await of([s02], { terminal })).toEqual([]);
    expect(await of([], {})).toEqual([]);
    expect(await of(['S99' as StoreId], {})).toEqual([]);
  });

  it('a place that is none is the beginning, and nobody gets into the question by it', async () => {
    const [first] = newest;
    for (const after of [
      'x',
      '{}',
      Buffer.from('[1]').toString('base64url'),
      Buffer.from(`[1,"S01","T1","a","1","'; drop table documents"]`).toString('base64url'),
    ]) {
      expect(readCursor(after)).toBeUndefined();
      const page = await readDocumentsPage(database, [s01, s02], { limit: 1, after });
      expect(hashes(page.documents)).toEqual([first?.hash]);
    }
    if (!first) throw new Error('no document');
    const cursor = [1, 'S01', 'T1', '00000000000000a1', 1, first.hash] as const;
    expect(readCursor(formatCursor([...cursor]))).toEqual(cursor);
  });

  it('P3: both documents of one number, with where they stand and when they were archived', async () => {
    const own = await tests.open();
    const archive = new Archive(own, { clock: machineClock });
    const journal = new SampleJournal();
    const common = journal.sales(1);
    const other = journal.fork();
    const both = [journal.append(sale('S01-T1A-S-2', 3)), other.append(sale('S01-T1A-S-2', 4))];
    await archive.ingest([...common, ...both]);
    const found = await readDocumentsByNumber(own, s01, 'S01-T1A-S-2');
    expect(hashes(found).toSorted()).toEqual(both.map(({ hash }) => hash).toSorted());
    expect(found[0]?.read.entry.prev).toBe(common[0]?.hash);
    expect(Math.abs(machineClock.wallMs() - (found[0]?.archivedAtMs ?? 0))).toBeLessThan(3_600_000);
    expect(await readDocumentsByNumber(own, s02, 'S01-T1A-S-2')).toEqual([]);
  });

  it('P8: an entry whose posting was refused is found by its place, with the reason', async () => {
    const own = await tests.open();
    const archive = new Archive(own, { clock: machineClock });
    const journal = new SampleJournal();
    const [bad] = [journal.append({ type: 'SaleCompleted', body: { number: 7 } })];
    await archive.ingest([bad]);
    const key = {
      store_id: 'S01',
      terminal: 'T1',
      incarnation: '00000000000000a1',
      seq: 1,
      hash: bad.hash as string,
    };
    const found = await readArchivedEntry(own, key);
    expect(found).toMatchObject({ posting: { state: 'refused', attempts: 1 } });
    expect(await readArchivedEntry(own, { ...key, seq: 2 })).toBeUndefined();
  });
});

describe('the indexes', () => {
  /** The indexes that a plan touches, over a hundred times more rows than the pages above. */
  async function indexesOf(ask: Omit<Parameters<typeof documentsQuery>[1], 'limit'>) {
    const query = documentsQuery([s01, s02], { ...ask, limit: 51 }).compile(database.sql);
    const explained = await database.sql.executeQuery<{ 'QUERY PLAN': string }>({
      ...query,
      sql: `explain ${query.sql}`,
    });
    const plan = explained.rows.map((row) => row['QUERY PLAN']).join('\n');
    return { plan, names: [...plan.matchAll(/using (\w+) on documents/g)].map(([, name]) => name) };
  }

  beforeAll(async () => {
    const journals = ['S01', 'S02'].map((store) => new SampleJournal('T9', undefined, store));
    const archive = new Archive(database, { clock: machineClock });
    for (const journal of journals) await archive.ingest(journal.sales(3_000, 1));
    await sql`analyze documents`.execute(database.sql);
    await sql`analyze entries`.execute(database.sql);
  });

  it('are used: the first page, a later one, and the rare kinds read no whole table', async () => {
    const cursor = readCursor(
      formatCursor([
        Date.UTC(2010, 11, 2),
        'S01',
        'T9',
        '00000000000000a1',
        9,
        newest[0]?.hash as never,
      ]),
    );
    expect(cursor).toBeDefined();
    for (const [ask, name] of [
      [{}, 'documents_newest'],
      [{ cursor }, 'documents_newest'],
      [{ type: 'ReturnCompleted' }, 'documents_newest_rare'],
    ] as const) {
      const { plan, names } = await indexesOf(ask);
      expect([plan, names]).toEqual([plan, [name]]);
      expect(plan).not.toContain('Seq Scan on documents');
    }
  });

  it('are used for a number', async () => {
    const explained = await sql<{ 'QUERY PLAN': string }>`explain select hash from documents
      where store_id = 'S01' and number = 'S01-T9A-S-17'`.execute(database.sql);
    expect(explained.rows.map((row) => row['QUERY PLAN']).join('\n')).toContain(
      'documents_by_number',
    );
  });
});

describe('open join codes', () => {
  it('are those that are neither used nor over, of these stores', async () => {
    const row = (id: string, store: StoreId, expiresAtMs: number, used = false) => ({
      id,
      key: Buffer.alloc(32),
      store_id: store,
      terminal: 'T4',
      expires_at_ms: expiresAtMs,
      failed_tries: 0,
      used,
    });
    await database.sql
      .insertInto('join_codes')
      .values([
        row('AAAA', s01, 2_000),
        row('BBBB', s01, 2_000, true),
        row('CCCC', s01, 1_000),
        row('DDDD', s03, 2_000),
      ])
      .execute();
    expect(await readOpenJoinCodes(database, [s01, s02], 1_000)).toEqual([
      { id: 'AAAA', store: 'S01', terminal: 'T4', expiresAtMs: 2_000 },
    ]);
    expect(await readOpenJoinCodes(database, [], 1_000)).toEqual([]);
  });
});
