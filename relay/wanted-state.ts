/**
 * What head office wants to be true: stores, their settings and operators, products, customers. Only the database is changed
 * here; the publisher makes the network's documents equal to it. Callers have read everything with `wanted-shapes.ts`.
 */
import { sql, type Kysely, type Transaction } from 'kysely';
import { assert, TillmeshError } from '../lib/domain/errors.ts';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { readProduct, type Product } from '../lib/domain/product.ts';
import { readNotice, type Revocation } from '../lib/domain/revocation.ts';
import { readSettings, type StoreSettings } from '../lib/domain/settings.ts';
import { encodeArray } from './binary-arrays.ts';
import type { Database } from './database.ts';
import { hashPin, isPin } from '../lib/trust/pin-hash.ts';
import type { HeldLease } from './lease.ts';
import type { ArchiveSchema } from './schema.ts';
import type {
  GivenOperator,
  WantedCustomer,
  WantedOperator,
  WantedStore,
  WantedRows,
} from './wanted-shapes.ts';

/** A release as the database remembers it: its number, and what its heads come to. */
export type KeptRelease = { readonly n: number; readonly digest: string };

/** Rows sent at a time: 1,000 products of 500 bytes. */
const chunkRows = 1_000;

export class WantedState {
  readonly #database: Database;
  readonly #random: (bytes: number) => Uint8Array;
  readonly #lease: Pick<HeldLease, 'epoch' | 'fence'> | undefined;

  /** With a lease nothing is written once another relay has it. */
  constructor(
    database: Database,
    random: (bytes: number) => Uint8Array,
    lease?: Pick<HeldLease, 'epoch' | 'fence'>,
  ) {
    this.#database = database;
    this.#random = random;
    this.#lease = lease;
  }

  /** New and changed ones; others stay as they are. Answers how many really changed. */
  putProducts(products: readonly Product[]): Promise<number> {
    return this.#putAll('products', 'sku', 'product', products, (each) => each.sku);
  }

