/**
 * What head office wants to be true: stores, their settings and operators, products, customers. Only the database is changed
 * here; the publisher makes the network's documents equal to it. Callers have read everything with `wanted-shapes.ts`.
 */
import { sql } from 'kysely';
import { assert } from '../lib/domain/errors.ts';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { readProduct, type Product } from '../lib/domain/product.ts';
import { readSettings, type StoreSettings } from '../lib/domain/settings.ts';
import { encodeArray } from './binary-arrays.ts';
import type { Database } from './database.ts';
import { hashPin, isPin } from './pin-hash.ts';
import type {
  GivenOperator,
  WantedCustomer,
  WantedOperator,
  WantedStore,
} from './wanted-shapes.ts';

export type WantedRelease = {
  readonly n: number;
  readonly epoch: number;
  readonly record: unknown;
};

/** Rows sent at a time: 1,000 products of 500 bytes. */
const chunkRows = 1_000;

export class WantedState {
  readonly #database: Database;
  readonly #random: (bytes: number) => Uint8Array;

  constructor(database: Database, random: (bytes: number) => Uint8Array) {
    this.#database = database;
    this.#random = random;
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

  async putStore(store: StoreId, { name, settings }: WantedStore): Promise<void> {
    await this.#database.run((db) =>
      db.transaction().execute(async (trx) => {
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
      }),
    );
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
    await this.#database.run((db) =>
      db.transaction().execute(async (trx) => {
        await trx.deleteFrom('operators').where('store_id', '=', store).execute();
        if (wanted.length === 0) return;
        const rows = wanted.map((each) => ({
          store_id: store,
          operator: each.id,
          record: JSON.stringify(each),
        }));
        await trx.insertInto('operators').values(rows).execute();
      }),
    );
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

  /** False when that number is taken: another publisher was faster, and this one looks again. */
  async addRelease({ n, epoch, record }: WantedRelease): Promise<boolean> {
    const result = await this.#database.run((db) =>
      db
        .insertInto('releases')
        .values({ n, epoch, record: JSON.stringify(record) })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst(),
    );
    return result.numInsertedOrUpdatedRows === 1n;
  }

  async lastRelease(): Promise<WantedRelease | undefined> {
    return this.#database.run((db) =>
      db
        .selectFrom('releases')
        .select(['n', 'epoch', 'record'])
        .orderBy('n', 'desc')
        .limit(1)
        .executeTakeFirst(),
    );
  }

  #putAll<Item>(
    table: 'products' | 'customers',
    key: string,
    column: string,
    items: readonly Item[],
    keyOf: (item: Item) => string,
  ): Promise<number> {
    const [into, keyName, valueName] = [sql.ref(table), sql.ref(key), sql.ref(column)];
    return this.#database.run((db) =>
      db.transaction().execute(async (trx) => {
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
      }),
    );
  }
}
