/**
 * What head office's screens ask the archive: pages of documents, a document by its number with its raw entry, codes
 * that are still open. Every question names its stores and is answered from an index.
 */
import { sql } from 'kysely';
import { z } from 'zod';
import { isEntryHash, type EntryHash, type StoreId, type TerminalId } from '../lib/domain/ids.ts';
import type { HqDocumentsAsk, OpenJoinCode } from '../lib/host/hq-services.ts';
import { readEntry } from '../lib/journal/entry.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type { Database } from './database.ts';
import type { EntryKeyColumns } from './schema.ts';

/** A document as the archive has it: its raw entry says everything else. */
export type ArchivedDocument = {
  readonly read: VerifiedEntry;
  readonly archivedAtMs: number;
  readonly posting?: {
    readonly state: string;
    readonly attempts: number;
    readonly message: string;
  };
};

export type ArchivedPage = {
  readonly documents: readonly ArchivedDocument[];
  readonly next?: string;
};

type Row = EntryKeyColumns & {
  readonly wall: number;
  readonly bytes: Buffer;
  readonly received_at: Date;
  readonly state: string | null;
  readonly attempts: number | null;
  readonly message: string | null;
};

/** Place of a document in the order of the pages. */
const cursorFields = z.tuple([
  z.int(),
  z.string().max(8),
  z.string().max(8),
  z.string().max(16),
  z.int(),
  z.custom<EntryHash>(isEntryHash),
]);
type Cursor = z.infer<typeof cursorFields>;

export const formatCursor = (cursor: Cursor): string =>
  Buffer.from(JSON.stringify(cursor)).toString('base64url');

/** Undefined for what is none of ours. */
export function readCursor(text: string): Cursor | undefined {
  try {
    const read = cursorFields.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString()));
    return read.success ? read.data : undefined;
  } catch {
    // Not JSON.
    return undefined;
  }
}

/** The newest first by the writers' clocks, of these stores. An unreadable `after` is the beginning. */
export async function readDocumentsPage(
  database: Database,
  stores: readonly StoreId[],
  { terminal, type, after, limit }: Omit<HqDocumentsAsk, 'store'>,
): Promise<ArchivedPage> {
  const cursor = after === undefined ? undefined : readCursor(after);
  const rows = await database.run((db) =>
    documentsQuery(stores, { terminal, type, cursor, limit: limit + 1 }).execute(db),
  );
  const page = rows.rows.slice(0, limit);
  const last = page.at(-1);
  const isMore = rows.rows.length > limit && last !== undefined;
  return {
    documents: page.map(archivedDocument),
    ...(isMore && {
      next: formatCursor([
        last.wall,
        last.store_id,
        last.terminal,
        last.incarnation,
        last.seq,
        last.hash as EntryHash,
      ]),
    }),
  };
}

/** Each store's newest from its index, then the newest of those: a store with a million documents costs a page, too. */
export function documentsQuery(
  stores: readonly StoreId[],
  ask: {
    readonly terminal?: TerminalId | undefined;
    readonly type?: string | undefined;
    readonly cursor?: Cursor | undefined;
    readonly limit: number;
  },
) {
  const { terminal, type, cursor, limit } = ask;
  const and = [
    ...(terminal === undefined ? [] : [sql`and terminal = ${terminal}`]),
    ...(type === undefined ? [] : [sql`and type = ${type}`]),
    // The first condition finds the place in the index, the second the one document within its millisecond.
    ...(cursor === undefined
      ? []
      : [
          sql`and wall <= ${cursor[0]}`,
          sql`and (wall, store_id, terminal, incarnation, seq, hash) <
            (${cursor[0]}::int8, ${cursor[1]}::text, ${cursor[2]}::text, ${cursor[3]}::text,
             ${cursor[4]}::int8, ${cursor[5]}::text)`,
        ]),
  ];
  return sql<Row>`
    with page as (
      select found.* from unnest(${[...stores]}::text[]) as asked (id) cross join lateral (
        select store_id, terminal, incarnation, seq, hash, wall from documents
        where store_id = asked.id ${sql.join(and, sql` `)}
        order by wall desc, terminal desc, incarnation desc, seq desc, hash desc limit ${limit}
      ) found
      order by wall desc, store_id desc, terminal desc, incarnation desc, seq desc, hash desc
      limit ${limit}
    )
    select page.*, entries.bytes, entries.received_at, null as state, null as attempts, null as message
    from page join entries using (store_id, terminal, incarnation, seq, hash)
    order by wall desc, store_id desc, terminal desc, incarnation desc, seq desc, hash desc`;
}

