/** Whose database this is. `releases` (0002) holds from here on what was published from it, each row written before its release is signed. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const published: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table archive add column company text').execute(db);
  },
};
