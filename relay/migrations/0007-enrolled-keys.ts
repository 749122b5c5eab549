/** Which key joined by a code: head office knows so at once, the roster when it meets that terminal. And what was made void. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const enrolledKeys: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(
        `alter table join_codes
          add column terminal_key text,
          add column voided boolean not null default false`,
      )
      .execute(db);
  },
};
