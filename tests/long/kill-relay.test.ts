/** The same as `tests/system/relay-crash.test.ts`, often enough to meet rare moments. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killRelay } from '../crash/kill-relay.ts';
import { Shop } from '../system/shop.ts';

const cycles = 40;

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open(2);
});
afterAll(() => shop?.close());

test(`S2: ${cycles} kills of a relay during ingest archive everything exactly once`, async () => {
  const report = await killRelay(shop, 11, cycles);
  console.log(`kill -9 of the relay: ${JSON.stringify(report)}`);
  expect(report.problems).toEqual([]);
  expect(report.interrupted).toBeGreaterThan(4);
});
