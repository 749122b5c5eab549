/**
 * Customers as the customer documents hold them: by id, and by name or phone as typed.
 * A copy for looking up; edits go to the documents.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Query } from './statement.ts';
import { wordQuery } from './word-query.ts';

/** Contact fields by name; `name` and `phone` are what is searched. */
export type CustomerFields = Readonly<Record<string, string>>;
export type Customer = { readonly id: string; readonly fields: CustomerFields };
/** `undefined`: erased. */
export type CustomerChange = { readonly id: string; readonly fields: CustomerFields | undefined };

type Row = { readonly key: string; readonly fields: string };

export class CustomerSearch {
  readonly #one;
  readonly #byWords;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #insertWords: StatementSync;
  readonly #deleteWords: StatementSync;

  constructor(database: DatabaseSync) {
    this.#one = new Query<Row & { id: number }>(
      database,
      `select id, key, fields from customers where key = ?`,
    );
    this.#byWords = new Query<Row>(
      database,
      `select key, fields from customer_words join customers on customers.id = customer_words.rowid
       where customer_words match ? order by customer_words.rowid limit ?`,
    );
    this.#insert = database.prepare(`insert into customers (key, fields) values (?, ?)`);
    this.#update = database.prepare(`update customers set fields = ? where id = ?`);
    this.#delete = database.prepare(`delete from customers where id = ?`);
    this.#insertWords = database.prepare(`insert into customer_words (rowid, words) values (?, ?)`);
    this.#deleteWords = database.prepare(`delete from customer_words where rowid = ?`);
  }

  /** Within the caller's transaction. */
  replace(changes: Iterable<CustomerChange>): void {
    for (const { id: key, fields } of changes) {
      let id = this.#one.one(key)?.id;
      if (id !== undefined) this.#deleteWords.run(id);
      if (fields === undefined) {
        if (id !== undefined) this.#delete.run(id);
        continue;
      }
      const text = JSON.stringify(fields);
      if (id === undefined) id = Number(this.#insert.run(key, text).lastInsertRowid);
      else this.#update.run(text, id);
      this.#insertWords.run(id, searched(fields));
    }
  }

  get(id: string): Customer | undefined {
    const row = this.#one.one(id);
    return row && customerOf(row);
  }

  /** By id, or where every word typed begins a word of the name or a run of the phone number. */
  search(text: string, limit: number): Customer[] {
    const typed = text.trim();
    if (typed === '' || limit < 1) return [];
    const exact = this.get(typed);
    const query = wordQuery(typed);
    const rows = query === undefined ? [] : this.#byWords.all(query, limit);
    const others = rows.map(customerOf).filter((customer) => customer.id !== exact?.id);
    return (exact ? [exact, ...others] : others).slice(0, limit);
  }
}

/** The phone number also in one piece: people type it with and without blanks. */
function searched(fields: CustomerFields): string {
  const phone = fields['phone'] ?? '';
  return `${fields['name'] ?? ''} ${phone} ${phone.replace(/[^0-9]/g, '')}`;
}

const customerOf = (row: Row): Customer => ({
  id: row.key,
  fields: JSON.parse(row.fields) as CustomerFields,
});
