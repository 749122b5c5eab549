/** The archive: raw entries, and the rows made of them. Frozen once released: changes are a migration of their own. */
import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** In every table of a store, so that both sides of a fork keep their rows and the archive can be distributed by store. */
const entryKey = `
  store_id text not null,
  terminal text not null,
  incarnation text not null,
  seq bigint not null,
  hash text not null`;
const primaryKey = 'primary key (store_id, terminal, incarnation, seq, hash)';
const primaryKeyOfParts = 'primary key (store_id, terminal, incarnation, seq, hash, n)';

const tables = [
  `create table archive (
    one boolean primary key default true check (one),
    id uuid not null default gen_random_uuid(),
    generation integer not null default 1
  )`,
  `insert into archive default values`,
  `create table entries (${entryKey},
    prev text not null,
    at text not null,
    wall bigint not null,
    type text not null,
    by text not null,
    command text not null,
    bytes bytea not null,
    received_at timestamptz not null default now(),
    ${primaryKey}
  )`,
  `create table journals (
    store_id text not null,
    terminal text not null,
    incarnation text not null,
    seq bigint not null default 0,
    hash text not null default '-',
    highest_seq bigint not null default 0,
    forked boolean not null default false,
    changed_at timestamptz not null default now(),
    primary key (store_id, terminal, incarnation)
  )`,
  `create table documents (${entryKey},
    type text not null,
    number text not null,
    business_day date not null,
    currency text,
    total_minor bigint not null,
    line_count integer not null,
    customer text,
    external_id text,
    by text not null,
    wall bigint not null,
    ${primaryKey}
  )`,
  `create index documents_by_day on documents (store_id, business_day)`,
  `create table lines (${entryKey},
    n integer not null,
    sku text not null,
    name text not null,
    quantity_milli bigint not null,
    unit_price_e4 bigint,
    amount_minor bigint,
    discount_minor bigint,
    tax text,
    batch text,
    ${primaryKeyOfParts}
  )`,
  `create table tenders (${entryKey},
    n integer not null,
    kind text not null,
    amount_minor bigint not null,
    given_minor bigint,
    change_minor bigint,
    ${primaryKeyOfParts}
  )`,
  `create table taxes (${entryKey},
    n integer not null,
    rate text not null,
    percent_e4 bigint not null,
    net_minor bigint not null,
    tax_minor bigint not null,
    ${primaryKeyOfParts}
  )`,
  `create table movements (${entryKey},
    n integer not null,
    sku text not null,
    batch text,
    quantity_milli bigint not null,
    ${primaryKeyOfParts}
  )`,
  `create table postings (${entryKey},
    state text not null check (state in ('refused', 'parked', 'posted')),
    attempts integer not null,
    cause text not null,
    message text not null,
    next_attempt_at timestamptz not null,
    changed_at timestamptz not null default now(),
    ${primaryKey}
  )`,
  `create index postings_due on postings (next_attempt_at) where state = 'refused'`,
  `create table leases (
    store_id text not null,
    task text not null,
    holder text not null,
    epoch bigint not null,
    expires_at timestamptz not null,
    primary key (store_id, task)
  )`,
];

export const archiveTables: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of tables) await sql.raw(statement).execute(db);
  },
};
