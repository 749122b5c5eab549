/**
 * Stock: movements and counts as rows, and one figure per SKU that follows them (DESIGN §7).
 * A movement of a SKU is added as it comes; a count, or causality learned late, folds the SKU again from its rows.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Sku } from '../domain/ids.ts';
import type { Movement } from '../domain/movements.ts';
import { placeOf } from '../domain/stock.ts';
import { canonicalText } from '../journal/canonical-json.ts';
import type { Entry } from '../journal/envelope.ts';
import type { CountLine } from './contribution.ts';
import type { FlagRows } from './flag-rows.ts';
import type { JournalRow } from './journal-rows.ts';
import { shelvesOf, type Shelf } from './shelves.ts';
import { Query } from './statement.ts';
import type { Counted, Moved, StockFacts } from './stock-facts.ts';
import { bySku, type StockFigure } from './stock-hash.ts';

type Row = {
  readonly id: number;
  readonly sku: Sku;
  /** BigInt, so that no sum of absurd quantities, in whatever order, is ever less than exact. */
  quantity: bigint;
  counted: boolean;
};

/** A SKU's part in the fold that is going on. */
type Touched = {
  readonly row: Row;
  readonly before: bigint;
  /** New movements, while adding them is enough. */
  readonly moved: Moved[];
  fromRows: boolean;
};

export class StockRows {
  readonly #facts: StockFacts;
  readonly #flags: FlagRows;
  readonly #rows = new Map<Sku, Row>();
  /** The standing counts of counted SKUs, by batch. */
  readonly #standing = new Map<Sku, ReadonlyMap<string, Counted>>();
  readonly #touched = new Map<Sku, Touched>();
  /** Journals of which an earlier entry came after a later one, and from which seq on that may matter. */
  readonly #late = new Map<JournalRow, number>();
  readonly #find;
  readonly #all;
  readonly #batchesOf;
  readonly #skusIn;
  readonly #countedSince;
  readonly #anyCount;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #insertMovement: StatementSync;
  readonly #insertCount: StatementSync;
  readonly #dropMovements: StatementSync;
  readonly #dropCounts: StatementSync;

