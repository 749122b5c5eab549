/**
 * Which entries were folded: one row each by journal, seq and hash, and per journal how far it is known without gaps.
 * Two entries under one seq are a fork: both rows stay, and both count everywhere.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EntryHash, JournalKey } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { Query } from './statement.ts';

export type Cursor = { readonly seq: number; readonly hash: EntryHash };

/** `folded`: it counts. `unknown`: of a type that this version does not know. `refused`: its body is not what its type says. */
export type EntryState = 'folded' | 'unknown' | 'refused';

/** What is known of one journal. `tipSeq` is the last entry before the first gap; 0 when the first is missing. */
export type JournalRow = {
  readonly id: number;
  readonly key: JournalKey;
  tipSeq: number;
  tipHash: string;
  /** The highest seq that is here, gaps or not. */
  lastSeq: number;
};

/** `repeated` was folded before; `fork` is another entry under a seq that is taken. */
export type Admission = 'new' | 'repeated' | 'fork';

export type FoldedEntry = { readonly seq: number; readonly hash: EntryHash };

export const hasGap = (journal: JournalRow): boolean => journal.tipSeq < journal.lastSeq;

export class JournalRows {
  readonly #journals = new Map<JournalKey, JournalRow>();
  readonly #changed = new Set<JournalRow>();
  readonly #all;
  readonly #atSeq;
  readonly #idOf;
  readonly #forked;
  readonly #states;
  readonly #notFolded;
  readonly #insertJournal: StatementSync;
  readonly #updateJournal: StatementSync;
  readonly #insertEntry: StatementSync;
  readonly #deleteEntries: StatementSync;

