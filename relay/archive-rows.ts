/**
 * Rows of many documents → one `insert … select from unnest` per table. The key holds the entry's hash, so a row that is
 * already there is the same row, and `on conflict do nothing` leaves it. That clause costs as much as the insert itself,
 * so documents of entries that this transaction has just archived, which cannot have rows, go in without it.
 */
import { CompiledQuery, type Transaction } from 'kysely';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import { encodeArray, storableText } from './binary-arrays.ts';
import type { ColumnType, ColumnValue } from './binary-arrays.ts';
import type { DocumentRows } from './document-rows.ts';
import type { ArchiveSchema } from './schema.ts';

type Column<Row> = {
  readonly name: string;
  readonly type: ColumnType;
  /** Where the column's type is not the array's. */
  readonly cast?: string;
  readonly of: (row: Row) => ColumnValue;
};

export type Table<Row> = {
  readonly columns: readonly Column<Row>[];
  readonly statement: string;
  /** Leaves rows that are there. */
  readonly tolerant: string;
};

function table<Row>(
  name: keyof ArchiveSchema,
  columns: readonly Column<Row>[],
  returning = '',
): Table<Row> {
  const names = columns.map((column) => column.name);
  const values = columns.map(({ name: each, cast }) => (cast ? `${each}::${cast}` : each));
  const arrays = columns.map((column, index) => `$${index + 1}::${column.type}[]`);
  const statement = `insert into ${name} (${names.join(', ')}) select ${values.join(', ')}
    from unnest(${arrays.join(', ')}) as given (${names.join(', ')})`;
  return { columns, statement, tolerant: `${statement} on conflict do nothing ${returning}` };
}

/** Encoded at once, so that the work is done while the statement before is still running. */
export function insertInto<Row>(
  into: Table<Row>,
  rows: readonly Row[],
  conflicts: Conflicts,
): CompiledQuery<Inserted> {
  const arrays = into.columns.map(({ type, of }) => encodeArray(type, rows.map(of)));
  return CompiledQuery.raw(into[conflicts], arrays);
}

/** `statement`: a row that is there is a fault; `tolerant`: it is left. */
export type Conflicts = 'statement' | 'tolerant';

/** What `returning` gives; other tables give nothing. */
export type Inserted = { readonly hash: string };

export const run = (trx: Transaction<ArchiveSchema>, query: CompiledQuery<Inserted>) =>
  trx.executeQuery(query);

type Part<Value> = { readonly read: VerifiedEntry; readonly n: number; readonly value: Value };

const text = <Row>(name: string, of: (row: Row) => string | undefined): Column<Row> => ({
  name,
  type: 'text',
  of: (row) => {
    const value = of(row);
    return value === undefined ? null : storableText(value);
  },
});
const int8 = <Row>(name: string, of: (row: Row) => number | undefined): Column<Row> => ({
  name,
  type: 'int8',
  of: (row) => of(row) ?? null,
});
const int4 = <Row>(name: string, of: (row: Row) => number): Column<Row> => ({
  name,
  type: 'int4',
  of,
});

const entryKey = <Row extends { readonly read: VerifiedEntry }>(): readonly Column<Row>[] => [
  { name: 'store_id', type: 'text', of: ({ read }) => read.entry.store },
  { name: 'terminal', type: 'text', of: ({ read }) => read.entry.terminal },
  { name: 'incarnation', type: 'text', of: ({ read }) => read.entry.incarnation },
  { name: 'seq', type: 'int8', of: ({ read }) => read.entry.seq },
  { name: 'hash', type: 'text', of: ({ read }) => read.hash },
];
const partKey = <Value>(): readonly Column<Part<Value>>[] => [
  ...entryKey<Part<Value>>(),
  int4('n', ({ n }) => n),
];

/** Columns that PostgreSQL refuses must not keep the bytes out: texts are made storable here too. */
export const entriesTable = table<{ readonly read: VerifiedEntry }>(
  'entries',
  [
    ...entryKey<{ readonly read: VerifiedEntry }>(),
    { name: 'prev', type: 'text', of: ({ read }) => read.entry.prev },
    text('at', ({ read }) => read.entry.at),
    int8('wall', ({ read }) => read.entry.wall),
    text('type', ({ read }) => read.entry.type),
    text('by', ({ read }) => read.entry.by),
    text('command', ({ read }) => read.entry.command),
    { name: 'bytes', type: 'bytea', of: ({ read }) => read.bytes },
  ],
  'returning hash',
);

