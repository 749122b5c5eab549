/**
 * Stock from inventory periods plus the entries after them: the same figure as from all entries (P6).
 * A count may cut through a period; then only the segment itself can tell, and the answer names it.
 */
import type { EntryHash, JournalKey, Sku } from '../domain/ids.ts';
import type { CountLine, StockMovement } from '../domain/stock.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { contributionOf } from './contribution.ts';
import { countsOfEntry, type InventoryPeriod, type PeriodCount } from './inventory-period.ts';
import { shelvesOf } from './shelves.ts';
import { bySku, type StockFigure } from './stock-hash.ts';

/** The periods of one journal, from its first entry on. */
export type JournalPeriods = {
  readonly journal: JournalKey;
  readonly periods: readonly InventoryPeriod[];
};

/** Entries first to last are needed: a count cuts through them, or two periods claim the same seqs (a fork). */
export type NeededSegment = {
  readonly journal: JournalKey;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly cause: 'cut' | 'fork';
};

export type PeriodStock = {
  /** SKUs whose stock is certain, by code unit. */
  readonly stock: readonly StockFigure[];
  /** Call again with these entries too; empty when all stock is certain. */
  readonly needs: readonly NeededSegment[];
};

type Shelved = { readonly sku: Sku; readonly batch: string };
type Moved = StockMovement & Shelved;
type Counted = CountLine & Shelved;
/** A period's sum for one SKU and batch. */
type Sum = Shelved & { readonly piece: Piece; readonly quantityMilli: number };
type Piece = {
  readonly journal: JournalKey;
  readonly period: InventoryPeriod;
  readonly isForked: boolean;
};

/**
 * `entries`: those after the last period of each journal, and whole segments that were asked for: a period whose
 * entries are all here gives way to them.
 */
export function stockFromPeriods(
  journals: readonly JournalPeriods[],
  entries: readonly VerifiedEntry[],
): PeriodStock {
  const loose = Map.groupBy(unique(entries), (entry) => entry.journal);
  const keys = new Set([...journals.map(({ journal }) => journal), ...loose.keys()]);
  const pieces: Piece[] = [];
  const counted: VerifiedEntry[] = [];
  const histories = new Map<JournalKey, History>();
  for (const journal of keys) {
    const own = loose.get(journal) ?? [];
    const periods = uniquePeriods(journals.filter((one) => one.journal === journal));
    pieces.push(...piecesOf(journal, periods, own));
    counted.push(...own);
    histories.set(journal, new History(periods, own));
  }
  return stockOfPieces(pieces, counted, histories);
}

/** The periods that must be counted as such. One that something else here overlaps is a fork's, and decides nothing. */
function piecesOf(
  journal: JournalKey,
  periods: readonly InventoryPeriod[],
  entries: readonly VerifiedEntry[],
): Piece[] {
  const isForked = (period: InventoryPeriod): boolean =>
    periods.some((other) => other !== period && overlap(period, other)) ||
    entries.some(({ entry }) => entry.seq >= period.firstSeq && entry.seq <= period.lastSeq);
  return periods
    .filter((period) => !isWhole(period, entries))
    .map((period) => ({ journal, period, isForked: isForked(period) }));
}

function stockOfPieces(
  pieces: readonly Piece[],
  entries: readonly VerifiedEntry[],
  histories: ReadonlyMap<JournalKey, History>,
): PeriodStock {
  const counts = Map.groupBy(
    [
      ...pieces.flatMap(({ journal, period }) => period.counts.map((one) => countOf(journal, one))),
      ...entries.flatMap((read) => countsOfEntry(read).map((one) => countOf(read.journal, one))),
    ],
    (count) => count.sku,
  );
  const moved = Map.groupBy(
    entries.flatMap((read) => movedBy(read, histories)),
    (movement) => movement.sku,
  );
  const sums = Map.groupBy(pieces.flatMap(sumsOf), (sum) => sum.sku);
  const needs = new Set(pieces.filter((piece) => piece.isForked));
  const stock: StockFigure[] = [];
  for (const sku of new Set([...counts.keys(), ...moved.keys(), ...sums.keys()])) {
    const shelves = shelvesOf(counts.get(sku) ?? [], moved.get(sku) ?? []);
    const standing = new Map(shelves.map((shelf) => [shelf.batch, shelf.standing]));
    let quantity = shelves.reduce((sum, shelf) => sum + shelf.onHandMilli, 0n);
    let isCertain = true;
    for (const { piece, batch, quantityMilli } of sums.get(sku) ?? []) {
      const place = placeOfPeriod(piece, standing.get(batch), histories);
      if (place === 'outside') quantity += BigInt(quantityMilli);
      if (place !== 'cut') continue;
      isCertain = false;
      needs.add(piece);
    }
    if (isCertain) stock.push({ sku, quantityMilli: Number(quantity) });
  }
  // A fork may hide anything about any SKU; a cut only about its own.
  const isForked = pieces.some((piece) => piece.isForked);
  return { stock: isForked ? [] : stock.sort(bySku), needs: [...needs].map(neededOf) };
}

