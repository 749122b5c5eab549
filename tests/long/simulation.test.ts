/** As tests/simulation/simulation.test.ts, with as many seeds as `TILLMESH_SEEDS` says, from `TILLMESH_FIRST_SEED` on. */
import { it } from 'vitest';
import { runSeeds } from '../simulation/run-seeds.ts';
import { expectAllKept, expectEventful } from '../simulation/verdict.ts';

const count = Number(process.env['TILLMESH_SEEDS'] ?? 1_000);
const first = Number(process.env['TILLMESH_FIRST_SEED'] ?? 1);

it(`P1, P3, P4, P5, P6, P9, P10: ${count} shops under faults keep every promise`, async () => {
  const results = await runSeeds(Array.from({ length: count }, (_, index) => first + index));
  expectAllKept(results, count);
  if (count >= 40) expectEventful(results);
}, 14_400_000);
