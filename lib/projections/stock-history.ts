/**
 * The stock card: what happened to one SKU, the newest first by the hybrid clock, each with the stock that the rule of
 * DESIGN §7 gives of it and everything before it. So the newest balance is the stock. Reads a page, not the SKU.
 */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { TillmeshError } from '../domain/errors.ts';
import { isEntryHash, isHlc, isJournalKey, type EntryHash, type Hlc } from '../domain/ids.ts';
import type { JournalKey } from '../domain/ids.ts';
import { placeOf, stockOf } from '../domain/stock.ts';
import { fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import { shelvesOf } from './shelves.ts';
import { Query } from './statement.ts';
import type { Counted, MovementRow, StockFacts } from './stock-facts.ts';
import { clampedToSafe } from './stock-rows.ts';

export type StockEvent = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
  readonly type: string;
  /** Number of the document; undefined for an entry that has none. */
  readonly number: string | undefined;
  readonly by: string;
  readonly wall: number;
  readonly zone: string;
  /** `''` for goods of no batch. */
  readonly batch: string;
  /** What moved; for a count what it changed. */
  readonly quantityMilli: number;
  readonly balanceMilli: number;
  /** A count: what was on the shelf. */
  readonly countedMilli: number | undefined;
  /** The count that stood then had this movement in it: the balance stays. */
  readonly inCount: boolean;
};

export type StockPage = { readonly events: readonly StockEvent[]; readonly next?: string };

/** Where an event stands: by clock, and by names that are the same on every replica where clocks are equal. */
type Position = {
  readonly at: Hlc;
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
  /** The line of a count or the batch of a movement. */
  readonly part: number | string;
};

type Shown = Pick<Position, 'hash'> & {
  readonly type: string;
  readonly number: string | null;
  readonly by: string;
  readonly wall: number;
  readonly zone: string;
};
type PageRow = MovementRow & Shown;
type CountRow = Shown & {
  readonly line: number;
  readonly journal: JournalKey;
  readonly seq: number;
};
type PlacedCount = { readonly position: Position; readonly count: Counted; readonly shown: Shown };

/** Each may ask for the stock before it, which takes the rows of the SKU: a page ends rather than wait for more. */
const countsPerPage = 16;

export class StockHistory {
  readonly #facts: StockFacts;
  readonly #page;
  readonly #below;
  readonly #sumBelow;
  readonly #counts;

  constructor(database: DatabaseSync, facts: StockFacts) {
    this.#facts = facts;
    const entry = `join entries on entries.id = movements.entry join journals on journals.id = entries.journal`;
    const moved = `key as journal, seq, movements.at as at, batch, quantity`;
    const shown = `hash, entries.type as type, number, operator as by, wall, zone`;
    const below = `(movements.at, key, seq, hash, batch) < (?2, ?3, ?4, ?5, ?6)`;
    this.#page = new Query<PageRow>(
      database,
      `select ${moved}, ${shown} from movements ${entry}
         left join documents on documents.entry = movements.entry
       where sku = ?1 and movements.at <= ?2 and ${below}
       order by movements.at desc, key desc, seq desc, hash desc, batch desc limit ?7`,
    );
    this.#below = new Query<MovementRow>(
      database,
      `select ${moved} from movements ${entry} where sku = ?1 and movements.at <= ?2 and ${below}`,
    );
    // In two halves, because the sum of absurd quantities would be an error.
    this.#sumBelow = new Query<{ millions: number; rest: number }>(
      database,
      `select coalesce(sum(quantity / 1000000), 0) as millions, coalesce(sum(quantity % 1000000), 0) as rest from (
         select quantity from movements where sku = ?1 and at < ?2
         union all
         select quantity from movements ${entry} where sku = ?1 and movements.at = ?2 and ${below})`,
    );
    this.#counts = new Query<CountRow>(
      database,
      `select line, key as journal, seq, ${shown} from counts
         join entries on entries.id = counts.entry join journals on journals.id = entries.journal
         left join documents on documents.entry = counts.entry
       where sku = ?`,
    );
  }

  /**
   * @param sku id of its row, with the figure of all its rows. A page may be shorter than `limit` and have a next one.
   * Throws INPUT_INVALID for a cursor that is none.
   */
  page(sku: { id: number; quantity: bigint }, after: string | undefined, limit: number): StockPage {
    const from = after === undefined ? top : readCursor(after);
    const counts = this.#countsBelow(sku.id, from);
    const rows = this.#page.all(sku.id, ...valuesOf(from), limit + 1);
    let balance = after === undefined ? sku.quantity : this.#stockBelow(sku.id, from, counts);
    const events: StockEvent[] = [];
    const standing = new Map<string, Counted | undefined>();
    const countsLeft = counts.length - countsPerPage;
    let last = from;
    while (events.length < limit && counts.length > countsLeft) {
      const [row, count] = [rows[0], counts[0]];
      if (count && (!row || compare(count.position, positionOf(row)) > 0)) {
        counts.shift();
        last = count.position;
        const { batch } = count.count;
        const stood = standingOf([count, ...counts], batch);
        standing.set(batch, standingOf(counts, batch));
        const isSame = standing.get(batch) === stood;
        const before = isSame ? balance : this.#stockBelow(sku.id, last, counts);
        events.push(eventOf(count.count, count.shown, balance, balance - before, count.count));
        balance = before;
      } else if (row) {
        rows.shift();
        last = positionOf(row);
        if (!standing.has(row.batch)) standing.set(row.batch, standingOf(counts, row.batch));
        const count = standing.get(row.batch);
        const inCount = count ? placeOf(this.#facts.moved(row), count).inside : false;
        events.push(eventOf(row, row, balance, BigInt(row.quantity), undefined, inCount));
        if (!inCount) balance -= BigInt(row.quantity);
      } else break;
    }
    const isMore = rows.length > 0 || counts.length > 0;
    return { events, ...(isMore && { next: cursorOf(last) }) };
  }

  /** The newest first. */
  #countsBelow(sku: number, from: Position): PlacedCount[] {
    const shownBy = new Map(
      this.#counts.all(sku).map((row) => [idOf(row, row.line), row] as const),
    );
    return this.#facts
      .counts(sku)
      .flatMap((count) => {
        const shown = shownBy.get(count.id);
        if (!shown) return [];
        const { at, journal, seq } = count;
        const position = { at, journal, seq, hash: shown.hash, part: shown.line };
        return compare(position, from) < 0 ? [{ position, count, shown }] : [];
      })
      .sort((a, b) => compare(b.position, a.position));
  }

  /** The stock of everything before a position, by the rule. */
  #stockBelow(sku: number, from: Position, counts: readonly PlacedCount[]): bigint {
    if (counts.length === 0) {
      const sum = this.#sumBelow.one(sku, ...valuesOf(from));
      return BigInt(sum?.millions ?? 0) * 1_000_000n + BigInt(sum?.rest ?? 0);
    }
    const movements = this.#below.all(sku, ...valuesOf(from)).map((row) => this.#facts.moved(row));
    return shelvesOf(
      counts.map(({ count }) => count),
      movements,
    ).reduce((sum, shelf) => sum + shelf.onHandMilli, 0n);
  }
}

