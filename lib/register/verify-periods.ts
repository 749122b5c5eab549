/**
 * Compares inventory periods with the entries that they sum up, one by one, and the stock that follows from them
 * with the stock of the journals. Pure.
 */
import { canonicalText } from '../journal/canonical-json.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { JournalKey } from '../domain/ids.ts';
import { periodOf, type InventoryPeriod } from '../projections/inventory-period.ts';
import { hashOfStock } from '../projections/stock-hash.ts';
import { stockFromPeriods } from '../projections/stock-from-periods.ts';
import type { Report } from './verify-journal.ts';

export type PeriodsOfJournal = {
  readonly journal: JournalKey;
  /** Name of the list. */
  readonly where: string;
  readonly periods: readonly InventoryPeriod[];
  /** Proven entries in order. */
  readonly entries: readonly VerifiedEntry[];
};

/** Reports every period that its entries do not give, and gives those that they do. */
export function checkPeriods(list: PeriodsOfJournal, report: Report): InventoryPeriod[] {
  const { where, entries } = list;
  const periods = [...new Map(list.periods.map((one) => [plain(one), one])).values()].sort(
    (a, b) => a.firstSeq - b.firstSeq,
  );
  const sound: InventoryPeriod[] = [];
  let previous: InventoryPeriod | undefined;
  for (const period of periods) {
    const { firstSeq, lastSeq } = period;
    const own = branchOf(entries, period);
    const recomputed = own && recompute(own, previous);
    const range = `period ${firstSeq}–${lastSeq}`;
    if (!own) {
      const what = `${range}: its entries are not all here`;
      report({ kind: 'missing', where, seq: firstSeq, what });
    } else if (!recomputed || plain(recomputed) !== plain(period)) {
      const what = `${range} says something else than its entries`;
      report({ kind: 'differs', where, seq: firstSeq, what });
    } else sound.push(period);
    // What is false is nobody's beginning: the next one is judged by the last that is sound.
    if (sound.at(-1) === period) previous = period;
  }
  return sound;
}

/** The stock hash from sound periods and the entries after them; the segments that counts cut are read as well. */
export function stockHashFromPeriods(lists: readonly PeriodsOfJournal[]): string {
  const after = lists.flatMap(({ periods, entries }) => {
    const last = Math.max(0, ...periods.map(({ lastSeq }) => lastSeq));
    return entries.filter(({ entry }) => entry.seq > last);
  });
  for (;;) {
    const { stock, needs } = stockFromPeriods(lists, after);
    if (needs.length === 0) return hashOfStock(stock);
    for (const { journal, firstSeq, lastSeq } of needs) {
      const entries = lists.find((one) => one.journal === journal)?.entries ?? [];
      for (const read of entries)
        if (read.entry.seq >= firstSeq && read.entry.seq <= lastSeq) after.push(read);
    }
  }
}

/** The entries that the period names by its last hash, in order; undefined where one is not here. */
function branchOf(
  entries: readonly VerifiedEntry[],
  { firstSeq, lastSeq, lastHash }: InventoryPeriod,
): VerifiedEntry[] | undefined {
  const within = entries.filter(({ entry }) => entry.seq >= firstSeq && entry.seq <= lastSeq);
  const byHash = new Map<string, VerifiedEntry>(within.map((read) => [read.hash, read]));
  const branch: VerifiedEntry[] = [];
  for (let hash: string = lastHash, seq = lastSeq; seq >= firstSeq; seq--) {
    const read = byHash.get(hash);
    if (read?.entry.seq !== seq) return undefined;
    branch.unshift(read);
    hash = read.entry.prev;
  }
  return branch;
}

function recompute(
  entries: readonly VerifiedEntry[],
  previous: InventoryPeriod | undefined,
): InventoryPeriod | undefined {
  try {
    return periodOf(entries, previous);
  } catch {
    // It does not follow the period before: that is the answer.
    return undefined;
  }
}

/** The fields that this version knows, in one byte form. */
const plain = ({
  firstSeq,
  lastSeq,
  prevHash,
  lastHash,
  firstAt,
  lastAt,
  saw,
  movements,
  counts,
}: InventoryPeriod): string =>
  canonicalText({
    firstSeq,
    lastSeq,
    prevHash,
    lastHash,
    firstAt,
    lastAt,
    saw,
    movements,
    counts,
  });