const neededOf = ({ journal, period, isForked }: Piece): NeededSegment => ({
  journal,
  firstSeq: period.firstSeq,
  lastSeq: period.lastSeq,
  cause: isForked ? 'fork' : 'cut',
});

/** The domain's rule for a movement, for a whole period at once: `cut` where its movements could differ. */
function placeOfPeriod(
  { journal, period }: Piece,
  count: Counted | undefined,
  histories: ReadonlyMap<JournalKey, History>,
): 'inside' | 'outside' | 'cut' {
  if (!count) return 'outside';
  const seen = count.seen[journal] ?? 0;
  if (period.lastSeq <= seen) return 'inside';
  if (period.firstSeq <= seen) return 'cut';
  if (journal === count.journal) return 'outside';
  const history = histories.get(journal);
  // The first entry's own `saw` belongs to the period, so what matters is what was seen before it.
  if (history?.hadSeen(count, period.firstSeq - 1)) return 'outside';
  // Later than the count by every clock: outside, whether it had seen the count or not.
  if (period.firstAt > count.at) return 'outside';
  const sawIt = (period.saw[count.journal] ?? 0) >= count.seq;
  return !sawIt && period.lastAt <= count.at ? 'inside' : 'cut';
}

/** What one journal had seen, and when: from its periods' ends and the entries that are here. */
class History {
  readonly #periods: readonly InventoryPeriod[];
  readonly #entries: readonly VerifiedEntry[];

  constructor(periods: readonly InventoryPeriod[], entries: readonly VerifiedEntry[]) {
    this.#periods = periods;
    this.#entries = entries;
  }

  /** Whether the count's entry was in the past of the journal's entry `seq`. */
  hadSeen(count: CountLine, seq: number): boolean {
    const other = count.journal;
    return (
      this.#periods.some((one) => one.lastSeq <= seq && (one.saw[other] ?? 0) >= count.seq) ||
      this.#entries.some(
        ({ entry }) => entry.seq <= seq && (entry.saw[other]?.[0] ?? 0) >= count.seq,
      )
    );
  }
}

function movedBy(read: VerifiedEntry, histories: ReadonlyMap<JournalKey, History>): Moved[] {
  const contribution = contributionOf(read.entry);
  if (contribution.state !== 'folded') return [];
  const { journal, entry } = read;
  return contribution.movements.map(({ sku, batch = '', quantityMilli }) => ({
    sku,
    batch,
    quantityMilli,
    journal,
    seq: entry.seq,
    at: entry.at,
    sawCount: (count) => histories.get(journal)?.hadSeen(count, entry.seq) ?? false,
  }));
}

const sumsOf = (piece: Piece): Sum[] =>
  piece.period.movements.map(([sku, batch, quantityMilli]) => ({
    sku,
    batch,
    quantityMilli,
    piece,
  }));

const countOf = (
  journal: JournalKey,
  { hash, line, batch = '', ...count }: PeriodCount,
): Counted => ({
  ...count,
  batch,
  journal,
  id: `${journal}/${count.seq}/${hash}/${line}`,
});

const overlap = (a: InventoryPeriod, b: InventoryPeriod): boolean =>
  a.firstSeq <= b.lastSeq && b.firstSeq <= a.lastSeq;

/** Whether the very entries that the period sums are here: its last one, and by `prev` all before it. */
function isWhole(period: InventoryPeriod, entries: readonly VerifiedEntry[]): boolean {
  const byHash = new Map<EntryHash | '-', VerifiedEntry>(entries.map((one) => [one.hash, one]));
  let hash: EntryHash | '-' = period.lastHash;
  for (let seq = period.lastSeq; seq >= period.firstSeq; seq--) {
    const here = byHash.get(hash);
    if (!here) return false;
    hash = here.entry.prev;
  }
  return true;
}

const unique = (entries: readonly VerifiedEntry[]): VerifiedEntry[] => [
  ...new Map(entries.map((one) => [`${one.journal}/${one.hash}`, one])).values(),
];

const uniquePeriods = (journals: readonly JournalPeriods[]): InventoryPeriod[] => [
  ...new Map(journals.flatMap(({ periods }) => periods).map((one) => [one.lastHash, one])).values(),
];