  async products(): Promise<readonly Product[]> {
    const rows = await this.#database.run((db) =>
      db.selectFrom('products').select('product').orderBy('sku').execute(),
    );
    return rows.map((row) => {
      const read = readProduct(row.product);
      assert(read.ok, 'a product in the database is none');
      return read.value;
    });
  }

  putCustomers(customers: readonly WantedCustomer[]): Promise<number> {
    return this.#putAll('customers', 'customer', 'record', customers, (each) => each.id);
  }

  async customers(): Promise<readonly WantedCustomer[]> {
    const rows = await this.#database.run((db) =>
      db.selectFrom('customers').select('record').orderBy('customer').execute(),
    );
    return rows.map((row) => row.record as WantedCustomer);
  }

  async putStore(store: StoreId, wanted: WantedStore): Promise<void> {
    await this.#transaction((trx) => putStoreRows(trx, store, wanted));
  }

  async stores(): Promise<readonly { readonly store: StoreId; readonly name: string }[]> {
    const rows = await this.#database.run((db) =>
      db.selectFrom('stores').select(['store_id', 'name']).orderBy('store_id').execute(),
    );
    return rows.map((row) => ({ store: row.store_id as StoreId, name: row.name }));
  }

  async settings(store: StoreId): Promise<StoreSettings | undefined> {
    const row = await this.#database.run((db) =>
      db.selectFrom('settings').select('settings').where('store_id', '=', store).executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    const read = readSettings(row.settings);
    assert(read.ok, 'settings in the database are none');
    return read.value;
  }

  /** The store's operators are these, and no others. A PIN that is the same keeps its hash, so nothing is published anew. */
  async putOperators(store: StoreId, given: readonly GivenOperator[]): Promise<void> {
    const before = new Map((await this.operators(store)).map((each) => [each.id, each]));
    const wanted = given.map(({ pin, ...rest }): WantedOperator => {
      const known = before.get(rest.id)?.pinHash;
      if (known !== undefined && (pin === undefined || isPin(pin, known))) {
        return { ...rest, pinHash: known };
      }
      // Without a PIN nobody can sign in: the hash of one that nobody knows.
      const secret = pin ?? Buffer.from(this.#random(16)).toString('hex');
      return { ...rest, pinHash: hashPin(secret, this.#random) };
    });
    await this.#transaction(async (trx) => {
      await trx.deleteFrom('operators').where('store_id', '=', store).execute();
      if (wanted.length === 0) return;
      const rows = wanted.map((each) => ({
        store_id: store,
        operator: each.id,
        record: JSON.stringify(each),
      }));
      await trx.insertInto('operators').values(rows).execute();
    });
  }

  async operators(store: StoreId): Promise<readonly WantedOperator[]> {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('operators')
        .select('record')
        .where('store_id', '=', store)
        .orderBy('operator')
        .execute(),
    );
    return rows.map((row) => row.record as WantedOperator);
  }

  async putTerminal(store: StoreId, terminal: TerminalId, name: string): Promise<void> {
    await this.#database.run((db) =>
      db
        .insertInto('terminals')
        .values({ store_id: store, terminal, name, revoked: false })
        .onConflict((conflict) => conflict.columns(['store_id', 'terminal']).doUpdateSet({ name }))
        .execute(),
    );
  }

  async terminals(
    store: StoreId,
  ): Promise<
    readonly { readonly terminal: TerminalId; readonly name: string; readonly revoked: boolean }[]
  > {
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('terminals')
        .select(['terminal', 'name', 'revoked'])
        .where('store_id', '=', store)
        .orderBy('terminal')
        .execute(),
    );
    return rows.map((row) => ({ ...row, terminal: row.terminal as TerminalId }));
  }

  /** Keeps that a key is revoked, for good. Answers what is kept: a revocation of before stands. */
  revoke(revocation: Revocation, by: string): Promise<Revocation> {
    const { store, terminalKey } = revocation;
    return this.#transaction(async (trx) => {
      await putRevocation(trx, revocation, by);
      const row = await trx
        .selectFrom('revocations')
        .select(['store_id', 'record'])
        .where('store_id', '=', store)
        .where('terminal_key', '=', terminalKey)
        .executeTakeFirstOrThrow();
      return revocationIn(row);
    });
  }

  /** What the stores' notices say already and this database does not know: it was wiped, or restored from a backup. */
  async keepRevocations(revocations: readonly Revocation[]): Promise<void> {
    if (revocations.length === 0) return;
    await this.#transaction(async (trx) => {
      for (const each of revocations) await putRevocation(trx, each, 'notices');
    });
  }

  /** Fenced like a write: they are signed next. */
  async revocations(): Promise<readonly Revocation[]> {
    const rows = await this.#transaction((trx) =>
      trx
        .selectFrom('revocations')
        .select(['store_id', 'record'])
        .orderBy('store_id')
        .orderBy('terminal_key')
        .execute(),
    );
    return rows.map(revocationIn);
  }

  /** Whether this database was there when that release was made: it wants what is in force, or something newer. */
  async knowsRelease({ n, digest }: KeptRelease): Promise<boolean> {
    return this.#database.run((db) => isKept(db, { n, digest }));
  }

  /**
   * Keeps that a release with this digest is about to be signed, and gives its number: above `last` and above every
   * number that was given before, also to one that a crash kept from being signed. @throws DATABASE_WENT_BACK
   */
  beginRelease(last: KeptRelease | undefined, digest: string): Promise<number> {
    return this.#transaction(async (trx) => {
      // The server may have failed over to an older one since the wanted state was read.
      if (last && !(await isKept(trx, last)))
        throw new TillmeshError('DATABASE_WENT_BACK', `release ${last.n}`);
      const highest = await trx
        .selectFrom('releases')
        .select((is) => is.fn.max('n').as('n'))
        .executeTakeFirst();
      const n = Math.max(last?.n ?? 0, highest?.n ?? 0) + 1;
      const record = JSON.stringify({ heads: digest });
      await trx.insertInto('releases').values({ n, epoch: this.#epoch(), record }).execute();
      return n;
    });
  }

  /** What is wanted becomes what is in force, as a whole. Customers keep what is not published: name, phone, mail. */
  async refill(rows: WantedRows, { n, digest }: KeptRelease): Promise<void> {
    const contacts = new Map((await this.customers()).map((customer) => [customer.id, customer]));
    const customers = rows.customers.map((terms) => {
      const known = contacts.get(terms.id);
      if (!known) return terms;
      const { group: _g, creditLimitMinor: _c, blocked: _b, taxExempt: _t, ...contact } = known;
      return { ...terms, ...contact };
    });
    await this.#transaction(async (trx) => {
      for (const table of ['stores', 'settings', 'operators', 'products', 'customers'] as const)
        await trx.deleteFrom(table).execute();
      for (const { store, ...wanted } of rows.stores) await putStoreRows(trx, store, wanted);
      for (const { store, operator } of rows.operators) {
        const row = { store_id: store, operator: operator.id, record: JSON.stringify(operator) };
        await trx.insertInto('operators').values(row).execute();
      }
      await putChunks(trx, 'products', 'sku', 'product', rows.products, (each) => each.sku);
      await putChunks(trx, 'customers', 'customer', 'record', customers, (each) => each.id);
      const record = JSON.stringify({ heads: digest });
      await trx
        .insertInto('releases')
        .values({ n, epoch: this.#epoch(), record })
        .onConflict((conflict) => conflict.column('n').doUpdateSet({ record }))
        .execute();
    });
  }

  #putAll<Item>(
    table: 'products' | 'customers',
    key: string,
    column: string,
    items: readonly Item[],
    keyOf: (item: Item) => string,
  ): Promise<number> {
    return this.#transaction((trx) => putChunks(trx, table, key, column, items, keyOf));
  }

  #transaction<Result>(
    work: (trx: Transaction<ArchiveSchema>) => Promise<Result>,
  ): Promise<Result> {
    return this.#database.run((db) =>
      db.transaction().execute(async (trx) => {
        await this.#lease?.fence(trx);
        return work(trx);
      }),
    );
  }

  #epoch(): number {
    return this.#lease?.epoch ?? 0;
  }
}

