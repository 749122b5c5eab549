/**
 * Compares the read models of a stopped directory with a fold of the journals made anew. The file itself is never
 * opened: SQLite writes beside whatever it opens, so a copy is read.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { JournalKey, StoreId } from '../domain/ids.ts';
import type { RevokedJournal } from '../domain/revocation.ts';
import { canonicalText } from '../journal/canonical-json.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { dumpTables, rowsOf, type DumpTable } from '../projections/dump.ts';
import { Projections } from '../projections/projections.ts';
import { schemaVersion } from '../projections/schema.ts';
import type { Report } from './verify-journal.ts';

export type ComparedModels = {
  readonly projections: 'equal' | 'differ' | 'absent';
  readonly behind: number;
};

const entriesPerFold = 2_000;
/** Differing rows that are named, per table. */
const rowsMost = 5;

/** `file` is the path, `where` its name within the directory. */
export function compareModels(
  parts: {
    readonly file: string;
    readonly where: string;
    readonly store: StoreId;
    readonly entries: readonly VerifiedEntry[];
    /** By head office's notices. */
    readonly revoked: readonly RevokedJournal[];
  },
  report: Report,
): ComparedModels {
  const { file, where } = parts;
  if (!existsSync(file)) return { projections: 'absent', behind: 0 };
  const scratch = mkdtempSync(join(tmpdir(), 'tillmesh-verify-'));
  try {
    const copy = join(scratch, 'copy.db');
    // The write-ahead log holds what a killed process had committed.
    for (const end of ['', '-wal'])
      if (existsSync(file + end)) copyFileSync(file + end, copy + end);
    const database = openCopy(copy, where, report);
    if (database === undefined || database === 'older')
      return { projections: database ? 'absent' : 'differ', behind: 0 };
    try {
      return compare(database, join(scratch, 'fresh.db'), parts, report);
    } finally {
      database.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The number of the release that the read models hold; undefined where there is none, or they cannot be read. */
export function appliedRelease(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const scratch = mkdtempSync(join(tmpdir(), 'tillmesh-verify-'));
  try {
    const copy = join(scratch, 'copy.db');
    for (const end of ['', '-wal'])
      if (existsSync(file + end)) copyFileSync(file + end, copy + end);
    const database = new DatabaseSync(copy);
    try {
      const n = database.prepare(`select value from meta where key = 'release'`).get()?.['value'];
      return typeof n === 'number' ? n : undefined;
    } catch {
      // A file that is no database, or of another version, was or will be reported as that.
      return undefined;
    } finally {
      database.close();
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `older`: of another version of the tables, which the next start makes anew. */
function openCopy(copy: string, where: string, report: Report): DatabaseSync | 'older' | undefined {
  const database = new DatabaseSync(copy);
  try {
    const check = database.prepare('pragma integrity_check(1)').get()?.['integrity_check'];
    if (check !== 'ok') throw new Error(String(check));
    if (database.prepare('pragma user_version').get()?.['user_version'] === schemaVersion)
      return database;
    database.close();
    return 'older';
  } catch (error) {
    database.close();
    const why = error instanceof Error ? error.message : String(error);
    report({ kind: 'damaged', where, what: `not a sound database (${why}); it can be deleted` });
    return undefined;
  }
}

function compare(
  database: DatabaseSync,
  freshFile: string,
  parts: {
    readonly where: string;
    readonly store: StoreId;
    readonly entries: readonly VerifiedEntry[];
    readonly revoked: readonly RevokedJournal[];
  },
  report: Report,
): ComparedModels {
  const { where, entries, revoked } = parts;
  let differs = false;
  const different: Report = (problem) => {
    differs = true;
    report(problem);
  };
  const { folded, behind } = known(database, parts, different);
  // A notice that came last may not be folded yet, as an entry may; the next start folds it.
  const held = revoked.filter(isHeldIn(database));
  foldAnew(freshFile, parts.store, entries.filter(folded), held);
  const fresh = new DatabaseSync(freshFile);
  try {
    // Which entries are there was compared already; where that differs, their rows would only repeat it.
    for (const table of dumpTables)
      if (table !== 'entries' || !differs) compareTable(table, database, fresh, where, different);
  } finally {
    fresh.close();
  }
  const notFolded = revoked.length - held.length;
  return { projections: differs ? 'differ' : 'equal', behind: behind + notFolded };
}

/**
 * Which entries the file has taken in. One that it has and no journal proves was cut out of the journal, or never was;
 * one before its journal's cursor that it lacks would never be taken in.
 */
function known(
  database: DatabaseSync,
  { where, entries }: { readonly where: string; readonly entries: readonly VerifiedEntry[] },
  report: Report,
): { folded: (read: VerifiedEntry) => boolean; behind: number } {
  const cursors = new Map<JournalKey, number>();
  for (const row of rowsOf(database, 'journals'))
    cursors.set(row['key'] as JournalKey, row['tip_seq'] as number);
  const proven = new Set(entries.map(keyOf));
  const held = new Set<string>();
  for (const row of rowsOf(database, 'entries')) {
    const key = `${String(row['key'])} ${String(row['seq'])} ${String(row['hash'])}`;
    held.add(key);
    if (proven.has(key)) continue;
    const what = `holds an entry of ${String(row['key'])} that no journal here proves`;
    report({ kind: 'missing', where, seq: row['seq'] as number, what });
  }
  let behind = 0;
  for (const read of entries) {
    if (held.has(keyOf(read))) continue;
    const { seq } = read.entry;
    if (seq > (cursors.get(read.journal) ?? 0)) behind++;
    else report({ kind: 'differs', where, seq, what: `lacks an entry of ${read.journal}` });
  }
  return { folded: (read) => held.has(keyOf(read)), behind };
}

const keyOf = ({ journal, entry, hash }: VerifiedEntry): string =>
  `${journal} ${entry.seq} ${hash}`;

/** Whether the file has taken in what a notice says of a journal. */
function isHeldIn(database: DatabaseSync): (revoked: RevokedJournal) => boolean {
  const rows = new Set([...rowsOf(database, 'revoked')].map(textOf));
  return ({ journal: key, terminal, reason, at, seq, hash }) =>
    rows.has(textOf({ key, terminal, reason, at, seq, hash }));
}

function foldAnew(
  file: string,
  store: StoreId,
  entries: readonly VerifiedEntry[],
  revoked: readonly RevokedJournal[],
): void {
  const projections = Projections.open({ file, store, own: undefined });
  projections.replaceRevoked(revoked);
  for (let at = 0; at < entries.length; at += entriesPerFold)
    projections.fold(entries.slice(at, at + entriesPerFold));
  projections.close();
}

/** Walks both tables in their common order. Rows cancel out as they meet, so only what differs is held. */
export function compareTable(
  table: DumpTable,
  database: DatabaseSync,
  fresh: DatabaseSync,
  where: string,
  report: Report,
): void {
  const theirs = rowsOf(database, table);
  const ours = rowsOf(fresh, table);
  const onlyTheirs = new Set<string>();
  const onlyOurs = new Set<string>();
  for (;;) {
    const is = theirs.next();
    const should = ours.next();
    if (is.done === true && should.done === true) break;
    const a = is.done === true ? undefined : textOf(is.value);
    const b = should.done === true ? undefined : textOf(should.value);
    if (a === b) continue;
    if (a !== undefined && !onlyOurs.delete(a)) onlyTheirs.add(a);
    if (b !== undefined && !onlyTheirs.delete(b)) onlyOurs.add(b);
  }
  const say = (rows: ReadonlySet<string>, verb: string): void => {
    for (const row of [...rows].slice(0, rowsMost))
      report({ kind: 'differs', where, what: `${table} ${verb} ${short(row)}` });
    const more = rows.size - rowsMost;
    if (more > 0)
      report({ kind: 'differs', where, what: `${table} ${verb} ${more} more such rows` });
  };
  say(onlyTheirs, 'says what the journals do not:');
  say(onlyOurs, 'lacks');
}

/** A body counts by its value: the till that wrote it may have kept its fields in another order. */
function textOf(row: Record<string, unknown>): string {
  const { body } = row;
  return JSON.stringify(typeof body === 'string' ? { ...row, body: canonicalOf(body) } : row);
}

function canonicalOf(body: string): string {
  try {
    return canonicalText(JSON.parse(body));
  } catch {
    // Not even JSON any more: then its text is what differs.
    return body;
  }
}

const short = (text: string): string => (text.length > 200 ? `${text.slice(0, 200)}…` : text);
