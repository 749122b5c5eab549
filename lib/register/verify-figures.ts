/**
 * Numbers, totals and stock of a store, recomputed from its entries by the domain's own rules alone:
 * nothing here shares a line with the folds that it checks. Pure.
 */
import { documentOf } from '../domain/document-summary.ts';
import { readBody } from '../domain/bodies-schema.ts';
import type { Hlc, JournalKey, SeriesLetter, Sku } from '../domain/ids.ts';
import { parseJournalKey } from '../domain/ids.ts';
import { sumExact } from '../domain/money.ts';
import { movementsOf } from '../domain/movements.ts';
import { parseNumber } from '../domain/series.ts';
import { stockOf, type CountLine, type StockMovement } from '../domain/stock.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { StockFigure } from '../projections/stock-hash.ts';
import { totalsOf, type Totals } from '../projections/totals.ts';
import type { TypeTotal } from '../projections/document-rows.ts';
import type { SeriesReport } from './verify-report.ts';

export type NumberedDocument = {
  readonly number: string;
  readonly read: VerifiedEntry;
};

/** Entries that are documents, with their numbers. */
export function documentsOf(entries: readonly VerifiedEntry[]): NumberedDocument[] {
  return entries.flatMap((read) => {
    const document = documentOf(read.entry.type, read.entry.body);
    return document ? [{ number: document.number, read }] : [];
  });
}

/** The series of one journal. A hole is a number between 1 and the last that no document carries. */
export function seriesOfJournal(
  journal: JournalKey,
  documents: readonly NumberedDocument[],
): SeriesReport[] {
  const numbers = documents.flatMap(({ number }) => parseNumber(number) ?? []);
  const bySeries = Map.groupBy(
    numbers,
    ({ store, terminal, letter, code }) => `${store}-${terminal}${letter}-${code}`,
  );
  return [...bySeries].map(([series, members]) => {
    const times = new Map<number, number>();
    for (const { n } of members) times.set(n, (times.get(n) ?? 0) + 1);
    const used = [...times.keys()].sort((a, b) => a - b);
    const last = used.at(-1) ?? 0;
    return {
      journal,
      series,
      first: used[0] ?? 0,
      last,
      documents: members.length,
      holes: holesIn(times, last),
      doubles: [...times].flatMap(([n, count]) => (count > 1 ? [n] : [])),
    };
  });
}

/** At most this many are named: a forged number of 10¹⁴ must not fill the memory. */
const holesMost = 1_000;

function holesIn(times: ReadonlyMap<number, number>, last: number): number[] {
  const holes: number[] = [];
  for (let n = 1; n <= last && holes.length < holesMost; n++) if (!times.has(n)) holes.push(n);
  return holes;
}

/** Numbers that are not of the journal's own store, terminal and letter. */
export function foreignNumbers(
  journal: JournalKey,
  letter: SeriesLetter | undefined,
  documents: readonly NumberedDocument[],
): NumberedDocument[] {
  const { store, terminal } = parseJournalKey(journal);
  return documents.filter(({ number }) => {
    const parsed = parseNumber(number);
    return !(
      parsed?.store === store &&
      parsed.terminal === terminal &&
      (letter === undefined || parsed.letter === letter)
    );
  });
}

export function totalsOfEntries(entries: readonly VerifiedEntry[]): Totals {
  const documents = entries.flatMap(({ entry }) => documentOf(entry.type, entry.body) ?? []);
  const groups = Map.groupBy(documents, ({ type, currency = '' }) => `${type} ${currency}`);
  const sums = [...groups.values()].flatMap((group): TypeTotal[] => {
    const [first] = group;
    if (!first) return [];
    return [
      {
        type: first.type,
        currency: first.currency ?? '',
        documents: group.length,
        lines: sumExact(group.map(({ lines }) => lines)),
        totalMinor: sumExact(group.map(({ totalMinor }) => totalMinor)),
      },
    ];
  });
  return totalsOf(sums);
}

type Shelved = { readonly sku: Sku; readonly batch: string };

/** Stock of every SKU that moved or was counted, by the reference rule of `lib/domain/stock.ts`, batch by batch. */
export function stockOfEntries(entries: readonly VerifiedEntry[]): StockFigure[] {
  const history = new History(entries);
  const movements = Map.groupBy(
    entries.flatMap((read) => movementsIn(read, history)),
    shelfOf,
  );
  const counts = Map.groupBy(entries.flatMap(countsIn), shelfOf);
  const bySku = new Map<Sku, number>();
  for (const shelf of new Set([...movements.keys(), ...counts.keys()])) {
    const sku = shelf.slice(0, shelf.indexOf('\u0000')) as Sku;
    const { onHandMilli } = stockOf({
      counts: counts.get(shelf) ?? [],
      movements: movements.get(shelf) ?? [],
    });
    bySku.set(sku, (bySku.get(sku) ?? 0) + onHandMilli);
  }
  return [...bySku].map(([sku, quantityMilli]) => ({ sku, quantityMilli }));
}

const shelfOf = ({ sku, batch }: Shelved): string => `${sku}\u0000${batch}`;

function movementsIn(
  { journal, entry }: VerifiedEntry,
  history: History,
): (StockMovement & Shelved)[] {
  return movementsOf(entry.type, entry.body).map(({ sku, batch = '', quantityMilli }) => ({
    sku,
    batch,
    quantityMilli,
    journal,
    seq: entry.seq,
    at: entry.at,
    sawCount: (count) => history.hadSeen(journal, entry.seq, count),
  }));
}

function countsIn({ journal, entry, hash }: VerifiedEntry): (CountLine & Shelved)[] {
  const read = readBody(entry.type, entry.body);
  if (read.ok !== true || read.type !== 'StockCounted') return [];
  return read.body.lines.map(({ sku, batch = '', quantityMilli, at, seen }, line) => ({
    id: `${journal}/${entry.seq}/${hash}/${line}`,
    sku,
    batch,
    quantityMilli,
    at: at as Hlc,
    journal,
    seq: entry.seq,
    seen,
  }));
}

/** What each journal had seen of each other, from which of its own entries on. */
class History {
  /** Journal → other journal → [own seq, highest seq seen by then], both rising. */
  readonly #seen = new Map<JournalKey, Map<JournalKey, [own: number, other: number][]>>();

  constructor(entries: readonly VerifiedEntry[]) {
    for (const { journal, entry } of [...entries].sort((a, b) => a.entry.seq - b.entry.seq))
      for (const [key, [seq]] of Object.entries(entry.saw)) {
        const ofJournal = this.#seen.get(journal) ?? new Map<JournalKey, [number, number][]>();
        this.#seen.set(journal, ofJournal);
        const steps = ofJournal.get(key as JournalKey) ?? [];
        ofJournal.set(key as JournalKey, steps);
        if (seq > (steps.at(-1)?.[1] ?? 0)) steps.push([entry.seq, seq]);
      }
  }

  hadSeen(journal: JournalKey, seq: number, count: CountLine): boolean {
    const steps = this.#seen.get(journal)?.get(count.journal) ?? [];
    // The first step at which the count's entry was seen, by halving: a year has 100,000 of them.
    let low = 0;
    let high = steps.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((steps[middle]?.[1] ?? 0) >= count.seq) high = middle;
      else low = middle + 1;
    }
    return (steps[low]?.[0] ?? Number.POSITIVE_INFINITY) <= seq;
  }
}
