/**
 * Journals of revoked keys: as far as head office knew them, nothing is to be said; what goes beyond is a flag, because
 * somebody may have sold on a till that was not theirs any more. All of it counts like any other entry.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JournalKey } from '../domain/ids.ts';
import type { RevokedJournal } from '../domain/revocation.ts';
import type { FlagCause, FlagRows } from './flag-rows.ts';
import type { JournalRow, JournalRows } from './journal-rows.ts';
import { Query } from './statement.ts';

export class RevokedRows {
  readonly #journals: JournalRows;
  readonly #flags: FlagRows;
  readonly #revoked = new Map<JournalKey, RevokedJournal>();
  readonly #touched = new Set<JournalKey>();
  readonly #all;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync, journals: JournalRows, flags: FlagRows) {
    this.#journals = journals;
    this.#flags = flags;
    this.#all = new Query<RevokedJournal>(
      database,
      `select key as journal, terminal, reason, at, seq, hash from revoked order by key`,
    );
    this.#put = database.prepare(
      `insert or replace into revoked (key, terminal, reason, at, seq, hash) values (?, ?, ?, ?, ?, ?)`,
    );
    this.#delete = database.prepare(`delete from revoked where key = ?`);
    this.reload();
  }

  /** Back to what is on disk, after a transaction that was undone. */
  reload(): void {
    this.#touched.clear();
    this.#revoked.clear();
    for (const row of this.#all.all()) this.#revoked.set(row.journal, row);
  }

  /** These are revoked and no others. Gives those that were until now. */
  replace(revoked: readonly RevokedJournal[]): JournalKey[] {
    const now = new Set(revoked.map(({ journal }) => journal));
    const gone = [...this.#revoked.keys()].filter((journal) => !now.has(journal));
    for (const journal of gone) {
      this.#revoked.delete(journal);
      this.#delete.run(journal);
      this.#touched.add(journal);
    }
    for (const one of revoked) {
      const { journal, terminal, reason, at, seq, hash } = one;
      if (isSame(this.#revoked.get(journal), one)) continue;
      this.#revoked.set(journal, one);
      this.#put.run(journal, terminal, reason, at, seq, hash);
      this.#touched.add(journal);
    }
    return gone;
  }

  /** An entry of this journal came, or all of them went. */
  changed({ key }: JournalRow): void {
    if (this.#revoked.has(key)) this.#touched.add(key);
  }

  settle(): void {
    for (const key of this.#touched) this.#flags.put('beyond-revocation', [key], this.#cause(key));
    this.#touched.clear();
  }

  #cause(key: JournalKey): FlagCause | undefined {
    const revoked = this.#revoked.get(key);
    const journal = this.#journals.find(key);
    if (!revoked || !journal) return undefined;
    const { terminal, reason, at, seq, hash } = revoked;
    // Of a branch that begins further down the flag on the fork tells.
    const isBeyond =
      journal.lastSeq > seq ||
      this.#journals.hashesAt(journal, seq).some((other) => other !== hash);
    if (!isBeyond) return undefined;
    const last = {
      seq: journal.lastSeq,
      hash: this.#journals.hashesAt(journal, journal.lastSeq)[0],
    };
    return { terminal, reason, at, ...(seq > 0 && { known: { seq, hash } }), last };
  }
}

const isSame = (a: RevokedJournal | undefined, b: RevokedJournal): boolean =>
  a?.terminal === b.terminal &&
  a.reason === b.reason &&
  a.at === b.at &&
  a.seq === b.seq &&
  a.hash === b.hash;