/** The count that stands of a batch, among those given. */
function standingOf(counts: readonly PlacedCount[], batch: string): Counted | undefined {
  const ofBatch = counts.flatMap(({ count }) => (count.batch === batch ? [count] : []));
  return stockOf<Counted, never>({ counts: ofBatch, movements: [] }).standing;
}

function eventOf(
  { journal, seq, batch }: { journal: JournalKey; seq: number; batch: string },
  { hash, type, number, by, wall, zone }: Shown,
  balance: bigint,
  quantity: bigint,
  count: Counted | undefined,
  inCount = false,
): StockEvent {
  return {
    journal,
    seq,
    hash,
    type,
    number: number ?? undefined,
    by,
    wall,
    zone,
    batch,
    quantityMilli: clampedToSafe(quantity),
    balanceMilli: clampedToSafe(balance),
    countedMilli: count?.quantityMilli,
    inCount,
  };
}

const idOf = ({ journal, seq, hash }: Pick<Position, 'journal' | 'seq' | 'hash'>, line: number) =>
  `${journal}/${seq}/${hash}/${line}`;

const positionOf = ({ at, journal, seq, hash, batch }: PageRow): Position => ({
  at,
  journal,
  seq,
  hash,
  part: batch,
});

/** Above every position: no clock begins so. */
const top = { at: '~', journal: '', seq: 0, hash: '', part: '' } as unknown as Position;

/** As the queries order movements. A count and a movement never differ in their part alone: no entry has both. */
function compare(a: Position, b: Position): number {
  return (
    order(a.at, b.at) ||
    order(a.journal, b.journal) ||
    a.seq - b.seq ||
    order(a.hash, b.hash) ||
    (typeof a.part === 'number' && typeof b.part === 'number' ? a.part - b.part : 0)
  );
}

const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const valuesOf = ({ at, journal, seq, hash, part }: Position): SQLInputValue[] => [
  at,
  journal,
  seq,
  hash,
  typeof part === 'string' ? part : '',
];

// ---- The cursor: a position as text that means nothing to its reader

const cursorOf = ({ at, journal, seq, hash, part }: Position): string =>
  toBase64Url(new TextEncoder().encode(JSON.stringify([at, journal, seq, hash, part])));

/** A position with the longest batch that a document may have is far below. */
const cursorCharacters = 1_000;

function readCursor(text: string): Position {
  const bytes = text.length <= cursorCharacters ? fromBase64Url(text) : undefined;
  const [at, journal, seq, hash, part] = partsOf(bytes);
  const isOne =
    isHlc(at) &&
    isJournalKey(journal) &&
    Number.isSafeInteger(seq) &&
    isEntryHash(hash) &&
    (typeof part === 'string' || Number.isSafeInteger(part));
  if (!isOne) throw new TillmeshError('INPUT_INVALID', 'the cursor of a stock card');
  return { at, journal, seq: seq as number, hash, part: part as number | string };
}

function partsOf(bytes: Uint8Array | undefined): unknown[] {
  try {
    const parts: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(parts) ? parts : [];
  } catch {
    // Not ours, or cut on its way.
    return [];
  }
}
