/**
 * The document numbers of each series as they stand in the journals: first, last, holes, doubles (P3).
 * Kept by journal, so that a number that another terminal forged never moves the own series.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JournalKey } from '../domain/ids.ts';
import { parseNumber, type DocumentNumber } from '../domain/series.ts';
import type { FlagRows } from './flag-rows.ts';
import { hasGap, type JournalRow } from './journal-rows.ts';
import { Query } from './statement.ts';

export type SeriesSummary = {
  readonly journal: JournalKey;
  /** The number without its last part: `S01-T1A-S`. */
  readonly series: string;
  readonly first: number;
  readonly last: number;
  readonly documents: number;
  /** Numbers between 1 and `last` that no document carries. Real ones only once the journal has no gap. */
  readonly holes: number;
  /** Documents beyond the first under one number, within this journal. */
  readonly doubles: number;
};

type SeriesRow = {
  readonly journal: number;
  readonly series: string;
  first: number;
  last: number;
  /** Documents. */
  count: number;
  /** Different numbers among them. */
  used: number;
};

const keyOf = (journal: number, series: string): string => `${journal} ${series}`;

export const seriesOf = (number: DocumentNumber): string =>
  `${number.store}-${number.terminal}${number.letter}-${number.code}`;

export class NumberRows {
  readonly #series = new Map<string, SeriesRow>();
  /** The highest number of a series over all journals: a higher one can have no double. */
  readonly #highest = new Map<string, number>();
  readonly #changed = new Set<SeriesRow>();
  readonly #checkJournals = new Set<JournalRow>();
  readonly #doubled = new Set<string>();
  readonly #flags: FlagRows;
  readonly #all;
  readonly #carriers;
  readonly #summary;
  readonly #put: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: DatabaseSync, flags: FlagRows) {
    this.#flags = flags;
    this.#all = new Query<SeriesRow>(database, `select * from numbers`);
    this.#carriers = new Query<{ journal: number; key: JournalKey; seq: number }>(
      database,
      `select documents.journal, key, seq from documents
       join entries on entries.id = entry join journals on journals.id = documents.journal
       where number = ? order by key, seq, hash`,
    );
    this.#summary = new Query<SeriesSummary>(
      database,
      `select key as journal, series, first, last, count as documents,
         last - used as holes, count - used as doubles
       from numbers join journals on journals.id = journal order by series, key`,
    );
    this.#put = database.prepare(
      `insert or replace into numbers (journal, series, first, last, count, used) values (?, ?, ?, ?, ?, ?)`,
    );
    this.#drop = database.prepare(`delete from numbers where journal = ?`);
    this.reload();
  }

  reload(): void {
    this.#series.clear();
    this.#highest.clear();
    this.#changed.clear();
    this.#checkJournals.clear();
    this.#doubled.clear();
    for (const row of this.#all.all()) {
      this.#series.set(keyOf(row.journal, row.series), row);
      this.#raise(row.series, row.last);
    }
  }

  #raise(series: string, n: number): void {
    if (n > (this.#highest.get(series) ?? 0)) this.#highest.set(series, n);
  }

  /** Call before the document's own row is written: whoever carries the number already is looked up there. */
  add(journal: JournalRow, text: string): void {
    const number = parseNumber(text);
    if (!number) return;
    const { n } = number;
    const series = seriesOf(number);
    const key = keyOf(journal.id, series);
    let row = this.#series.get(key);
    if (!row) {
      row = { journal: journal.id, series, first: n, last: 0, count: 0, used: 0 };
      this.#series.set(key, row);
    }
    const hadHoles = row.last > row.used;
    row.count++;
    if (!this.#isCarriedHere(journal, series, n, text)) row.used++;
    row.first = Math.min(row.first, n);
    row.last = Math.max(row.last, n);
    if (hadHoles || row.last > row.used) this.#checkJournals.add(journal);
    this.#raise(series, n);
    this.#changed.add(row);
  }

  #isCarriedHere(journal: JournalRow, series: string, n: number, text: string): boolean {
    if (n > (this.#highest.get(series) ?? 0)) return false;
    const carriers = this.#carriers.all(text);
    if (carriers.length > 0) this.#doubled.add(text);
    return carriers.some((carrier) => carrier.journal === journal.id);
  }

  /** A gap closed or opened in the journal: what looks like a hole may be one now, or no longer. */
  recheck(journal: JournalRow): void {
    this.#checkJournals.add(journal);
  }

  settle(): void {
    for (const row of this.#changed)
      this.#put.run(row.journal, row.series, row.first, row.last, row.count, row.used);
    this.#changed.clear();
    for (const journal of this.#checkJournals) this.#settleHoles(journal);
    this.#checkJournals.clear();
    for (const number of this.#doubled) this.#settleDouble(number);
    this.#doubled.clear();
  }

  #settleHoles(journal: JournalRow): void {
    for (const row of this.#series.values()) {
      if (row.journal !== journal.id) continue;
      const holes = row.last - row.used;
      // With entries still missing, a missing number says nothing.
      const cause = holes > 0 && !hasGap(journal) ? { last: row.last, holes } : undefined;
      this.#flags.put('number-hole', [journal.key, row.series], cause);
    }
  }

  #settleDouble(number: string): void {
    const carriers = this.#carriers.all(number).map(({ key, seq }) => ({ journal: key, seq }));
    const cause = carriers.length > 1 ? { carriers } : undefined;
    this.#flags.put('number-double', [number], cause);
  }

  /** The journal's documents are gone: so are its series, and other carriers of its numbers stand alone. */
  drop(journal: JournalRow): void {
    for (const [key, row] of this.#series) {
      if (row.journal !== journal.id) continue;
      this.#flags.put('number-hole', [journal.key, row.series], undefined);
      this.#series.delete(key);
      this.#changed.delete(row);
    }
    this.#drop.run(journal.id);
    this.#highest.clear();
    for (const row of this.#series.values()) this.#raise(row.series, row.last);
    for (const { subject } of this.#flags.list('number-double', -1))
      this.#doubled.add(String(subject[0]));
  }

  /** The last number of a series in one journal; 0 for none. */
  last(journal: JournalRow, series: string): number {
    return this.#series.get(keyOf(journal.id, series))?.last ?? 0;
  }

  list(): SeriesSummary[] {
    return this.#summary.all();
  }
}
