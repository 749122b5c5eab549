/**
 * Every derived row in natural keys and a fixed order, for comparing replicas and for tests (P4).
 * Row ids, which depend on the order of arrival, are in none of them.
 */
import type { DatabaseSync } from 'node:sqlite';

const inJournals = `join journals on journals.id = journal`;
const inEntries = `join entries on entries.id = entry ${inJournals}`;

const queries = {
  journals: `select key, tip_seq, tip_hash, last_seq from journals where last_seq > 0 order by key`,
  entries: `select key, seq, hash, at, wall, zone, type, command, operator, state
    from entries ${inJournals} order by key, seq, hash`,
  documents: `select key, seq, hash, documents.at, documents.type, number, documents.command, business_day, lines, currency, total,
      customer, external, body
    from documents join entries on entries.id = entry join journals on journals.id = entries.journal
    order by key, seq, hash`,
  acts: `select key, seq, hash, acts.type, acts.command, business_day, subject, body
    from acts join entries on entries.id = entry join journals on journals.id = acts.journal order by key, seq, hash`,
  dayTotals: `select key, business_day, type, currency, documents, lines, total
    from day_totals ${inJournals} order by key, business_day, type, currency`,
  numbers: `select key, series, first, last, count, used from numbers ${inJournals} order by key, series`,
  stock: `select sku, cast(quantity as text) as quantity, counted from stock order by sku`,
  movements: `select stock.sku, key, seq, hash, movements.at, batch, movements.quantity
    from movements join stock on stock.id = movements.sku ${inEntries} order by stock.sku, key, seq, hash, batch`,
  counts: `select stock.sku, key, seq, hash, line, batch, counts.quantity, counts.at, seen
    from counts join stock on stock.id = counts.sku ${inEntries} order by stock.sku, key, seq, hash, line`,
  sold: `select sku, key, sales from sold ${inJournals} order by sku, key`,
  saw: `select key, other, seq, other_seq from saw ${inJournals} order by key, other, seq`,
  returned: `select of_journal, of_seq, of_line, key, seq, hash, line, quantity
    from returned ${inEntries} order by of_journal, of_seq, of_line, key, seq, hash, line`,
  observations: `select observations.kind, subject, key, seq, hash, detail
    from observations ${inEntries} order by observations.kind, subject, key, seq, hash`,
  revoked: `select key, terminal, reason, at, seq, hash from revoked order by key`,
  flags: `select id, kind, subject, cause from flags order by id`,
} as const;

export type DumpTable = keyof typeof queries;
export const dumpTables = Object.keys(queries) as DumpTable[];

/** The rows of one derived table, one by one: for comparing files that need not stand in memory. */
export function rowsOf(
  database: DatabaseSync,
  table: DumpTable,
): IterableIterator<Record<string, unknown>> {
  return database.prepare(queries[table]).iterate() as IterableIterator<Record<string, unknown>>;
}

export type Dump = Readonly<Record<keyof typeof queries, readonly object[]>>;

export function dumpOf(database: DatabaseSync): Dump {
  const rows = (sql: string): object[] =>
    database
      .prepare(sql)
      .all()
      .map((row) => ({ ...row }));
  return Object.fromEntries(
    Object.entries(queries).map(([name, sql]) => [name, rows(sql)]),
  ) as unknown as Dump;
}
