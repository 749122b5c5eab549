/** Join codes in the database: shared by all relays, so every step is one atomic statement. Secrets are not here, see `joinKeyOf`. */
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import type { JoinCodeRecord, JoinCodeStore } from '../lib/trust/enrolment-office.ts';
import type { Database } from './database.ts';

export class DatabaseJoinCodes implements JoinCodeStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async find(id: string): Promise<JoinCodeRecord | undefined> {
    const row = await this.#database.run((db) =>
      db.selectFrom('join_codes').selectAll().where('id', '=', id).executeTakeFirst(),
    );
    if (row === undefined) return undefined;
    return {
      id: row.id,
      key: new Uint8Array(row.key),
      store: row.store_id as StoreId,
      terminal: row.terminal as TerminalId,
      expiresAtMs: row.expires_at_ms,
      failedTries: row.failed_tries,
      used: row.used,
    };
  }

  async fail(id: string): Promise<void> {
    await this.#database.run((db) =>
      db
        .updateTable('join_codes')
        .set((row) => ({ failed_tries: row('failed_tries', '+', 1) }))
        .where('id', '=', id)
        .execute(),
    );
  }

  async use(id: string): Promise<boolean> {
    const result = await this.#database.run((db) =>
      db
        .updateTable('join_codes')
        .set({ used: true })
        .where('id', '=', id)
        .where('used', '=', false)
        .executeTakeFirst(),
    );
    return result.numUpdatedRows === 1n;
  }

  /**
   * Makes void what can still be used: of a terminal, or the one of this id. To whoever brings such a code it was used.
   * Answers how many these were.
   */
  async withdraw(
    store: StoreId,
    which: { readonly terminal: TerminalId } | { readonly id: string },
    nowMs: number,
  ): Promise<number> {
    const result = await this.#database.run((db) =>
      db
        .updateTable('join_codes')
        .set({ used: true })
        .where('store_id', '=', store)
        .where('used', '=', false)
        .where('expires_at_ms', '>', nowMs)
        .where((is) =>
          'id' in which ? is('id', '=', which.id) : is('terminal', '=', which.terminal),
        )
        .executeTakeFirst(),
    );
    return Number(result.numUpdatedRows);
  }

  async add(record: JoinCodeRecord, nowMs: number): Promise<boolean> {
    const row = {
      key: Buffer.from(record.key),
      store_id: record.store,
      terminal: record.terminal,
      expires_at_ms: record.expiresAtMs,
      failed_tries: record.failedTries,
      used: record.used,
    };
    const result = await this.#database.run((db) =>
      db
        .insertInto('join_codes')
        .values({ id: record.id, ...row })
        .onConflict((conflict) =>
          conflict
            .column('id')
            .doUpdateSet(row)
            .where((is) =>
              is.or([
                is('join_codes.used', '=', true),
                is('join_codes.expires_at_ms', '<=', nowMs),
              ]),
            ),
        )
        .executeTakeFirst(),
    );
    return result.numInsertedOrUpdatedRows === 1n;
  }
}
