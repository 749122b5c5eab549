/**
 * Inventory periods (DESIGN §5): what one sealed segment did to the stock, small enough to keep for ever.
 * Pure. The figure from periods is the figure from journals; where only the segment itself can tell, it is asked for.
 */
import { assert } from '../domain/errors.ts';
import type { EntryHash, Hlc, JournalKey, Sku } from '../domain/ids.ts';
import { sumExact } from '../domain/money.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { contributionOf } from './contribution.ts';

/** A line of a stock count, with what makes its id. */
export type PeriodCount = {
  readonly sku: Sku;
  readonly batch?: string;
  readonly quantityMilli: number;
  readonly at: Hlc;
  readonly seq: number;
  readonly hash: EntryHash;
  /** Which line of its entry. */
  readonly line: number;
  readonly seen: Readonly<Record<JournalKey, number>>;
};

/** SKU, batch (`''`: of no batch), and what came onto the shelf in sum, which may be 0. */
export type PeriodMovement = readonly [sku: Sku, batch: string, quantityMilli: number];

/** One record of `inventory/<store>/<terminal>/<incarnation>`. Never rewritten. */
export type InventoryPeriod = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** Hash of the entry before the first; `-` for the first of all. */
  readonly prevHash: EntryHash | '-';
  readonly lastHash: EntryHash;
  /** The lowest and the highest clock among its entries. */
  readonly firstAt: Hlc;
  readonly lastAt: Hlc;
  /** All that the journal had seen of the others at the end: journal → seq. */
  readonly saw: Readonly<Record<JournalKey, number>>;
  readonly movements: readonly PeriodMovement[];
  readonly counts: readonly PeriodCount[];
};

/**
 * The period of a segment's entries, in order and without a gap. `previous` is the period before; undefined for the
 * first. Throws INVARIANT when the entries do not follow it.
 */
export function periodOf(
  entries: readonly VerifiedEntry[],
  previous: InventoryPeriod | undefined,
): InventoryPeriod {
  const first = entries[0];
  const last = entries.at(-1);
  assert(first && last, 'a period of no entries');
  assertFollows(entries, previous);
  const clocks = entries.map(({ entry }) => entry.at).sort();
  return {
    firstSeq: first.entry.seq,
    lastSeq: last.entry.seq,
    prevHash: first.entry.prev,
    lastHash: last.hash,
    firstAt: clocks[0] ?? first.entry.at,
    lastAt: clocks.at(-1) ?? last.entry.at,
    saw: sawAfter(previous?.saw ?? {}, entries),
    movements: movementsOfEntries(entries),
    counts: entries.flatMap(countsOfEntry),
  };
}

/** Two periods of one journal, the second right after the first and made with it as `previous`, as one. */
export function joinPeriods(a: InventoryPeriod, b: InventoryPeriod): InventoryPeriod {
  assert(b.firstSeq === a.lastSeq + 1 && b.prevHash === a.lastHash, 'periods that do not follow');
  return {
    firstSeq: a.firstSeq,
    lastSeq: b.lastSeq,
    prevHash: a.prevHash,
    lastHash: b.lastHash,
    firstAt: a.firstAt < b.firstAt ? a.firstAt : b.firstAt,
    lastAt: a.lastAt > b.lastAt ? a.lastAt : b.lastAt,
    saw: b.saw,
    movements: sumByShelf([...a.movements, ...b.movements]),
    counts: [...a.counts, ...b.counts],
  };
}

function assertFollows(
  entries: readonly VerifiedEntry[],
  previous: InventoryPeriod | undefined,
): void {
  let seq = previous?.lastSeq ?? 0;
  let hash: string = previous?.lastHash ?? '-';
  for (const { entry, hash: own } of entries) {
    assert(entry.seq === seq + 1 && entry.prev === hash, `entry ${entry.seq} does not follow`);
    seq = entry.seq;
    hash = own;
  }
}

function sawAfter(
  before: Readonly<Record<JournalKey, number>>,
  entries: readonly VerifiedEntry[],
): Record<JournalKey, number> {
  const saw: Record<JournalKey, number> = { ...before };
  for (const { entry } of entries)
    for (const [key, [seq]] of Object.entries(entry.saw)) {
      const other = key as JournalKey;
      saw[other] = Math.max(saw[other] ?? 0, seq);
    }
  return saw;
}

function movementsOfEntries(entries: readonly VerifiedEntry[]): PeriodMovement[] {
  return sumByShelf(
    entries.flatMap(({ entry }) => {
      const contribution = contributionOf(entry);
      return contribution.state === 'folded'
        ? contribution.movements.map(({ sku, batch = '', quantityMilli }): PeriodMovement => [
            sku,
            batch,
            quantityMilli,
          ])
        : [];
    }),
  );
}

/** Sums by SKU and batch, sorted by code unit: the same record from the same segment, everywhere. */
function sumByShelf(movements: readonly PeriodMovement[]): PeriodMovement[] {
  const byShelf = Map.groupBy(movements, ([sku, batch]) => `${sku}\u0000${batch}`);
  return [...byShelf.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, moved]): PeriodMovement[] => {
      const [one] = moved;
      return one ? [[one[0], one[1], sumExact(moved.map(([, , milli]) => milli))]] : [];
    });
}

/** The count lines of one entry; none for what is no count. */
export function countsOfEntry({ entry, hash }: VerifiedEntry): PeriodCount[] {
  const contribution = contributionOf(entry);
  if (contribution.state !== 'folded') return [];
  return contribution.counts.map(({ sku, batch, quantityMilli, at, seen }, line) => ({
    sku,
    ...(batch !== undefined && { batch }),
    quantityMilli,
    at: at as Hlc,
    seq: entry.seq,
    hash,
    line,
    seen,
  }));
}
