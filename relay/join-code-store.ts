/** Join codes in the database: shared by all relays, so every step is one atomic statement. Secrets are not here, see `joinKeyOf`. */
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import type { JoinCodeRecord, JoinCodeStore } from '../lib/trust/enrolment-office.ts';
import type { Database } from './database.ts';

/** Who joined by a code, whether or not anybody has heard of it since. */
export type EnrolledKey = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly terminalKey: string;
};

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
      ...(row.voided && { isVoid: true as const }),
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

  /** What else could let in a machine of this name is void with it: it would wait for this one to go. */
  async use(id: string, terminalKey: string): Promise<boolean> {
    const won = await this.#database.run((db) =>
      db
        .with('won', (first) =>
          first
            .updateTable('join_codes')
            .set({ used: true, terminal_key: terminalKey })
            .where('id', '=', id)
            .where('used', '=', false)
            .returning(['store_id', 'terminal']),
        )
        .with('others', (then) =>
          then
            .updateTable('join_codes')
            .from('won')
            .set({ used: true, voided: true })
            .whereRef('join_codes.store_id', '=', 'won.store_id')
            .whereRef('join_codes.terminal', '=', 'won.terminal')
            .where('join_codes.id', '<>', id)
            .where('join_codes.used', '=', false),
        )
        .selectFrom('won')
        .select('store_id')
        .execute(),
    );
    return won.length === 1;
  }

  /**
   * Makes void what can still be used: of a terminal, or the one of this id. Answers how many these were. What was used
   * before it returns says by whom; nothing is afterwards.
   */
  async withdraw(
    store: StoreId,
    which: { readonly terminal: TerminalId } | { readonly id: string },
    nowMs: number,
  ): Promise<number> {
    const result = await this.#database.run((db) =>
      db
        .updateTable('join_codes')
        .set({ used: true, voided: true })
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

  /** Keys that joined by a code, in no order; of a terminal, or of all of these stores. */
  async enrolled(
    stores: readonly StoreId[],
    terminal?: TerminalId,
  ): Promise<readonly EnrolledKey[]> {
    if (stores.length === 0) return [];
    const rows = await this.#database.run((db) =>
      db
        .selectFrom('join_codes')
        .select(['store_id', 'terminal', 'terminal_key'])
        .where('store_id', 'in', [...stores])
        .where('terminal_key', 'is not', null)
        .$if(terminal !== undefined, (query) => query.where('terminal', '=', terminal ?? ''))
        .execute(),
    );
    return rows.map((row) => ({
      store: row.store_id as StoreId,
      terminal: row.terminal as TerminalId,
      terminalKey: row.terminal_key ?? '',
    }));
  }

  async add(record: JoinCodeRecord, nowMs: number): Promise<boolean> {
    const row = {
      key: Buffer.from(record.key),
      store_id: record.store,
      terminal: record.terminal,
      expires_at_ms: record.expiresAtMs,
      failed_tries: record.failedTries,
      used: record.used,
      voided: false,
      terminal_key: null,
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
