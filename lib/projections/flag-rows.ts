/**
 * The open flags, one row by kind and subject. Whoever derives a state says here whether its cause is there;
 * a flag whose cause is gone leaves no row, so that replicas with the same entries show the same flags (P4).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { flagId, type FlagKind } from '../domain/flags.ts';
import { Query } from './statement.ts';

/** What raised it, as far as it is not derived anew on every look; made of entries alone, never of their arrival. */
export type FlagCause = Readonly<Record<string, unknown>>;

export type Flag = {
  readonly id: string;
  readonly kind: FlagKind;
  readonly subject: string;
  readonly cause: FlagCause;
};

export class FlagRows {
  readonly #set: StatementSync;
  readonly #clear: StatementSync;
  readonly #all;
  readonly #ofKind;
  readonly #counts;

  constructor(database: DatabaseSync) {
    this.#set = database.prepare(`insert or replace into flags (kind, subject, cause) values (?, ?, ?)`);
    this.#clear = database.prepare(`delete from flags where kind = ? and subject = ?`);
    type Row = { kind: FlagKind; subject: string; cause: string };
    this.#all = new Query<Row>(database, `select * from flags order by kind, subject limit ?`);
    this.#ofKind = new Query<Row>(
      database,
      `select * from flags where kind = ? order by subject limit ?`,
    );
    this.#counts = new Query<{ kind: FlagKind; flags: number }>(
      database,
      `select kind, count(*) as flags from flags group by kind order by kind`,
    );
  }

  /** `undefined` settles the flag. */
  put(kind: FlagKind, subject: string, cause: FlagCause | undefined): void {
    if (cause) this.#set.run(kind, subject, JSON.stringify(cause));
    else this.#clear.run(kind, subject);
  }

  list(kind: FlagKind | undefined, limit: number): Flag[] {
    const rows = kind === undefined ? this.#all.all(limit) : this.#ofKind.all(kind, limit);
    return rows.map((row) => ({
      id: flagId(row.kind, row.subject),
      kind: row.kind,
      subject: row.subject,
      cause: JSON.parse(row.cause) as FlagCause,
    }));
  }

  subjects(kind: FlagKind): string[] {
    return this.#ofKind.all(kind, -1).map((row) => row.subject);
  }

  counts(): Partial<Record<FlagKind, number>> {
    const counts: Partial<Record<FlagKind, number>> = {};
    for (const { kind, flags } of this.#counts.all()) counts[kind] = flags;
    return counts;
  }
}
