/** `kill -9` of the relay while its archive takes entries in; `tests/long` does the same more often. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killRelay } from '../crash/kill-relay.ts';
import { Shop } from './shop.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open(2);
});
afterAll(() => shop?.close());

test('S2: a relay killed during ingest, with its server and without, archives everything exactly once', async () => {
  const report = await killRelay(shop, 3, 3);
  console.log(`kill -9 of the relay: ${JSON.stringify(report)}`);
  expect(report.problems).toEqual([]);
  expect(report.documents).toBeGreaterThan(1_000);
  expect(report.interrupted).toBeGreaterThan(0);
}, 300_000);
