/** Which keys of terminals head office has revoked. Never taken back: a terminal that is to come back is enrolled anew, with a new key. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const revocations: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(
        `create table revocations (
          store_id text not null,
          terminal_key text not null,
          terminal text not null,
          record jsonb not null,
          "by" text not null,
          created_at timestamptz not null default now(),
          primary key (store_id, terminal_key)
        )`,
      )
      .execute(db);
  },
};
