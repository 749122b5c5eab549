/**
 * In how many sales of the store each SKU was, by journal, so that a journal can be taken out again; and what follows
 * for the order of tiles. Every branch of a fork counts.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Sku } from '../domain/ids.ts';
import type { JournalRow } from './journal-rows.ts';
import { Query } from './statement.ts';

export class SoldRows {
  /** Sums that were asked for: every sale would ask again, and seldom changes what follows. */
  readonly #sums = new Map<Sku, number>();
  readonly #added = new Map<string, { sku: Sku; journal: number; sales: number }>();
  readonly #sum;
  readonly #skusIn;
  readonly #insert: StatementSync;
  readonly #drop: StatementSync;
  readonly #rank: StatementSync;

  constructor(database: DatabaseSync) {
    this.#sum = new Query<{ sales: number | null }>(
      database,
      `select sum(sales) as sales from sold where sku = ?`,
    );
    this.#skusIn = new Query<{ sku: Sku }>(database, `select sku from sold where journal = ?`);
    this.#insert = database.prepare(
      `insert into sold (sku, journal, sales) values (?, ?, ?)
       on conflict do update set sales = sales + excluded.sales`,
    );
    this.#drop = database.prepare(`delete from sold where journal = ?`);
    this.#rank = database.prepare(`update products set popularity = ? where sku = ?`);
  }

  reload(): void {
    this.#sums.clear();
    this.#added.clear();
  }

  /** The SKUs of one sale, each once. */
  add(journal: JournalRow, skus: readonly Sku[]): void {
    for (const sku of skus) {
      const key = `${journal.id}/${sku}`;
      const added = this.#added.get(key);
      if (added) added.sales++;
      else this.#added.set(key, { sku, journal: journal.id, sales: 1 });
    }
  }

  settle(): void {
    for (const { sku, journal, sales } of this.#added.values()) {
      const before = this.#sumOf(sku);
      this.#insert.run(sku, journal, sales);
      this.#sums.set(sku, before + sales);
      const popularity = popularityOf(before + sales);
      if (popularity !== popularityOf(before)) this.#rank.run(popularity, sku);
    }
    this.#added.clear();
  }

  drop(journal: JournalRow): void {
    const skus = this.#skusIn.all(journal.id);
    this.#drop.run(journal.id);
    this.#sums.clear();
    for (const { sku } of skus) this.#rank.run(this.popularity(sku), sku);
  }

  popularity(sku: Sku): number {
    return popularityOf(this.#sumOf(sku));
  }

  #sumOf(sku: Sku): number {
    let sum = this.#sums.get(sku);
    if (sum === undefined) {
      sum = this.#sum.one(sku)?.sales ?? 0;
      this.#sums.set(sku, sum);
    }
    return sum;
  }
}

/**
 * In steps that grow by the root of two: tiles stay where they are while a till sells, and their index is seldom
 * written. 0 for never sold; the first sales count one by one.
 */
export const popularityOf = (sales: number): number =>
  sales < 1 ? 0 : 1 + Math.floor(2 * Math.log2(sales));
