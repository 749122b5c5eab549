/**
 * The open flags, one row by kind and subject. Whoever derives a state says here whether its cause is there;
 * a flag whose cause is gone leaves no row, so that replicas with the same entries show the same flags (P4).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { flagId, type FlagKind } from '../domain/flags.ts';
import { Query } from './statement.ts';

/** The parts of a flag's subject, for example [journal, seq, line]. */
export type FlagSubject = readonly (string | number)[];

/** What raised it; made of entries alone, never of their arrival. */
export type FlagCause = Readonly<Record<string, unknown>>;

export type Flag = {
  readonly id: string;
  readonly kind: FlagKind;
  readonly subject: FlagSubject;
  readonly cause: FlagCause;
};

type Row = { id: string; kind: FlagKind; subject: string; cause: string };

export class FlagRows {
  readonly #set: StatementSync;
  readonly #clear: StatementSync;
  readonly #clearWithin: StatementSync;
  readonly #all;
  readonly #ofKind;
  readonly #counts;

  constructor(database: DatabaseSync) {
    this.#set = database.prepare(
      `insert or replace into flags (id, kind, subject, cause) values (?, ?, ?, ?)`,
    );
    this.#clear = database.prepare(`delete from flags where id = ?`);
    this.#clearWithin = database.prepare(`delete from flags where id >= ? and id < ?`);
    this.#all = new Query<Row>(database, `select * from flags order by id limit ?`);
    this.#ofKind = new Query<Row>(
      database,
      `select * from flags where kind = ? order by id limit ?`,
    );
    this.#counts = new Query<{ kind: FlagKind; flags: number }>(
      database,
      `select kind, count(*) as flags from flags group by kind order by kind`,
    );
  }

  /** A cause of `undefined` settles the flag. */
  put(kind: FlagKind, subject: FlagSubject, cause: FlagCause | undefined): void {
    const id = flagId(kind, subject);
    if (cause) this.#set.run(id, kind, JSON.stringify(subject), JSON.stringify(cause));
    else this.#clear.run(id);
  }

  /** Settles every flag whose subject begins with these parts and has more. */
  clearWithin(kind: FlagKind, subject: FlagSubject): void {
    const prefix = `${flagId(kind, subject)}|`;
    this.#clearWithin.run(prefix, `${prefix}\u{10ffff}`);
  }

  /** By id; a negative limit is none. */
  list(kind: FlagKind | undefined, limit: number): Flag[] {
    const rows = kind === undefined ? this.#all.all(limit) : this.#ofKind.all(kind, limit);
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      subject: JSON.parse(row.subject) as FlagSubject,
      cause: JSON.parse(row.cause) as FlagCause,
    }));
  }

  counts(): Partial<Record<FlagKind, number>> {
    const counts: Partial<Record<FlagKind, number>> = {};
    for (const { kind, flags } of this.#counts.all()) counts[kind] = flags;
    return counts;
  }
}
