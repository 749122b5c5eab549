/** The same as `tests/crash/kill-register.test.ts`, often enough to meet rare moments. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { killRegister } from '../crash/kill-register.ts';
import { Shop } from '../system/shop.ts';

const cycles = 200;

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open(2);
});
afterAll(() => shop?.close());

test(`P1, P3: ${cycles} kills under load lose nothing acknowledged, double nothing and leave no hole`, async () => {
  const report = await killRegister({ shop, seed: 7, cycles });
  console.log(`kill -9 of a register: ${JSON.stringify(report)}`);
  expect(report.problems).toEqual([]);
  expect(report.kills).toBe(cycles);
  expect(report.acknowledged).toBeGreaterThan(600);
  expect(report.repeated).toBeGreaterThan(20);
  expect(report.unanswered).toBeGreaterThan(20);
});
