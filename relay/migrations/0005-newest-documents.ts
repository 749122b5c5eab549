/** What head office's screens look through: a store's documents from the newest on, those that are no sales, one by its number. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

const indexes = [
  `create index documents_newest on documents (store_id, wall, terminal, incarnation, seq, hash)`,
  // Sales are found in the first one soon enough; the rest would be needles in it.
  `create index documents_newest_rare on documents (store_id, type, wall)
    where type <> 'SaleCompleted'`,
  `create index documents_by_number on documents (store_id, number)`,
];

export const newestDocuments: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of indexes) await sql.raw(statement).execute(db);
  },
};
