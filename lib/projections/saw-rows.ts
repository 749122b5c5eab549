/**
 * What each journal had seen of the others, and from which of its entries on. An entry says only what changed since
 * the one before, so what it had seen is the highest of all up to it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JournalKey } from '../domain/ids.ts';
import type { Entry } from '../journal/envelope.ts';
import type { JournalRow } from './journal-rows.ts';
import { Query } from './statement.ts';

export class SawRows {
  /** By journal, other journal and seq in that one: answers are asked again for every movement of a counted SKU. */
  readonly #known = new Map<JournalKey, Map<JournalKey, Map<number, number>>>();
  readonly #first;
  readonly #insert: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: DatabaseSync) {
    this.#first = new Query<{ seq: number | null }>(
      database,
      `select min(seq) as seq from saw where journal = ? and other = ? and other_seq >= ?`,
    );
    this.#insert = database.prepare(
      `insert into saw (journal, other, seq, other_seq) values (?, ?, ?, ?)
       on conflict do update set other_seq = max(other_seq, excluded.other_seq)`,
    );
    this.#drop = database.prepare(`delete from saw where journal = ?`);
  }

  reload(): void {
    this.#known.clear();
  }

  add(journal: JournalRow, { seq, saw }: Entry): void {
    for (const key in saw) {
      const other = key as JournalKey;
      const tip = saw[other];
      if (!tip) continue;
      this.#insert.run(journal.id, other, seq, tip[0]);
      const known = this.#known.get(journal.key)?.get(other);
      if (!known) continue;
      for (const [otherSeq, first] of known)
        if (tip[0] >= otherSeq && seq < first) known.set(otherSeq, seq);
    }
  }

  /** The first entry of the journal that had seen `otherSeq` of another one; Infinity while none has. */
  firstAfter(journal: JournalRow, other: JournalKey, otherSeq: number): number {
    // One's own entries are seen by the next.
    if (journal.key === other) return otherSeq + 1;
    let ofJournal = this.#known.get(journal.key);
    if (!ofJournal) this.#known.set(journal.key, (ofJournal = new Map()));
    let ofOther = ofJournal.get(other);
    if (!ofOther) ofJournal.set(other, (ofOther = new Map()));
    let first = ofOther.get(otherSeq);
    if (first === undefined) {
      first = this.#first.one(journal.id, other, otherSeq)?.seq ?? Number.POSITIVE_INFINITY;
      ofOther.set(otherSeq, first);
    }
    return first;
  }

  drop(journal: JournalRow): void {
    this.#drop.run(journal.id);
    this.#known.delete(journal.key);
  }
}