async function isKept(db: Kysely<ArchiveSchema>, { n, digest }: KeptRelease): Promise<boolean> {
  const row = await db
    .selectFrom('releases')
    .select('record')
    .where('n', '=', n)
    .executeTakeFirst();
  return (row?.record as { readonly heads?: unknown } | undefined)?.heads === digest;
}

async function putRevocation(
  trx: Transaction<ArchiveSchema>,
  revocation: Revocation,
  by: string,
): Promise<void> {
  const { store, terminal, terminalKey } = revocation;
  await trx
    .insertInto('revocations')
    .values({
      store_id: store,
      terminal,
      terminal_key: terminalKey,
      record: JSON.stringify(revocation),
      by,
    })
    .onConflict((conflict) => conflict.columns(['store_id', 'terminal_key']).doNothing())
    .execute();
}

function revocationIn(row: { readonly store_id: string; readonly record: unknown }): Revocation {
  const read = readNotice(row.record as Record<string, unknown>, row.store_id as StoreId);
  assert(read.kind === 'revocation', 'a revocation in the database is none');
  return read.revocation;
}

async function putStoreRows(
  trx: Transaction<ArchiveSchema>,
  store: StoreId,
  { name, settings }: WantedStore,
): Promise<void> {
  await trx
    .insertInto('stores')
    .values({ store_id: store, name })
    .onConflict((conflict) => conflict.column('store_id').doUpdateSet({ name }))
    .execute();
  const text = JSON.stringify(settings);
  await trx
    .insertInto('settings')
    .values({ store_id: store, settings: text })
    .onConflict((conflict) =>
      conflict.column('store_id').doUpdateSet({ settings: text, changed_at: new Date() }),
    )
    .execute();
}

/** Answers how many really changed. */
async function putChunks<Item>(
  trx: Transaction<ArchiveSchema>,
  table: 'products' | 'customers',
  key: string,
  column: string,
  items: readonly Item[],
  keyOf: (item: Item) => string,
): Promise<number> {
  const [into, keyName, valueName] = [sql.ref(table), sql.ref(key), sql.ref(column)];
  let changed = 0;
  for (let at = 0; at < items.length; at += chunkRows) {
    const chunk = items.slice(at, at + chunkRows);
    const keys = encodeArray('text', chunk.map(keyOf));
    const values = encodeArray(
      'text',
      chunk.map((item) => JSON.stringify(item)),
    );
    const result = await sql`
      insert into ${into} as present (${keyName}, ${valueName})
      select key, value::jsonb from unnest(${keys}::text[], ${values}::text[]) as given (key, value)
      on conflict (${keyName}) do update
        set ${valueName} = excluded.${valueName}, changed_at = now()
        where present.${valueName} is distinct from excluded.${valueName}`.execute(trx);
    changed += Number(result.numAffectedRows ?? 0n);
  }
  return changed;
}
