/** A whole shop under faults, from one seed each: see `run-seed.ts` for what a seed is, `checker.ts` for what must hold. */
import { expect, it } from 'vitest';
import { runSeed, type SeedResult } from './run-seed.ts';
import { runSeeds } from './run-seeds.ts';
import { expectAllKept, expectEventful } from './verdict.ts';

/** Of the first 24 those that have every fault between them at the least cost; tests/long runs a thousand in a row. */
const seeds = [1, 2, 3, 5, 9, 12, 15, 17, 18, 20, 21, 22];
let results: readonly SeedResult[] = [];

it(`P1, P3, P4, P5, P6, P9, P10: ${seeds.length} shops under faults keep every promise`, async () => {
  results = await runSeeds(seeds);
  expectAllKept(results, seeds.length);
}, 600_000);

it('everything that can go wrong did, and trade went on', () => expectEventful(results));

it('a seed gives the same run every time', async () => {
  const [first, second] = [await runSeed(21), await runSeed(21)];
  expect(second.trace).toBe(first.trace);
  expect(second.steps).toEqual(first.steps);
}, 120_000);
