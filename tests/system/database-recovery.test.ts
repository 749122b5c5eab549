/** What a shop survives of its relay's database, with real processes: wiped, restored from a backup, gone back under a living relay. */
import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { operator, plannedSale, products } from './sales.ts';
import { Shop } from './shop.ts';
import { until } from './until.ts';

let shop: Shop | undefined;
afterEach(async () => {
  await shop?.close();
  shop = undefined;
});

async function openShop(registers: number): Promise<Shop> {
  shop = await Shop.open(registers);
  return shop;
}

let made = 0;
async function sell(all: Shop, terminal: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const sale = plannedSale(`sale-${made++}-of-${terminal}`, [[1, 1]]);
    expect((await all.till(terminal).execute(sale.command)).outcome).toBe('done');
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
