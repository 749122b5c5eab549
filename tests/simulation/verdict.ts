/** Whether a set of runs proves anything, and what a failing one tells. */
import { expect } from 'vitest';
import { faultKinds } from './faults.ts';
import { report, type SeedResult } from './run-seed.ts';

/** Throws with the report of every failing seed: how to run it again, what it drew, its last steps. */
export function expectAllKept(results: readonly SeedResult[], seeds: number): void {
  const failed = results.filter(({ violations }) => violations.length > 0);
  if (failed.length > 0) throw new Error(failed.map((result) => report(result, 30)).join('\n\n'));
  expect(results).toHaveLength(seeds);
}

/** A run in which nothing happened has proved nothing. */
export function expectEventful(results: readonly SeedResult[]): void {
  const sum = (count: (result: SeedResult) => number | undefined): number =>
    results.reduce((total, result) => total + (count(result) ?? 0), 0);
  const perSeed = (count: (result: SeedResult) => number | undefined) =>
    sum(count) / results.length;
  const missing = faultKinds.filter((kind) => sum(({ faults }) => faults[kind]) === 0);
  expect(missing, 'faults that struck nowhere').toEqual([]);
  expect(
    perSeed(({ documents }) => documents.sale),
    'sales',
  ).toBeGreaterThan(10);
  for (const kind of [
    'return',
    'adjust',
    'ledger',
    'count',
    'close',
    'refused',
    'repeated',
    'unknown',
  ])
    expect(
      sum(({ documents }) => documents[kind]),
      kind,
    ).toBeGreaterThan(0);
  // Sold by carts, with all that befalls them.
  for (const [what, least] of [
    ['paid', 5],
    ['openAtCrash', 0.5],
    ['repeated', 0.3],
    ['parked', 1],
    ['recalled', 1],
  ] as const)
    expect(
      perSeed(({ carts }) => carts[what]),
      `carts: ${what}`,
    ).toBeGreaterThan(least);
  // What a till said of its copies was put to the proof.
  expect(
    sum(({ documents }) => documents.words),
    'words',
  ).toBeGreaterThan(results.length);
  expect(
    perSeed(({ restarts }) => restarts),
    'restarts',
  ).toBeGreaterThan(1);
  expect(
    sum(({ diskFaults }) => diskFaults),
    'disk faults',
  ).toBeGreaterThan(0);
  expect(
    sum(({ network }) => network.lost),
    'lost frames',
  ).toBeGreaterThan(0);
  expect(
    sum(({ network }) => network.duplicated),
    'repeated frames',
  ).toBeGreaterThan(0);
  // Merges: what was sold apart came together.
  expect(
    sum(({ events }) => events['unlinked']),
    'links that ended',
  ).toBeGreaterThan(results.length);
  expect(
    sum(({ events }) => events['incarnationBegun']),
    'lives',
  ).toBeGreaterThan(3 * results.length);
  expect(
    sum(({ plan }) => Number(plan.hqAway)),
    'runs without HQ',
  ).toBeGreaterThan(0);
}
