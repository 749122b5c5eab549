/**
 * Who may do a task (posting a store, publishing) when several relays share a database: one row per store and task, with an
 * epoch that rises at every change of hands. Time is the database's: relays' clocks may differ. A relay that was frozen past
 * its lease is stopped by the fence, inside the very transaction in which it would write.
 */
import { sql, type Transaction } from 'kysely';
import type { Clock } from '../lib/domain/clock.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { Database } from './database.ts';
import type { ArchiveSchema } from './schema.ts';

/** Throws LEASE_LOST, and until the transaction ends nobody else can take the lease. */
export type Fence = (trx: Transaction<ArchiveSchema>) => Promise<void>;

export type LeaseOptions = {
  readonly store: string;
  readonly task: string;
  /** The data directory that asks: one process has it at a time, so a lease of the same holder is a dead process's. */
  readonly holder: string;
  readonly ttlMs: number;
  /** At the start of a process: what its predecessor left behind need not expire. */
  readonly mayTakeOver?: boolean;
};

export type HeldLease = {
  readonly epoch: number;
  readonly fence: Fence;
  /** False when it was lost; then it stays lost. Call it well within the time to live. */
  readonly renew: () => Promise<boolean>;
  /** Lets another have it at once. */
  readonly release: () => Promise<void>;
};

/** Undefined while another holds it. */
export async function acquireLease(
  database: Database,
  options: LeaseOptions,
): Promise<HeldLease | undefined> {
  const { store, task, holder, ttlMs, mayTakeOver = false } = options;
  const until = sql`clock_timestamp() + make_interval(secs => ${ttlMs / 1000}::double precision)`;
  const epoch = await database.run(async (db) => {
    const result = await sql<{ epoch: number }>`
      insert into leases (store_id, task, holder, epoch, expires_at)
      values (${store}, ${task}, ${holder}, 1, ${until})
      on conflict (store_id, task) do update
        set holder = excluded.holder, epoch = leases.epoch + 1, expires_at = ${until}
        where leases.expires_at < clock_timestamp()
          or (${mayTakeOver}::boolean and leases.holder = excluded.holder)
      returning epoch`.execute(db);
    return result.rows[0]?.epoch;
  });
  if (epoch === undefined) return undefined;
  const mine = sql`store_id = ${store} and task = ${task} and holder = ${holder} and epoch = ${epoch}`;
  const change = (to: ReturnType<typeof sql>): Promise<boolean> =>
    database.run(async (db) => {
      const result = await sql`update leases set expires_at = ${to} where ${mine}`.execute(db);
      return result.numAffectedRows === 1n;
    });
  return {
    epoch,
    renew: () => change(until),
    release: async () => {
      await change(sql`clock_timestamp() - interval '1 second'`);
    },
    // The epoch alone decides: as long as nobody took over, an expired lease harms nobody.
    fence: async (trx) => {
      const result = await sql`select 1 from leases where ${mine} for share`.execute(trx);
      if (result.rows.length === 0) throw new TillmeshError('LEASE_LOST', `${store} ${task}`);
    },
  };
}

/** One relay works on a database at a time. */
const relayTask = { store: '*', task: 'relay' } as const;
const ttlMs = 30_000;
const askEveryMs = 1_000;
export const renewEveryMs = 10_000;

export type KeptLeaseParts = {
  readonly database: Database;
  readonly holder: string;
  readonly clock: Clock;
  /** Another relay has it: this one waits until it would have expired. */
  readonly onWaiting: () => void;
};

/** The relay's lease over the life of its process: renewed, and taken again where it was lost and nobody has it. */
export class KeptLease {
  readonly #p: KeptLeaseParts;
  #held: HeldLease;

  private constructor(parts: KeptLeaseParts, held: HeldLease) {
    this.#p = parts;
    this.#held = held;
  }

  /** Waits for a lease that nobody renews. @throws DATABASE_IN_USE */
  static async take(parts: KeptLeaseParts): Promise<KeptLease> {
    const { database, holder, clock } = parts;
    const endMs = clock.monotonicMs() + ttlMs + askEveryMs;
    for (let isFirst = true; ; isFirst = false) {
      const options = { ...relayTask, holder, ttlMs, mayTakeOver: true };
      const held = await acquireLease(database, options);
      if (held) return new KeptLease(parts, held);
      if (isFirst) parts.onWaiting();
      if (clock.monotonicMs() >= endMs) throw new TillmeshError('DATABASE_IN_USE', database.server);
      await new Promise<void>((resolve) => clock.setTimer(resolve, askEveryMs));
    }
  }

  get epoch(): number {
    return this.#held.epoch;
  }

  readonly fence: Fence = (trx) => this.#held.fence(trx);

  /** @throws DATABASE_UNREACHABLE */
  async renew(): Promise<void> {
    if (await this.#held.renew()) return;
    // Lost while this process was frozen, or forgotten by a database that went back. Never from a relay that has it.
    const { database, holder } = this.#p;
    this.#held = (await acquireLease(database, { ...relayTask, holder, ttlMs })) ?? this.#held;
  }

  release(): Promise<void> {
    return this.#held.release();
  }
}