  constructor(database: DatabaseSync) {
    this.#all = new Query<JournalRow>(
      database,
      `select id, key, tip_seq as tipSeq, tip_hash as tipHash, last_seq as lastSeq from journals`,
    );
    this.#atSeq = new Query<{ hash: string }>(
      database,
      `select hash from entries where journal = ? and seq = ? order by hash`,
    );
    this.#idOf = new Query<{ id: number }>(
      database,
      `select id from entries where journal = ? and seq = ? and hash = ?`,
    );
    this.#forked = new Query<{ seq: number; entries: number }>(
      database,
      `select seq, count(*) as entries from entries where journal = ?
       group by seq having count(*) > 1 order by seq limit 1`,
    );
    this.#states = new Query<{ state: EntryState; entries: number }>(
      database,
      `select state, count(*) as entries from entries where state <> 'folded' group by state`,
    );
    this.#notFolded = new Query<{ key: JournalKey; seq: number; hash: EntryHash; type: string }>(
      database,
      `select key, seq, hash, type from entries join journals on journals.id = journal
       where state = ? and state <> 'folded' order by key, seq, hash limit ?`,
    );
    this.#insertJournal = database.prepare(
      `insert into journals (key, tip_seq, tip_hash, last_seq) values (?, 0, '', 0)`,
    );
    this.#updateJournal = database.prepare(
      `update journals set tip_seq = ?, tip_hash = ?, last_seq = ? where id = ?`,
    );
    this.#insertEntry = database.prepare(
      `insert into entries (journal, seq, hash, at, wall, zone, type, command, operator, state)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#deleteEntries = database.prepare(`delete from entries where journal = ?`);
    this.reload();
  }

  /** Back to what is on disk, after a transaction that was undone. */
  reload(): void {
    this.#journals.clear();
    this.#changed.clear();
    for (const row of this.#all.all()) this.#journals.set(row.key, row);
  }

  find(key: JournalKey): JournalRow | undefined {
    return this.#journals.get(key);
  }

  /** Those whose key begins so. */
  within(keysBegin: string): JournalRow[] {
    return [...this.#journals.values()].filter(({ key }) => key.startsWith(keysBegin));
  }

  /** The journal's row, made when it is new. */
  get(key: JournalKey): JournalRow {
    const known = this.#journals.get(key);
    if (known) return known;
    const id = Number(this.#insertJournal.run(key).lastInsertRowid);
    const row: JournalRow = { id, key, tipSeq: 0, tipHash: '', lastSeq: 0 };
    this.#journals.set(key, row);
    return row;
  }

  admission(journal: JournalRow, seq: number, hash: EntryHash): Admission {
    if (seq > journal.lastSeq) return 'new';
    const here = this.#atSeq.all(journal.id, seq);
    if (here.length === 0) return 'new';
    return here.some((row) => row.hash === hash) ? 'repeated' : 'fork';
  }

  /** Writes the entry's row and moves the journal's tip as far as there is no gap. Returns the row's id. */
  insert(journal: JournalRow, { entry, hash }: VerifiedEntry, state: EntryState): number {
    const { seq, at, wall, zone, type, command, by } = entry;
    const inserted = this.#insertEntry.run(
      journal.id,
      seq,
      hash,
      at,
      wall,
      zone,
      type,
      command,
      by,
      state,
    );
    this.#advance(journal, seq, hash);
    this.#changed.add(journal);
    return Number(inserted.lastInsertRowid);
  }

  #advance(journal: JournalRow, seq: number, hash: EntryHash): void {
    if (seq === journal.tipSeq) {
      // A fork at the tip: the lower hash stands for both, so that the order of arrival does not matter.
      if (hash < journal.tipHash) journal.tipHash = hash;
    } else if (seq === journal.tipSeq + 1) {
      journal.tipSeq = seq;
      journal.tipHash = hash;
      while (journal.tipSeq < journal.lastSeq) {
        const next = this.#atSeq.one(journal.id, journal.tipSeq + 1);
        if (!next) break;
        journal.tipSeq++;
        journal.tipHash = next.hash;
      }
    }
    if (seq > journal.lastSeq) journal.lastSeq = seq;
  }

  /** Writes the tips that moved; once per transaction. */
  settle(): void {
    for (const { tipSeq, tipHash, lastSeq, id } of this.#changed)
      this.#updateJournal.run(tipSeq, tipHash, lastSeq, id);
    this.#changed.clear();
  }

  /** Forgets all entries of a journal; its id stays for whatever points at it. */
  drop(journal: JournalRow): void {
    this.#deleteEntries.run(journal.id);
    journal.tipSeq = 0;
    journal.tipHash = '';
    journal.lastSeq = 0;
    this.#changed.add(journal);
  }

  cursor(key: JournalKey): Cursor | undefined {
    const row = this.#journals.get(key);
    return row && row.tipSeq > 0 ? { seq: row.tipSeq, hash: row.tipHash as EntryHash } : undefined;
  }

  cursors(): Map<JournalKey, Cursor> {
    const cursors = new Map<JournalKey, Cursor>();
    for (const key of this.#journals.keys()) {
      const cursor = this.cursor(key);
      if (cursor) cursors.set(key, cursor);
    }
    return cursors;
  }

  /** The highest seq that is here, beyond gaps as well; 0 for none. */
  lastSeq(key: JournalKey): number {
    return this.#journals.get(key)?.lastSeq ?? 0;
  }

  has(key: JournalKey, seq: number, hash: EntryHash): boolean {
    const journal = this.#journals.get(key);
    return journal !== undefined && this.#idOf.one(journal.id, seq, hash) !== undefined;
  }

  /** The first seq that two entries share, with their hashes. */
  firstFork(journal: JournalRow): { seq: number; hashes: string[] } | undefined {
    const forked = this.#forked.one(journal.id);
    if (!forked) return undefined;
    return {
      seq: forked.seq,
      hashes: this.hashesAt(journal, forked.seq),
    };
  }

  /** More than one where the journal is forked there; in order. */
  hashesAt(journal: JournalRow, seq: number): string[] {
    return this.#atSeq.all(journal.id, seq).map(({ hash }) => hash);
  }

  /** How many entries are kept without counting. */
  notFolded(): { unknown: number; refused: number } {
    const sums = { unknown: 0, refused: 0 };
    for (const { state, entries } of this.#states.all())
      if (state !== 'folded') sums[state] = entries;
    return sums;
  }

  listNotFolded(state: 'unknown' | 'refused', limit: number) {
    return this.#notFolded.all(state, limit);
  }
}