/** Every document of this number: more than one where a life forked. */
export async function readDocumentsByNumber(
  database: Database,
  store: StoreId,
  number: string,
): Promise<readonly ArchivedDocument[]> {
  const rows = await database.run((db) =>
    sql<Row>`
      select store_id, terminal, incarnation, seq, hash, documents.wall, bytes, received_at,
        postings.state, postings.attempts::int8 as attempts, postings.message
      from documents join entries using (store_id, terminal, incarnation, seq, hash)
      left join postings using (store_id, terminal, incarnation, seq, hash)
      where store_id = ${store} and number = ${number}
      order by entries.at, terminal, incarnation, seq, hash limit 100`.execute(db),
  );
  return rows.rows.map(archivedDocument);
}

/** An entry that has no rows, or not yet: a refused posting. Undefined where the archive does not have it. */
export async function readArchivedEntry(
  database: Database,
  key: EntryKeyColumns,
): Promise<ArchivedDocument | undefined> {
  const rows = await database.run((db) =>
    sql<Row>`
      select store_id, terminal, incarnation, seq, hash, wall, bytes, received_at,
        postings.state, postings.attempts::int8 as attempts, postings.message
      from entries left join postings using (store_id, terminal, incarnation, seq, hash)
      where store_id = ${key.store_id} and terminal = ${key.terminal}
        and incarnation = ${key.incarnation} and seq = ${key.seq} and hash = ${key.hash}`.execute(
      db,
    ),
  );
  return rows.rows.map(archivedDocument)[0];
}

/** Names of operators by `store/id`. */
export async function readOperatorNames(
  database: Database,
  people: readonly { readonly store: StoreId; readonly operator: string }[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await database.run((db) =>
    sql<{ key: string; name: string | null }>`
      select operators.store_id || '/' || operators.operator as key, record->>'name' as name
      from unnest(${people.map(({ store }) => store)}::text[],
                  ${people.map(({ operator }) => operator)}::text[]) as asked (store_id, operator)
      join operators on operators.store_id = asked.store_id
        and operators.operator = asked.operator`.execute(db),
  );
  return new Map(rows.rows.flatMap(({ key, name }) => (name === null ? [] : [[key, name]])));
}

export async function readOpenJoinCodes(
  database: Database,
  stores: readonly StoreId[],
  nowMs: number,
): Promise<readonly OpenJoinCode[]> {
  if (stores.length === 0) return [];
  const rows = await database.run((db) =>
    db
      .selectFrom('join_codes')
      .select(['id', 'store_id', 'terminal', 'expires_at_ms'])
      .where('store_id', 'in', [...stores])
      .where('used', '=', false)
      .where('expires_at_ms', '>', nowMs)
      .orderBy('expires_at_ms')
      .limit(100)
      .execute(),
  );
  return rows.map((row) => ({
    id: row.id,
    store: row.store_id as StoreId,
    terminal: row.terminal as TerminalId,
    expiresAtMs: row.expires_at_ms,
  }));
}

/** Who asked for a revocation, by `store key`: an operator's id, `api`, or `notices` where a relay of before knew that. */
export async function readRevokers(
  database: Database,
  stores: readonly StoreId[],
): Promise<ReadonlyMap<string, string>> {
  if (stores.length === 0) return new Map();
  const rows = await database.run((db) =>
    db
      .selectFrom('revocations')
      .select(['store_id', 'terminal_key', 'by'])
      .where('store_id', 'in', [...stores])
      .execute(),
  );
  return new Map(rows.map((row) => [`${row.store_id} ${row.terminal_key}`, row.by]));
}

const archivedDocument = (row: Row): ArchivedDocument => ({
  read: readEntry(new Uint8Array(row.bytes)),
  archivedAtMs: row.received_at.getTime(),
  ...(row.state !== null && {
    posting: { state: row.state, attempts: row.attempts ?? 0, message: row.message ?? '' },
  }),
});
