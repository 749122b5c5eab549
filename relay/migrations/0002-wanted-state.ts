/** What head office wants to be true; the publisher makes the network's documents equal to it. And the join codes. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

const tables = [
  `create table stores (
    store_id text primary key,
    name text not null,
    changed_at timestamptz not null default now()
  )`,
  `create table terminals (
    store_id text not null,
    terminal text not null,
    name text not null,
    revoked boolean not null default false,
    changed_at timestamptz not null default now(),
    primary key (store_id, terminal)
  )`,
  `create table settings (
    store_id text primary key,
    settings jsonb not null,
    changed_at timestamptz not null default now()
  )`,
  `create table operators (
    store_id text not null,
    operator text not null,
    record jsonb not null,
    changed_at timestamptz not null default now(),
    primary key (store_id, operator)
  )`,
  // Company-wide: the same for every store, so their own code is their key.
  `create table products (
    sku text primary key,
    product jsonb not null,
    changed_at timestamptz not null default now()
  )`,
  `create table customers (
    customer text primary key,
    record jsonb not null,
    changed_at timestamptz not null default now()
  )`,
  `create table releases (
    n bigint primary key,
    epoch bigint not null,
    record jsonb not null,
    created_at timestamptz not null default now()
  )`,
  // Of the company: a code is found by the four characters that name it, before anyone knows its store.
  `create table join_codes (
    id text primary key,
    key bytea not null,
    store_id text not null,
    terminal text not null,
    expires_at_ms bigint not null,
    failed_tries integer not null default 0,
    used boolean not null default false
  )`,
];

export const wantedStateTables: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of tables) await sql.raw(statement).execute(db);
  },
};
