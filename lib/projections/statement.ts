/**
 * Prepared statements with the shape of their rows said once, where the SQL stands.
 * The shape is a promise of the SQL beside it; nothing from outside is read through here.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

export class Query<Row> {
  readonly #statement: StatementSync;

  constructor(database: DatabaseSync, sql: string) {
    this.#statement = database.prepare(sql);
  }

  one(...values: SQLInputValue[]): Row | undefined {
    return this.#statement.get(...values) as Row | undefined;
  }

  all(...values: SQLInputValue[]): Row[] {
    return this.#statement.all(...values) as Row[];
  }

  /** Rows one by one, for results that need not stand in memory together. */
  each(...values: SQLInputValue[]): IterableIterator<Row> {
    return this.#statement.iterate(...values) as IterableIterator<Row>;
  }
}

/** Sums in SQL are cut here: beyond, a JavaScript number is not exact, and node:sqlite would throw. */
export const saturated = (sum: string): string =>
  `max(min(coalesce(${sum}, 0), ${Number.MAX_SAFE_INTEGER}), -${Number.MAX_SAFE_INTEGER})`;
