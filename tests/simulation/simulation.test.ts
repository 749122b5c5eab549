/** A whole shop under faults, from one seed each: see `run-seed.ts` for what a seed is, `checker.ts` for what must hold. */
import { expect, it } from 'vitest';
import { runSeeds } from './run-seeds.ts';

const seeds = Array.from({ length: 10 }, (_, index) => index + 1);

it(`P1, P3, P4, P6, P9, P10: ${seeds.length} shops under faults keep every promise`, async () => {
  const results = await runSeeds(seeds);
  const failed = results.filter(({ violations }) => violations.length > 0);
  expect(
    failed.map(({ plan, violations, steps }) => ({
      seed: plan.seed,
      violations,
      last: steps.slice(-20),
    })),
  ).toEqual([]);
  expect(results).toHaveLength(seeds.length);
  // A run in which nothing happened has proved nothing.
  const sum = (count: (result: (typeof results)[number]) => number) =>
    results.reduce((total, result) => total + count(result), 0);
  expect(sum(({ documents }) => documents['sale'] ?? 0)).toBeGreaterThan(seeds.length * 10);
  expect(sum(({ documents }) => documents['return'] ?? 0)).toBeGreaterThan(seeds.length);
  expect(sum(({ restarts }) => restarts)).toBeGreaterThan(seeds.length / 2);
  expect(sum(({ diskFaults }) => diskFaults)).toBeGreaterThan(0);
  const kinds = new Set(results.flatMap(({ faults }) => Object.keys(faults)));
  expect(kinds.size).toBeGreaterThan(8);
}, 400_000);
