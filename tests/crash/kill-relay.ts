/**
 * Kills a relay while its archive takes entries in, with its database server and without it, and compares the archive with
 * a book that is kept outside.
 */
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  archivedDocuments,
  archivedStock,
  askArchive,
  connectToArchive,
} from '../system/archive-rows.ts';
import { Ledger } from '../system/ledger.ts';
import { plannedSale } from '../system/sales.ts';
import type { Shop } from '../system/shop.ts';
import type { TillProcess } from '../system/till-process.ts';
import { until } from '../system/until.ts';
import { SeededDraws } from './seeded-draws.ts';

export type KillRelayReport = {
  readonly problems: readonly string[];
  readonly kills: number;
  /** Kills that left something out of the archive that a till had acknowledged before. */
  readonly interrupted: number;
  readonly documents: number;
};

/** Enough for several batches of the archive. */
const backlog = 250;
const killWithinMs = 40;

export async function killRelay(shop: Shop, seed: number, cycles: number) {
  const draws = new SeededDraws(seed);
  const ledger = new Ledger();
  const problems: string[] = [];
  let sold = 0;
  let interrupted = 0;

  const sell = async (till: TillProcess, count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      sold++;
      const first = 1 + (sold % 9);
      const sale = plannedSale(`relay-sale-${sold}`, [
        [first, 1 + (sold % 3)],
        [first + 1, 1],
      ]);
      problems.push(...ledger.acknowledged(sale, await till.execute(sale.command)));
    }
  };
  const archived = async (): Promise<number> => {
    const [row] = await askArchive<{ n: string }>(
      shop.relayDirectory,
      'select count(*) as n from entries',
    );
    return Number(row?.n ?? 0);
  };

  /** The server that was left behind can still be asked what it has of the sales acknowledged before the kill. */
  const missed = async (acknowledged: number): Promise<void> => {
    const documents = (await archivedDocuments(shop.relayDirectory)).length;
    if (documents < acknowledged) interrupted++;
  };

  /** The ingest is held in the middle of its transaction by a lock that somebody else has, and killed there. */
  const killHeldIngest = async (): Promise<void> => {
    const holder = await connectToArchive(shop.relayDirectory);
    try {
      await holder.query('begin');
      await holder.query('lock table lines in access exclusive mode');
      const [till] = shop.tills;
      if (till) await sell(till, 3);
      await until('the ingest waits for the lock', async () => {
        // By another connection: within a transaction this view stands still.
        const waiting = await askArchive(
          shop.relayDirectory,
          `select 1 from pg_stat_activity where wait_event_type = 'Lock'`,
        );
        return waiting.length > 0 ? true : undefined;
      });
      await shop.killRelay();
    } finally {
      await holder.end();
    }
    await missed(ledger.acknowledgedCount);
    await shop.startRelay();
    await shop.agreed(ledger.acknowledgedCount);
  };

  await killHeldIngest();
  // Where the others meet an ingest is a matter of milliseconds.
  for (let cycle = 0; cycle < cycles; cycle++) {
    const before = await archived();
    const sellAll = () => Promise.all(shop.tills.map((till) => sell(till, backlog)));
    let selling: Promise<unknown> = Promise.resolve();
    // From a backlog, by a relay that has just come up; while the tills sell; and with its server.
    const way = cycle % 3;
    if (way > 0) {
      selling = sellAll();
      await until('the first rows', async () => ((await archived()) > before ? true : undefined));
      await delay(draws.below(killWithinMs));
      const acknowledged = ledger.acknowledgedCount;
      if (way === 2) await shop.killRelayAndDatabase();
      else {
        await shop.killRelay();
        await missed(acknowledged);
      }
    } else {
      await shop.stopRelay();
      await sellAll();
      const relay = shop.beginRelay();
      const more = async () => ((await archived().catch(() => before)) > before ? true : undefined);
      await until('the first rows', more);
      relay.kill('SIGKILL');
      await once(relay, 'exit');
      await missed(ledger.acknowledgedCount);
    }
    await selling;
    await shop.startRelay();
    await shop.agreed(ledger.acknowledgedCount);
  }

  const found = await archivedDocuments(shop.relayDirectory);
  problems.push(...ledger.problems(found));
  const stock = await archivedStock(shop.relayDirectory);
  for (const [sku, quantityMilli] of ledger.stock(found))
    if (stock.get(sku) !== quantityMilli)
      problems.push(`stock of ${sku}: ${stock.get(sku)} instead of ${quantityMilli}`);
  problems.push(...(await rawProblems(shop)));
  const report: KillRelayReport = {
    problems,
    kills: cycles + 1,
    interrupted,
    documents: found.length,
  };
  return report;
}

/** The raw entries are exactly those of the tills' journals; nothing is refused, parked or forked. */
async function rawProblems(shop: Shop): Promise<string[]> {
  const problems: string[] = [];
  const rows = await askArchive<{ journal: string; n: string; last: string; forked: boolean }>(
    shop.relayDirectory,
    `select e.store_id || '/' || e.terminal || '/' || e.incarnation as journal, count(*) as n,
       max(e.seq) as last, bool_or(j.forked) as forked
     from entries e join journals j using (store_id, terminal, incarnation) group by 1`,
  );
  const { tips } = await shop.till('T1').status();
  const journals = new Map(rows.map((row) => [row.journal, row]));
  for (const [journal, { seq }] of Object.entries(tips)) {
    const row = journals.get(journal);
    if (Number(row?.n) !== seq || Number(row?.last) !== seq || row?.forked !== false)
      problems.push(`${journal}: ${JSON.stringify(row)} instead of ${seq} entries`);
  }
  const postings = await askArchive(shop.relayDirectory, `select * from postings`);
  if (postings.length > 0) problems.push(`postings: ${JSON.stringify(postings.slice(0, 3))}`);
  return problems;
}
