/** Which series letters were given to a terminal's lives: one that was given once is never given again (P3). */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const seriesLetters: Migration = {
  async up(db: Kysely<unknown>) {
    await sql
      .raw(
        `create table series_letters (
          store_id text not null,
          terminal text not null,
          letter text not null,
          given_at timestamptz not null default now(),
          primary key (store_id, terminal, letter)
        )`,
      )
      .execute(db);
  },
};
