/**
 * The tables of the read models and how their file is opened. The file holds nothing that journals and HQ's
 * documents do not: with another version or any damage it is deleted and made anew, and the caller folds again.
 */
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { TillmeshError } from '../domain/errors.ts';

/**
 * Raise it whenever a table or the meaning of a fold changes, a newly known entry type included:
 * rows that an older version folded would otherwise stay as it understood them.
 */
export const schemaVersion = 6;

/**
 * Journals and SKUs have short ids because every movement repeats both; ids differ between replicas and never leave the
 * file. Movements and documents stand in the order of the clock, so that a page of the newest reads no more than a page.
 */
const tables = `
create table meta (key text primary key, value any not null) without rowid, strict;

create table journals (
  id integer primary key, key text not null unique,
  tip_seq integer not null, tip_hash text not null, last_seq integer not null
) strict;

create table entries (
  id integer primary key, journal integer not null, seq integer not null, hash text not null,
  at text not null, wall integer not null, zone text not null, type text not null, command text not null,
  operator text not null, state text not null
) strict;
create index entries_by_seq on entries (journal, seq);
create index entries_by_clock on entries (at);
create index entries_not_folded on entries (state) where state <> 'folded';

create table documents (
  entry integer primary key, journal integer not null, at text not null, type text not null, number text not null,
  command text not null, business_day text not null, lines integer not null,
  currency text, total integer not null, customer text, external text, body text not null
) strict;
create index documents_by_number on documents (number);
create index documents_by_command on documents (command);
create index documents_by_clock on documents (at);

create table acts (
  entry integer primary key, journal integer not null, type text not null, command text not null,
  business_day text not null, subject text not null, body text not null
) strict;
create index acts_by_command on acts (command);
create index acts_by_day on acts (business_day) where business_day <> '';
create index acts_by_subject on acts (subject) where subject <> '';

create table day_totals (
  journal integer not null, business_day text not null, type text not null, currency text not null,
  documents integer not null, lines integer not null, total integer not null,
  primary key (journal, business_day, type, currency)
) without rowid, strict;

create table numbers (
  journal integer not null, series text not null, first integer not null, last integer not null,
  count integer not null, used integer not null,
  primary key (journal, series)
) without rowid, strict;

create table stock (
  id integer primary key, sku text not null unique, quantity integer not null, counted integer not null
) strict;
create table movements (
  sku integer not null, at text not null, entry integer not null, batch text not null, quantity integer not null,
  primary key (sku, at, entry, batch)
) without rowid, strict;
create table counts (
  sku integer not null, entry integer not null, line integer not null, batch text not null,
  quantity integer not null, at text not null, seen text not null,
  primary key (sku, entry, line)
) without rowid, strict;
create table saw (
  journal integer not null, other text not null, seq integer not null, other_seq integer not null,
  primary key (journal, other, seq)
) without rowid, strict;

create table sold (
  sku text not null, journal integer not null, sales integer not null,
  primary key (sku, journal)
) without rowid, strict;

create table returned (
  of_journal text not null, of_seq integer not null, of_line integer not null,
  entry integer not null, line integer not null, quantity integer not null,
  primary key (of_journal, of_seq, of_line, entry, line)
) without rowid, strict;

create table observations (
  kind text not null, subject text not null, entry integer not null, detail text not null,
  primary key (kind, subject, entry)
) without rowid, strict;

create table revoked (
  key text primary key, terminal text not null, reason text not null, at text not null,
  seq integer not null, hash text not null
) without rowid, strict;

create table flags (
  id text primary key, kind text not null, subject text not null, cause text not null
) without rowid, strict;

create table products (
  id integer primary key, sku text not null unique, active integer not null, department text not null,
  popularity integer not null, product text not null
) strict;
create index products_by_popularity on products (popularity desc, sku) where active = 1;
create index products_by_department on products (department, popularity desc, sku) where active = 1;
create table barcodes (
  gtin text not null, product integer not null, primary key (gtin, product)
) without rowid, strict;
create index barcodes_by_product on barcodes (product);
create virtual table product_words using fts5 (
  words, content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);

create table customers (id integer primary key, key text not null unique, fields text not null) strict;
create virtual table customer_words using fts5 (
  words, content = '', contentless_delete = 1, prefix = '1 2 3', tokenize = 'unicode61 remove_diacritics 2'
);
`;

export const inMemory = ':memory:';

/** Opens the file if it is sound and of this version; otherwise puts an empty one in its place. */
export function openDatabase(file: string): { database: DatabaseSync; fresh: boolean } {
  if (file !== inMemory) {
    const database = openExisting(file);
    if (database) return { database, fresh: false };
    removeDatabase(file);
  }
  return { database: createDatabase(file), fresh: true };
}

export function removeDatabase(file: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(file + end, { force: true });
}

function openExisting(file: string): DatabaseSync | undefined {
  let database: DatabaseSync | undefined;
  try {
    database = connect(file);
    const version = database.prepare('pragma user_version').get()?.['user_version'];
    if (version === schemaVersion && isSound(database)) return database;
  } catch {
    // Not a database, torn or locked beyond use: whatever it is, an empty one serves better.
  }
  database?.close();
  return undefined;
}

/**
 * A full check reads the whole file (35 ms for 10,000 sales), so it runs only when the last process did not close it:
 * a power cut is what tears pages; a page that goes bad later is found when it is read.
 */
function isSound(database: DatabaseSync): boolean {
  const closed = database.prepare(`select value from meta where key = 'closed'`).get();
  if (closed === undefined) {
    const check = database.prepare('pragma quick_check(1)').get();
    if (check?.['quick_check'] !== 'ok') return false;
  }
  database.exec(`delete from meta where key = 'closed'`);
  return true;
}

export function closeDatabase(database: DatabaseSync): void {
  try {
    database.exec(`insert or replace into meta values ('closed', 1)`);
  } catch {
    // The mark only spares the next start a check.
  }
  database.close();
}

function createDatabase(file: string): DatabaseSync {
  const database = connect(file);
  database.exec(`begin; ${tables} pragma user_version = ${schemaVersion}; commit`);
  return database;
}

function connect(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    // The file can be rebuilt, so a power cut may take its last commits (NORMAL), but must not tear it (WAL).
    // Checkpoints fsync: at SQLite's own 1,000 pages one sale in 70 would wait for it; tidy() does it when idle.
    database.exec(`
      pragma journal_mode = wal; pragma synchronous = normal; pragma temp_store = memory;
      pragma cache_size = -16384; pragma wal_autocheckpoint = 8000`);
  } catch (cause) {
    database.close();
    throw cause;
  }
  return database;
}

const primaryCodes = { full: 13, ioError: 10, corrupt: 11, notADatabase: 26 } as const;

/** True when the file itself is damaged and only a new one helps. */
export function isDamage(error: unknown): boolean {
  const code = primaryCode(error);
  return code === primaryCodes.corrupt || code === primaryCodes.notADatabase;
}

/** SQLite's error in the words of the catalogue; others unchanged. */
export function faultOf(error: unknown): unknown {
  const code = primaryCode(error);
  if (code === primaryCodes.full)
    return new TillmeshError('DISK_FULL', 'read models', { cause: error });
  if (code === primaryCodes.ioError)
    return new TillmeshError('DISK_FAILED', 'read models', { cause: error });
  return error;
}

function primaryCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  // The low byte; the rest says more precisely which of its kind.
  return typeof error.errcode === 'number' ? error.errcode & 0xff : undefined;
}