  constructor(database: DatabaseSync, facts: StockFacts, flags: FlagRows) {
    this.#facts = facts;
    this.#flags = flags;
    // As text: beyond 2^53 a number would make node:sqlite throw.
    const figures = `select id, sku, cast(quantity as text) as quantity, counted from stock`;
    type Figure = { id: number; sku: Sku; quantity: string; counted: number };
    this.#find = new Query<Figure>(database, `${figures} where sku = ?`);
    this.#all = new Query<Figure>(database, figures);
    this.#batchesOf = new Query<{ batch: string }>(
      database,
      `select batch from movements where sku = ?1 union select batch from counts where sku = ?1`,
    );
    this.#skusIn = new Query<{ sku: Sku }>(
      database,
      `select distinct stock.sku from stock join
         (select sku, entry from movements union all select sku, entry from counts) as rows
         on rows.sku = stock.id
       where entry in (select id from entries where journal = ?)`,
    );
    this.#countedSince = new Query<{ sku: Sku }>(
      database,
      `select distinct stock.sku from stock join movements on movements.sku = stock.id
         join entries on entries.id = entry
       where counted = 1 and journal = ? and seq >= ?`,
    );
    this.#anyCount = new Query<object>(database, `select 1 from counts limit 1`);
    this.#insert = database.prepare(`insert into stock (sku, quantity, counted) values (?, 0, 0)`);
    this.#update = database.prepare(`update stock set quantity = ?, counted = ? where id = ?`);
    this.#delete = database.prepare(`delete from stock where id = ?`);
    this.#insertMovement = database.prepare(
      `insert into movements (sku, at, entry, batch, quantity) values (?, ?, ?, ?, ?)
       on conflict do update set quantity = quantity + excluded.quantity`,
    );
    this.#insertCount = database.prepare(
      `insert into counts (sku, entry, line, batch, quantity, at, seen) values (?, ?, ?, ?, ?, ?, ?)`,
    );
    const ofJournal = `where entry in (select id from entries where journal = ?)`;
    this.#dropMovements = database.prepare(`delete from movements ${ofJournal}`);
    this.#dropCounts = database.prepare(`delete from counts ${ofJournal}`);
  }

  reload(): void {
    this.#rows.clear();
    this.#standing.clear();
    this.#touched.clear();
    this.#late.clear();
  }

  // ---- Rows in

  move(journal: JournalRow, entryRow: number, { seq, at }: Entry, movements: readonly Movement[]) {
    for (const { sku, batch = '', quantityMilli } of movements) {
      const touched = this.#touch(sku);
      this.#insertMovement.run(touched.row.id, at, entryRow, batch, quantityMilli);
      touched.moved.push(
        this.#facts.moved({ journal: journal.key, seq, at, batch, quantity: quantityMilli }),
      );
    }
  }

  count(entryRow: number, lines: readonly CountLine[]): void {
    lines.forEach(({ sku, batch = '', quantityMilli, at, seen }, line) => {
      const touched = this.#touch(sku);
      touched.fromRows = true;
      this.#insertCount.run(
        touched.row.id,
        entryRow,
        line,
        batch,
        quantityMilli,
        at,
        canonicalText(seen),
      );
    });
  }

  /** An entry came after later ones of its journal: these may have seen more than was known. */
  learnedLate(journal: JournalRow, { seq, saw }: Entry): void {
    if (Object.keys(saw).length === 0) return;
    this.#late.set(journal, Math.min(seq, this.#late.get(journal) ?? seq));
  }

  /** Before the journal's entries are deleted. */
  drop(journal: JournalRow): void {
    for (const { sku } of this.#skusIn.all(journal.id)) this.#touch(sku).fromRows = true;
    this.#dropMovements.run(journal.id);
    this.#dropCounts.run(journal.id);
  }

  #touch(sku: Sku): Touched {
    let touched = this.#touched.get(sku);
    if (!touched) {
      const row = this.#row(sku) ?? this.#newRow(sku);
      touched = { row, before: row.quantity, moved: [], fromRows: false };
      this.#touched.set(sku, touched);
    }
    return touched;
  }

  #row(sku: Sku): Row | undefined {
    const known = this.#rows.get(sku);
    if (known) return known;
    const found = this.#find.one(sku);
    if (!found) return undefined;
    const { id, quantity, counted } = found;
    const row: Row = { id, sku, quantity: BigInt(quantity), counted: counted === 1 };
    this.#rows.set(sku, row);
    return row;
  }

  #newRow(sku: Sku): Row {
    const id = Number(this.#insert.run(sku).lastInsertRowid);
    const row: Row = { id, sku, quantity: 0n, counted: false };
    this.#rows.set(sku, row);
    return row;
  }

  // ---- Figures

  settle(): void {
    this.#touchLate();
    for (const touched of this.#touched.values()) {
      const { row } = touched;
      if (touched.fromRows || !this.#addMoved(touched)) this.#foldFromRows(row);
      const isNegative = row.quantity < 0n;
      // The figure itself is asked for when the flag is looked at; most sales of a short SKU change only that.
      if (isNegative !== touched.before < 0n)
        this.#flags.put('oversell', [row.sku], isNegative ? {} : undefined);
      if (this.#rows.has(row.sku))
        this.#update.run(clampedToInt64(row.quantity), row.counted ? 1 : 0, row.id);
    }
    this.#touched.clear();
  }

  #touchLate(): void {
    if (this.#late.size > 0 && this.#anyCount.one())
      for (const [journal, seq] of this.#late)
        for (const { sku } of this.#countedSince.all(journal.id, seq))
          this.#touch(sku).fromRows = true;
    this.#late.clear();
  }

  /** Adds the new movements by the count that stands; false where only all rows together can tell. */
  #addMoved({ row, moved }: Touched): boolean {
    const standing = row.counted ? this.#standingOf(row) : undefined;
    for (const movement of moved) {
      const count = standing?.get(movement.batch);
      if (count) {
        const place = placeOf(movement, count);
        // The flag names every doubtful movement, the earlier ones too.
        if (place.doubt) return false;
        if (place.inside) continue;
      }
      row.quantity += BigInt(movement.quantityMilli);
    }
    return true;
  }

  #standingOf(row: Row): ReadonlyMap<string, Counted> {
    let standing = this.#standing.get(row.sku);
    if (!standing) {
      standing = standingBy(shelvesOf(this.#facts.counts(row.id), []));
      this.#standing.set(row.sku, standing);
    }
    return standing;
  }

  #foldFromRows(row: Row): void {
    const counts = this.#facts.counts(row.id);
    const movements = this.#facts.movements(row.id);
    const shelves = shelvesOf(counts, movements);
    row.quantity = shelves.reduce((sum, shelf) => sum + shelf.onHandMilli, 0n);
    row.counted = counts.length > 0;
    this.#standing.set(row.sku, standingBy(shelves));
    this.#flagCounts(row.sku, shelves);
    if (counts.length > 0 || movements.length > 0) return;
    // Nothing touches it any more: it has no stock, not even none.
    this.#delete.run(row.id);
    this.#rows.delete(row.sku);
    this.#standing.delete(row.sku);
  }

  #flagCounts(sku: Sku, shelves: readonly Shelf<Counted, Moved>[]): void {
    this.#flags.clearWithin('concurrent-count', [sku]);
    this.#flags.clearWithin('count-doubt', [sku]);
    for (const { batch, standing, rivals, doubtful } of shelves) {
      if (!standing) continue;
      if (rivals.length > 0)
        this.#flags.put('concurrent-count', [sku, batch], {
          counts: [standing, ...rivals].map(countInFlag),
        });
      if (doubtful.length > 0)
        this.#flags.put('count-doubt', [sku, standing.id], {
          count: countInFlag(standing),
          movements: doubtful.map(({ journal, seq, quantityMilli }) => ({
            journal,
            seq,
            quantityMilli,
          })),
        });
    }
  }

  // ---- Answers

  /** The row that its movements and counts stand under, with the figure as exact as it is. */
  figure(sku: Sku): { readonly id: number; readonly quantity: bigint } | undefined {
    return this.#row(sku);
  }

  get(sku: Sku): number | undefined {
    const row = this.#row(sku);
    return row && clampedToSafe(row.quantity);
  }

  all(): StockFigure[] {
    return this.#all
      .all()
      .map(({ sku, quantity }) => ({ sku, quantityMilli: clampedToSafe(BigInt(quantity)) }))
      .sort(bySku);
  }

  /** By batch, `''` for goods of no batch. More than one are folded from the rows. */
  batches(sku: Sku): { batch: string; quantityMilli: number }[] {
    const row = this.#row(sku);
    if (!row) return [];
    const [only, ...others] = this.#batchesOf.all(row.id);
    if (only && others.length === 0)
      return [{ batch: only.batch, quantityMilli: clampedToSafe(row.quantity) }];
    return shelvesOf(this.#facts.counts(row.id), this.#facts.movements(row.id)).map((shelf) => ({
      batch: shelf.batch,
      quantityMilli: clampedToSafe(shelf.onHandMilli),
    }));
  }
}

const standingBy = (shelves: readonly Shelf<Counted, Moved>[]): ReadonlyMap<string, Counted> =>
  new Map(shelves.flatMap(({ batch, standing }) => (standing ? [[batch, standing] as const] : [])));

const countInFlag = ({ journal, seq, quantityMilli, at }: Counted) => ({
  journal,
  seq,
  quantityMilli,
  at,
});

const mostInt64 = 2n ** 63n - 1n;
const mostSafe = BigInt(Number.MAX_SAFE_INTEGER);

const clamped = (value: bigint, most: bigint): bigint =>
  value > most ? most : value < -most ? -most : value;

const clampedToInt64 = (value: bigint): bigint => clamped(value, mostInt64);
export const clampedToSafe = (value: bigint): number => Number(clamped(value, mostSafe));
