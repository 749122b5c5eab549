/** What a shop survives of its relay's database, with real processes: wiped, restored from a backup, gone back under a living relay. */
import { execFileSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { operator, plannedSale, products } from './sales.ts';
import { openShop } from './one-shop.ts';
import type { Shop } from './shop.ts';
import { until } from './until.ts';

let made = 0;
async function sell(all: Shop, terminal: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const sale = plannedSale(`sale-${made++}-of-${terminal}`, [[1, 1]]);
    expect((await all.till(terminal).execute(sale.command)).outcome).toBe('done');
  }
}

/** A zombie of the stopped relay counts as ended. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    // No such process.
    return false;
  }
}

const cluster = (all: Shop): string => join(all.relayDirectory, 'postgres');
const backupOf = (all: Shop): string => `${cluster(all)}-backup`;

/** While the database is off. With its owner: the server runs as a user of its own where the test runs as root. */
function backUp(all: Shop): void {
  execFileSync('cp', ['-a', cluster(all), backupOf(all)]);
}

function restore(all: Shop): void {
  rmSync(cluster(all), { recursive: true });
  renameSync(backupOf(all), cluster(all));
}

const page = z.object({ products: z.array(z.object({ unitPriceE4: z.number() })) });
const answer = z.object({ changed: z.number(), release: z.number().optional() });

test('P7: a relay whose database was wiped goes on with the release in force, and the tills go on selling', async () => {
  const all = await openShop(1);
  await sell(all, 'T1', 1);
  await all.stopRelay();
  rmSync(cluster(all), { recursive: true });
  await all.startRelay();
  await all.agreed(1);
  await sell(all, 'T1', 1);
  // The next wish is one more, not the only one.
  const eve = { id: 'eve', name: 'Eve', pin: '112233', roles: ['cashier'] };
  const path = '/api/operators/S01';
  const { release } = await all.relayApi.put(path, { operators: [operator, eve] }, answer);
  expect(release).toBeGreaterThan(4);
  await until('the next release', async () => {
    const sale = plannedSale(`sale-${made++}-by-eve`, [[10, 1]]);
    const { status } = await all.till('T1').send({ ...sale.command, by: 'eve' });
    return status === 200 ? true : undefined;
  });
  await all.agreed(3);
});

test('P7: a relay whose database was restored from a backup brings no old price and no old operator back', async () => {
  const all = await openShop(1);
  await all.stopRelay();
  backUp(all);
  await all.startRelay();
  const [first] = products;
  const dear = { ...first, prices: [{ unitPriceE4: 77_700 }] };
  await all.relayApi.put('/api/catalog', { products: [dear] }, answer);
  const price = async (sku: string) => {
    const found = await all.till('T1').api.get(`/api/products?q=${sku}&limit=1`, page);
    return found.products[0]?.unitPriceE4;
  };
  await until('the price', async () => ((await price('P1')) === 77_700 ? true : undefined));
  await all.stopRelay();
  restore(all);
  await all.startRelay();
  // Another product's wish publishes everything that is wanted.
  const [, second] = products;
  const cheap = { ...second, prices: [{ unitPriceE4: 100 }] };
  const { changed } = await all.relayApi.put('/api/catalog', { products: [cheap] }, answer);
  expect(changed).toBe(1);
  await until('the next release', async () => ((await price('P2')) === 100 ? true : undefined));
  expect(await price('P1')).toBe(77_700);
});

/** The relay holds its breath while its server ends and something is done to its files. */
async function withoutServer(all: Shop, change: () => void): Promise<void> {
  const database = all.databasePid();
  if (database === undefined) throw new Error('a server');
  process.kill(all.relay.pid, 'SIGSTOP');
  process.kill(database, 'SIGKILL');
  await until('the end of the server', async () => (isAlive(database) ? undefined : true));
  change();
  rmSync(join(cluster(all), 'postmaster.pid'), { force: true });
  process.kill(all.relay.pid, 'SIGCONT');
}

/** What T1 says of its own journal, and the relay of its archive. */
async function archivedWords(all: Shop) {
  const { copies, archived } = await all.till('T1').status();
  const { archived: word } = await all.relayStatus();
  // Nobody answers while the server is away.
  const documents = await all.archiveSummary().then(
    (summary) => summary.documents,
    () => undefined,
  );
  return { till: copies?.own, generation: archived?.generation, word: word?.generation, documents };
}

test('P10, A4: a relay whose archive was restored says what that one holds, under a new generation, until all is there again', async () => {
  const all = await openShop(2);
  for (const terminal of ['T1', 'T2']) await sell(all, terminal, 3);
  await all.agreed(6);
  await all.stopRelay();
  backUp(all);
  await all.startRelay();
  for (const terminal of ['T1', 'T2']) await sell(all, terminal, 4);
  await all.agreed(14);
  await all.stopRelay();
  restore(all);
  await all.startRelay();
  await all.agreed(14);
  await until('archived again', async () => {
    const { till, generation, word, documents } = await archivedWords(all);
    const isAgain = till?.archived === till?.seq && generation === 2 && word === 2;
    return isAgain && documents === 14 ? true : undefined;
  });
});

test('P10, A4: an archive that goes back under a living relay is noticed though nothing is sold, and takes everything in again', async () => {
  const all = await openShop(1);
  await sell(all, 'T1', 3);
  await all.agreed(3);
  await all.stopRelay();
  backUp(all);
  await all.startRelay();
  await sell(all, 'T1', 4);
  await all.agreed(7);
  await withoutServer(all, () => restore(all));
  await until('archived again', async () => {
    const { till, generation, word, documents } = await archivedWords(all);
    const isAgain = till?.archived === till?.seq && generation === 2 && word === 2;
    return isAgain && documents === 7 ? true : undefined;
  });
  // The relay goes on as before.
  await sell(all, 'T1', 2);
  await all.agreed(9);
});

const archivingSchema = z.object({
  archiving: z.object({
    state: z.string(),
    databaseReachable: z.boolean(),
    waiting: z.number(),
    waitingSinceMs: z.number().optional(),
    fault: z.object({ sinceMs: z.number(), reason: z.string() }).optional(),
  }),
});

test('P10: a relay whose database is away says so, and how many entries wait since when', async () => {
  const all = await openShop(1);
  await sell(all, 'T1', 1);
  await all.agreed(1);
  const archiving = async () => (await all.relayApi.get('/api/status', archivingSchema)).archiving;
  expect(await archiving()).toEqual({ state: 'archiving', databaseReachable: true, waiting: 0 });
  const beganMs = Date.now();
  await withoutServer(all, () => renameSync(cluster(all), backupOf(all)));
  await sell(all, 'T1', 3);
  const away = await until('the word of it', async () => {
    const word = await archiving();
    return word.waiting === 3 && !word.databaseReachable ? word : undefined;
  });
  expect(away.state).toBe('unreachable');
  expect(away.fault?.reason).toMatch(/database/);
  expect(away.waitingSinceMs).toBeGreaterThanOrEqual(beganMs);
  renameSync(backupOf(all), cluster(all));
  await until('all of it archived', async () => {
    const { state, waiting, waitingSinceMs } = await archiving();
    return state === 'archiving' && waiting === 0 && waitingSinceMs === undefined
      ? true
      : undefined;
  });
  await all.agreed(4);
});
