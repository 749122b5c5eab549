import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StoreId } from '../domain/ids.ts';
import { formatHlc } from '../journal/hybrid-clock.ts';
import { Projections } from './projections.ts';
import { SampleJournal } from './sample-entries.ts';

let projections: Projections;
beforeEach(() => {
  projections = Projections.open({ file: ':memory:', store: 'S01' as StoreId, own: undefined });
});
afterEach(() => projections.close());

const quarterMs = 15 * 60_000;
const noonMs = Date.UTC(2026, 10, 20, 12);

it('P9: sums what was sold by quarters of an hour, from the moment on and not before it', () => {
  const till = new SampleJournal('T1');
  const at = (ms: number) => ({ atMs: noonMs + ms });
  till.sell([{ code: 'A', milli: 1_000 }], at(-1));
  till.sell([{ code: 'A', milli: 1_000 }], at(0));
  till.sell([{ code: 'A', milli: 2_000 }], at(quarterMs - 1));
  till.adjust([{ code: 'A', milli: -1_000 }], at(quarterMs));
  till.sell([{ code: 'A', milli: 3_000 }], at(quarterMs + 1));
  projections.fold(till.entries);
  const rows = projections.salesSince(formatHlc(noonMs, 0));
  const totals = till.entries.map(({ entry }) => Number(entry.body['totalMinor'] ?? 0));
  expect(
    rows.map(({ quarter, type, documents, totalMinor }) => [quarter, type, documents, totalMinor]),
  ).toEqual([
    [noonMs / quarterMs, 'SaleCompleted', 2, (totals[1] ?? 0) + (totals[2] ?? 0)],
    [noonMs / quarterMs + 1, 'SaleCompleted', 1, totals[4]],
  ]);
  expect(new Set(rows.map(({ zone }) => zone)).size).toBe(1);
  expect(projections.salesSince(formatHlc(noonMs + quarterMs + 2, 0))).toEqual([]);
});

it('P4: is the same whatever the order of arrival, and counts both sides of a fork', () => {
  const till = new SampleJournal('T1', 'A', noonMs);
  till.sell([{ code: 'A', milli: 1_000 }]);
  const other = till.fork();
  till.sell([{ code: 'A', milli: 2_000 }]);
  other.sell([{ code: 'A', milli: 3_000 }]);
  const all = [...till.entries, ...other.entries.slice(1)];
  projections.fold(all);
  const rows = projections.salesSince(formatHlc(noonMs, 0));
  expect(rows.reduce((sum, { documents }) => sum + documents, 0)).toBe(3);
  const again = Projections.open({ file: ':memory:', store: 'S01' as StoreId, own: undefined });
  for (const entry of all.toReversed()) again.fold([entry]);
  expect(again.salesSince(formatHlc(noonMs, 0))).toEqual(rows);
  again.close();
});
