import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineClock } from '../lib/host/machine-clock.ts';
import { Archive } from './archive.ts';
import type { Database } from './database.ts';
import { acquireLease, KeptLease } from './lease.ts';
import { SampleJournal } from './testing/sample-entries.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';
import { WantedState } from './wanted-state.ts';

let tests: TestDatabase;
beforeAll(async () => {
  tests = await startTestDatabase();
});
afterAll(() => tests.close());

const posting = { store: 'S01', task: 'posting', ttlMs: 3_600_000 };
/** As if the time to live had passed. */
const expire = (database: Database) =>
  sql`update leases set expires_at = clock_timestamp() - interval '1 second'`.execute(database.sql);

describe('lease', () => {
  it('is held by one of many that ask at once; the others wait until it expires or is released', async () => {
    const database = await tests.open();
    const asked = await Promise.all(
      ['a', 'b', 'c', 'd'].map((holder) => acquireLease(database, { ...posting, holder })),
    );
    const held = asked.filter((each) => each !== undefined);
    expect(held).toHaveLength(1);
    expect(held[0]?.epoch).toBe(1);
    expect(await acquireLease(database, { ...posting, holder: 'e' })).toBeUndefined();
    await held[0]?.release();
    expect((await acquireLease(database, { ...posting, holder: 'e' }))?.epoch).toBe(2);
    const other = await acquireLease(database, { ...posting, store: 'S02', holder: 'a' });
    expect(other?.epoch).toBe(1);
  });

  it('a relay that was frozen past its lease posts nothing more', async () => {
    const database = await tests.open();
    const first = await acquireLease(database, { ...posting, holder: 'frozen' });
    if (!first) throw new Error('a lease');
    const archive = new Archive(database, { clock: machineClock, fence: first.fence });
    const journal = new SampleJournal();
    expect(await archive.ingest(journal.sales(2))).toMatchObject({ archived: 2 });
    await expire(database);
    // Expired, but nobody took over: it may go on, and renew.
    expect(await archive.ingest(journal.sales(1))).toMatchObject({ archived: 1 });
    await expire(database);
    const second = await acquireLease(database, { ...posting, holder: 'awake' });
    expect(second?.epoch).toBe(2);
    await expect(archive.ingest(journal.sales(1))).rejects.toMatchObject({ code: 'LEASE_LOST' });
    expect(await first.renew()).toBe(false);
    expect(await second?.renew()).toBe(true);
    expect((await archive.tips()).get(journal.key)?.seq).toBe(3);
  });

  it('cannot be taken while a fenced transaction is under way', async () => {
    const database = await tests.open();
    const first = await acquireLease(database, { ...posting, holder: 'a' });
    await expire(database);
    const order: string[] = [];
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: waiting, resolve: finish } = Promise.withResolvers<void>();
    const writing = database.sql.transaction().execute(async (trx) => {
      await first?.fence(trx);
      begin();
      await waiting;
      order.push('written');
    });
    await begun;
    const taking = acquireLease(database, { ...posting, holder: 'b' }).then((lease) => {
      order.push(`taken ${lease?.epoch}`);
    });
    // The taker waits for a lock: seen in the server, not guessed from time.
    for (;;) {
      const { rows } = await sql<{ n: number }>`select count(*) as n from pg_stat_activity
        where wait_event_type = 'Lock' and query like '%insert into leases%'`.execute(database.sql);
      if ((rows[0]?.n ?? 0) > 0) break;
    }
    finish();
    await Promise.all([writing, taking]);
    expect(order).toEqual(['written', 'taken 2']);
  });

  it('a relay’s next process has its lease at once; another relay’s waits, and is refused while it is renewed', async () => {
    const database = await tests.open();
    let nowMs = 0;
    let renewal = (): Promise<void> => Promise.resolve();
    // Each pause is over at once; time passes, and the one who holds the lease renews it.
    const clock = {
      ...machineClock,
      monotonicMs: () => nowMs,
      setTimer: (run: () => void, delayMs: number) => {
        nowMs += delayMs;
        void renewal().then(run);
        return { cancel: () => undefined };
      },
    };
    let waits = 0;
    const parts = { database, clock, onWaiting: () => void waits++ };
    const killed = await KeptLease.take({ ...parts, holder: 'a' });
    const next = await KeptLease.take({ ...parts, holder: 'a' });
    expect([killed.epoch, next.epoch, waits]).toEqual([1, 2, 0]);
    const archive = new Archive(database, { clock: machineClock, fence: killed.fence });
    const journal = new SampleJournal();
    await expect(archive.ingest(journal.sales(1))).rejects.toMatchObject({ code: 'LEASE_LOST' });
    renewal = () => next.renew();
    await expect(KeptLease.take({ ...parts, holder: 'b' })).rejects.toMatchObject({
      code: 'DATABASE_IN_USE',
    });
    expect(waits).toBe(1);
    // One that nobody renews is waited for.
    renewal = () => expire(database).then(() => undefined);
    const other = await KeptLease.take({ ...parts, holder: 'b' });
    expect(other.epoch).toBe(3);
    // Lost to a living one: never taken back; of a database that forgot it: taken again.
    await next.renew();
    expect(next.epoch).toBe(2);
    await sql`delete from leases`.execute(database.sql);
    await other.renew();
    const again = new Archive(database, { clock: machineClock, fence: other.fence });
    expect(await again.ingest(new SampleJournal().sales(1))).toMatchObject({ archived: 1 });
  });

  it('a relay without the lease writes no wish and gives no release a number', async () => {
    const database = await tests.open();
    const held = await acquireLease(database, { ...posting, holder: 'a' });
    if (!held) throw new Error('a lease');
    const wanted = new WantedState(database, randomBytes, held);
    expect(await wanted.beginRelease(undefined, 'd1')).toBe(1);
    await expire(database);
    await acquireLease(database, { ...posting, holder: 'b' });
    const last = { n: 1, digest: 'd1' };
    await expect(wanted.beginRelease(last, 'd2')).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await expect(wanted.putCustomers([{ id: 'C1', name: 'Ada' }])).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
    expect(await wanted.customers()).toEqual([]);
  });
});