const documentsTable = table<DocumentRows>('documents', [
  ...entryKey<DocumentRows>(),
  text('type', ({ document }) => document.type),
  text('number', ({ document }) => document.number),
  { name: 'business_day', type: 'text', cast: 'date', of: ({ document }) => document.businessDay },
  text('currency', ({ document }) => document.currency),
  int8('total_minor', ({ document }) => document.totalMinor),
  int4('line_count', ({ document }) => document.lines),
  text('customer', ({ document }) => document.customer),
  text('external_id', ({ document }) => document.externalId),
  text('by', ({ read }) => read.entry.by),
  int8('wall', ({ read }) => read.entry.wall),
]);

const linesTable = table<Part<DocumentRows['lines'][number]>>('lines', [
  ...partKey<DocumentRows['lines'][number]>(),
  text('sku', ({ value }) => value.sku),
  text('name', ({ value }) => value.name),
  int8('quantity_milli', ({ value }) => value.quantityMilli),
  int8('unit_price_e4', ({ value }) => value.unitPriceE4),
  int8('amount_minor', ({ value }) => value.amountMinor),
  int8('discount_minor', ({ value }) => value.discountMinor),
  text('tax', ({ value }) => value.tax),
  text('batch', ({ value }) => value.batch),
]);

const tendersTable = table<Part<DocumentRows['tenders'][number]>>('tenders', [
  ...partKey<DocumentRows['tenders'][number]>(),
  text('kind', ({ value }) => value.kind),
  int8('amount_minor', ({ value }) => value.amountMinor),
  int8('given_minor', ({ value }) => value.givenMinor),
  int8('change_minor', ({ value }) => value.changeMinor),
]);

const taxesTable = table<Part<DocumentRows['taxes'][number]>>('taxes', [
  ...partKey<DocumentRows['taxes'][number]>(),
  text('rate', ({ value }) => value.rate),
  int8('percent_e4', ({ value }) => value.percentE4),
  int8('net_minor', ({ value }) => value.netMinor),
  int8('tax_minor', ({ value }) => value.taxMinor),
]);

const movementsTable = table<Part<DocumentRows['movements'][number]>>('movements', [
  ...partKey<DocumentRows['movements'][number]>(),
  text('sku', ({ value }) => value.sku),
  text('batch', ({ value }) => value.batch),
  int8('quantity_milli', ({ value }) => value.quantityMilli),
]);

/** Writes the rows of these documents, table by table; the next table is encoded while one is being written. */
export async function insertDocuments(
  trx: Transaction<ArchiveSchema>,
  documents: readonly DocumentRows[],
  conflicts: Conflicts,
): Promise<void> {
  const queries = [
    () => insertInto(documentsTable, documents, conflicts),
    () =>
      insertInto(
        linesTable,
        partsOf(documents, (each) => each.lines),
        conflicts,
      ),
    () =>
      insertInto(
        tendersTable,
        partsOf(documents, (each) => each.tenders),
        conflicts,
      ),
    () =>
      insertInto(
        taxesTable,
        partsOf(documents, (each) => each.taxes),
        conflicts,
      ),
    () =>
      insertInto(
        movementsTable,
        partsOf(documents, (each) => each.movements),
        conflicts,
      ),
  ];
  let running: Promise<unknown> = Promise.resolve();
  for (const encode of queries) {
    const previous = running;
    let query: CompiledQuery<Inserted>;
    try {
      query = encode();
    } finally {
      await previous;
    }
    running = run(trx, query);
  }
  await running;
}

function partsOf<Value>(
  documents: readonly DocumentRows[],
  of: (document: DocumentRows) => readonly Value[],
): Part<Value>[] {
  const parts: Part<Value>[] = [];
  for (const document of documents) {
    let n = 0;
    for (const value of of(document)) parts.push({ read: document.read, n: n++, value });
  }
  return parts;
}
