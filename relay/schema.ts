/**
 * The archive's tables as Kysely knows them; `migrations/` makes them. `store_id` leads the key of everything that happens
 * in a store, so that the archive can be distributed by it; company-wide reference data has its own key.
 */
import type { ColumnType, Generated } from 'kysely';

/** Which entry: the journal's identity, its seq and the hash, so that both sides of a fork have their rows. */
export type EntryKeyColumns = {
  store_id: string;
  terminal: string;
  incarnation: string;
  seq: number;
  hash: string;
};

type Timestamp = ColumnType<Date, Date | undefined, Date>;
type Json = ColumnType<unknown, string, string>;

export type ArchiveSchema = {
  /** One row. */
  archive: {
    one: Generated<boolean>;
    id: Generated<string>;
    generation: Generated<number>;
    /** Absent until a relay claims it. */
    company: string | null;
  };
  /** Every entry, byte for byte: this is what "archived" means. */
  entries: EntryKeyColumns & {
    prev: string;
    at: string;
    wall: number;
    type: string;
    by: string;
    command: string;
    bytes: Buffer;
    received_at: Timestamp;
  };
  /** The contiguous tip of each journal: everything up to it is here. */
  journals: {
    store_id: string;
    terminal: string;
    incarnation: string;
    seq: number;
    hash: string;
    highest_seq: number;
    forked: boolean;
    changed_at: Timestamp;
  };
  documents: EntryKeyColumns & {
    type: string;
    number: string;
    business_day: string;
    currency: string | null;
    total_minor: number;
    line_count: number;
    customer: string | null;
    external_id: string | null;
    by: string;
    wall: number;
  };
  lines: EntryKeyColumns & {
    n: number;
    sku: string;
    name: string;
    quantity_milli: number;
    unit_price_e4: number | null;
    amount_minor: number | null;
    discount_minor: number | null;
    tax: string | null;
    batch: string | null;
  };
  tenders: EntryKeyColumns & {
    n: number;
    kind: string;
    amount_minor: number;
    given_minor: number | null;
    change_minor: number | null;
  };
  taxes: EntryKeyColumns & {
    n: number;
    rate: string;
    percent_e4: number;
    net_minor: number;
    tax_minor: number;
  };
  movements: EntryKeyColumns & {
    n: number;
    sku: string;
    batch: string | null;
    quantity_milli: number;
  };
  /** Entries that did not post at the first attempt; no row here means posted with its archiving, or nothing to post. */
  postings: EntryKeyColumns & {
    state: 'refused' | 'parked' | 'posted';
    attempts: number;
    cause: string;
    message: string;
    next_attempt_at: ColumnType<Date, Date, Date>;
    changed_at: Timestamp;
  };
  leases: {
    store_id: string;
    task: string;
    holder: string;
    epoch: number;
    expires_at: ColumnType<Date, Date, Date>;
  };
  join_codes: {
    id: string;
    key: Buffer;
    store_id: string;
    terminal: string;
    expires_at_ms: number;
    failed_tries: number;
    used: boolean;
    /** Used up by head office itself, and by nobody who joined. */
    voided: Generated<boolean>;
    /** Hex SHA-256 of the key that joined by it. */
    terminal_key: string | null;
  };
  stores: { store_id: string; name: string; changed_at: Timestamp };
  terminals: {
    store_id: string;
    terminal: string;
    name: string;
    revoked: boolean;
    changed_at: Timestamp;
  };
  series_letters: { store_id: string; terminal: string; letter: string; given_at: Timestamp };
  settings: { store_id: string; settings: Json; changed_at: Timestamp };
  operators: { store_id: string; operator: string; record: Json; changed_at: Timestamp };
  products: { sku: string; product: Json; changed_at: Timestamp };
  customers: { customer: string; record: Json; changed_at: Timestamp };
  revocations: {
    store_id: string;
    terminal_key: string;
    terminal: string;
    record: Json;
    by: string;
    created_at: Timestamp;
  };
  releases: { n: number; epoch: number; record: Json; created_at: Timestamp };
};
