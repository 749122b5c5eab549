/** As tests/simulation/simulation.test.ts, with as many seeds as `TILLMESH_SEEDS` says. */
import { expect, it } from 'vitest';
import { runSeeds } from '../simulation/run-seeds.ts';

const count = Number(process.env['TILLMESH_SEEDS'] ?? 1_000);

it(`P1, P3, P4, P6, P9, P10: ${count} shops under faults keep every promise`, async () => {
  const seeds = Array.from({ length: count }, (_, index) => index + 1);
  const results = await runSeeds(seeds);
  const failed = results.filter(({ violations }) => violations.length > 0);
  expect(failed.map(({ plan, violations }) => ({ seed: plan.seed, violations }))).toEqual([]);
  expect(results).toHaveLength(count);
}, 7_200_000);
