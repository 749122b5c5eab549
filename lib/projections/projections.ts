/**
 * The register's read models: folds entries in whatever order they arrive, and answers what screens and decisions ask.
 * Synchronous, one transaction per fold. Never a source of truth: journals and HQ's documents are.
 */
import type { ReceiptKey } from '../domain/bodies.ts';
import type { DayOfLife } from '../domain/decision.ts';
import { assert, TillmeshError } from '../domain/errors.ts';
import type { FlagKind } from '../domain/flags.ts';
import {
  parseJournalKey,
  type EntryHash,
  type Hlc,
  type JournalKey,
  type ReleaseId,
  type SeriesLetter,
  type Sku,
  type StoreId,
} from '../domain/ids.ts';
import type { Product } from '../domain/product.ts';
import type { RevokedJournal } from '../domain/revocation.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { ActCount, ActSeen, JournalEntry, JournalFilter } from './act-rows.ts';
import { Closings, type KnownClosing, type KnownLife } from './closing.ts';
import type { Customer, CustomerChange } from './customer-search.ts';
import type { DocumentFilter, DocumentRow, QuarterTotal } from './document-rows.ts';
import { dumpOf, type Dump } from './dump.ts';
import type { FileFinding } from './file-findings.ts';
import type { Flag } from './flag-rows.ts';
import { emptyTally, foldEntry, type FoldResult } from './fold-entry.ts';
import { hasGap, type Cursor, type JournalRow } from './journal-rows.ts';
import { Models } from './models.ts';
import type { SeriesSummary } from './number-rows.ts';
import type { ProductChange } from './product-search.ts';
import type { Receipt } from './return-rows.ts';
import {
  closeDatabase,
  faultOf,
  inMemory,
  isDamage,
  openDatabase,
  removeDatabase,
} from './schema.ts';
import { hashOfStock, type StockFigure } from './stock-hash.ts';
import type { StockPage } from './stock-history.ts';
import type { Department } from './tile-rows.ts';
import { dayTotalOf, totalsOf, type DayTotal, type Totals } from './totals.ts';

export type { FoldResult } from './fold-entry.ts';

export type ProjectionsOptions = {
  /** Path of the file, in a directory that exists, or `:memory:`. */
  readonly file: string;
  readonly store: StoreId;
  /** The journal that this terminal writes; undefined on a replica that writes none. */
  readonly own: JournalKey | undefined;
};

type DocumentPlace = Pick<DocumentRow, 'journal' | 'seq' | 'hash' | 'number'>;

export class Projections {
  readonly #options: ProjectionsOptions;
  #models: Models;
  #isFresh: boolean;
  #stockHash: string | undefined;
  #replaced = 0;

  private constructor(options: ProjectionsOptions, models: Models, isFresh: boolean) {
    this.#options = options;
    this.#models = models;
    this.#isFresh = isFresh;
  }

  /** A file of another version or a damaged one is replaced by an empty one: see `isFresh`. */
  static open(options: ProjectionsOptions): Projections {
    const { database, fresh } = openDatabase(options.file);
    try {
      return new Projections(options, new Models(database), fresh);
    } catch (cause) {
      database.close();
      if (fresh || options.file === inMemory) throw faultOf(cause);
      // Right version and wrong inside: as good as damaged.
      removeDatabase(options.file);
      return new Projections(options, new Models(openDatabase(options.file).database), true);
    }
  }

  /** True when the file was made anew, so that journals, products and customers must be folded from the start. */
  get isFresh(): boolean {
    return this.#isFresh;
  }

  /** How often the file was found damaged and replaced by an empty one since it was opened: everything is to be folded again. */
  get replaced(): number {
    return this.#replaced;
  }

  close(): void {
    closeDatabase(this.#models.database);
  }

  /** Moves the write-ahead log into the file; call when idle, because it waits for the disk. */
  tidy(): void {
    this.#reading((models) => models.database.exec('pragma wal_checkpoint(truncate)'));
  }

  // ---- Folding

  /**
   * One transaction; nothing is kept of it when it throws. Entries may come in any order, late, twice and with gaps.
   * Throws DISK_FULL, DISK_FAILED; FILE_DAMAGED after the file was replaced by an empty one: fold everything again.
   */
  fold(entries: readonly VerifiedEntry[]): FoldResult {
    return this.#writing((models) => {
      const tally = emptyTally();
      for (const entry of entries) foldEntry(models, entry, tally);
      models.settle();
      return tally;
    });
  }

  /** Takes a journal out of everything, as if none of its entries had come; for a re-fold. */
  dropJournal(key: JournalKey): void {
    this.#writing((models) => {
      const journal = models.journals.find(key);
      if (!journal) return;
      models.drop(journal);
    });
  }

  /** In force as a whole or not at all. `release` is the HQ release that the products are of. */
  replaceProducts(changes: Iterable<ProductChange>, release?: ReleaseId): void {
    this.#writing((models) => models.products.replace(changes, release));
  }

  replaceCustomers(changes: Iterable<CustomerChange>): void {
    this.#writing((models) => models.customers.replace(changes));
  }

  /** These journals are of revoked keys and no others, wherever their entries are by now. Gives those that were before. */
  replaceRevoked(revoked: readonly RevokedJournal[]): readonly JournalKey[] {
    return this.#writing((models) => {
      const gone = models.revoked.replace(revoked);
      models.settle();
      return gone;
    });
  }

  // ---- How far it is

  /** The last entry before the journal's first gap. */
  cursor(key: JournalKey): Cursor | undefined {
    return this.#models.journals.cursor(key);
  }

  cursors(): Map<JournalKey, Cursor> {
    return this.#models.journals.cursors();
  }

  /** Seq of each journal's cursor: what a count or a decision made now has seen. */
  tips(): Record<JournalKey, number> {
    const tips: Record<JournalKey, number> = {};
    for (const [key, { seq }] of this.cursors()) tips[key] = seq;
    return tips;
  }

  /** The highest seq folded, gaps or not; 0 for none. */
  lastSeq(key: JournalKey): number {
    return this.#models.journals.lastSeq(key);
  }

  has(key: JournalKey, seq: number, hash: EntryHash): boolean {
    return this.#reading(({ journals }) => journals.has(key, seq, hash));
  }

  /** Entries kept without counting: of unknown type, or refused for their body. */
  notFolded(): { unknown: number; refused: number } {
    return this.#reading(({ journals }) => journals.notFolded());
  }

  // ---- What decisions ask

  /** The last number of a series of the own journal; 0 for none. */
  lastNumber(letter: SeriesLetter, code: string): number {
    const { own } = this.#options;
    const journal = own && this.#models.journals.find(own);
    if (!own || !journal) return 0;
    const { store, terminal } = parseJournalKey(own);
    return this.#models.numbers.last(journal, `${store}-${terminal}${letter}-${code}`);
  }

  /** What a command became, a document or an act, in the own journal or in any that is known here. */
  commandSeen(command: string): (Pick<ActSeen, 'type' | 'body'> & DocumentPlace) | undefined {
    const { own } = this.#options;
    if (!own) return undefined;
    return this.#reading(({ documents, journals, acts }) => {
      const row = documents.ofCommand(own, command);
      if (!row) return acts.ofCommand(own, command);
      const journal = journals.find(row.journal);
      return journal && { ...row, body: documents.bodyOf(journal, row.seq, row.hash) };
    });
  }

  /** The document that stands there, and how many copies of it were printed at all tills. */
  printed(of: ReceiptKey): { number: string; copies: number } | undefined {
    return this.#reading(({ documents, journals, acts }) => {
      const journal = journals.find(of.journal);
      const number = journal && documents.numberAt(journal, of.seq);
      return number === undefined ? undefined : { number, copies: acts.copiesOf(of) };
    });
  }

  /** A sale of any journal, with what came back of it over all journals. */
  receipt(of: ReceiptKey): Receipt | undefined {
    return this.#reading(({ returns }) => returns.receipt(of));
  }

  /**
   * What the own journal's next closing counts: of its own life and of these others of this terminal, which are those of a
   * till that this one replaced, or that it had before a restore.
   */
  toClose(others: readonly JournalKey[]): DayTotal & { lives: DayOfLife[] } {
    const { own } = this.#options;
    assert(own !== undefined, 'a replica without a journal closes no day');
    return this.#reading(({ documents, journals }) => {
      const { store, terminal, incarnation } = parseJournalKey(own);
      // Those that are left out now may have counted others.
      const closings = journals.within(`${store}/${terminal}/`).flatMap((row) =>
        documents.closings(row).map(({ seq, body }) => ({
          by: parseJournalKey(row.key).incarnation,
          seq,
          body: JSON.parse(body) as KnownClosing['body'],
        })),
      );
      const counted = new Closings(closings);
      const totalOf = (row: JournalRow | undefined) =>
        dayTotalOf(row ? documents.totalsOf(row) : []);
      const lives = others.flatMap((key): KnownLife[] => {
        const row = journals.find(key);
        if (!row) return [];
        const life = parseJournalKey(key).incarnation;
        const { lastSeq } = row;
        return [{ incarnation: life, total: totalOf(row), lastSeq, isWhole: !hasGap(row) }];
      });
      return {
        ...counted.restOf({ incarnation, total: totalOf(journals.find(own)) }),
        lives: counted.restOfOthers(lives),
      };
    });
  }

  // ---- What screens ask

  totals(): Totals {
    return this.#reading(({ documents }) => totalsOf(documents.typeTotals()));
  }

  /** Documents in the order of their arrival here. `after` is the `position` of the last one seen, 0 to begin. */
  documents(after: number, limit: number): (DocumentRow & { position: number })[] {
    return this.#reading(({ documents }) => documents.list(after, limit));
  }

  /** The newest first by the hybrid clock. */
  newestDocuments(limit: number): DocumentRow[] {
    return this.#reading(({ documents }) => documents.newest(limit));
  }

  /** The same, of those that are as asked for among the newest `limits.documentsSearched`. */
  foundDocuments(filter: DocumentFilter, limit: number): DocumentRow[] {
    return this.#reading(({ documents }) => documents.found(filter, limit));
  }

  /** Sales and returns since a moment, by quarters of an hour: a screen sums them up in the store's own time. */
  salesSince(from: Hlc): QuarterTotal[] {
    return this.#reading(({ documents }) => documents.salesSince(from));
  }

  /** Entries of all journals, of whatever type, the newest first by the hybrid clock. */
  newestEntries(limit: number): JournalEntry[] {
    return this.#reading(({ acts }) => acts.newest(limit));
  }

  /** The same, of those that are as asked for among the newest `limits.documentsSearched`. */
  foundEntries(filter: JournalFilter, limit: number): JournalEntry[] {
    return this.#reading(({ acts }) => acts.found(filter, limit));
  }

  /** What was done on a business day beside documents, by operator and type, over all tills. */
  actCounts(businessDay: string): ActCount[] {
    return this.#reading(({ acts }) => acts.counts(businessDay));
  }

  /** What a document of the lists says, as it was recorded. */
  bodyOf({ journal, seq, hash }: Pick<DocumentRow, 'journal' | 'seq' | 'hash'>): unknown {
    return this.#reading(({ documents, journals }) => {
      const row = journals.find(journal);
      return row && documents.bodyOf(row, seq, hash);
    });
  }

  /** How many documents of a journal stand above the first seq and up to the second. */
  documentsBetween(key: JournalKey, above: number, upTo: number): number {
    return this.#reading(({ documents, journals }) => {
      const row = journals.find(key);
      return row ? documents.between(row, above, upTo) : 0;
    });
  }

  /** More than one where a number stands for two documents. */
  documentsByNumber(number: string): DocumentRow[] {
    return this.#reading(({ documents }) => documents.byNumber(number));
  }

  numbers(): SeriesSummary[] {
    return this.#reading(({ numbers }) => numbers.list());
  }

  /** Thousandths; undefined for a SKU that never moved and was never counted. */
  stock(sku: Sku): number | undefined {
    return this.#reading(({ stock }) => stock.get(sku));
  }

  /** Every SKU that moved or was counted, by code unit of the SKU. */
  stockAll(): StockFigure[] {
    return this.#reading(({ stock }) => stock.all());
  }

  /** By batch, `''` for goods of no batch. */
  batches(sku: Sku): { batch: string; quantityMilli: number }[] {
    return this.#reading(({ stock }) => stock.batches(sku));
  }

  /**
   * The stock card of a SKU, the newest first; undefined where `stock` is. `after` is the `next` of the page before.
   * Throws INPUT_INVALID for a cursor that is none.
   */
  stockHistory(sku: Sku, page: { after?: string; limit: number }): StockPage | undefined {
    return this.#reading(({ stock, history }) => {
      const figure = stock.figure(sku);
      return figure && history.page(figure, page.after, page.limit);
    });
  }

  /** Equal on replicas with the same entries (P4). */
  stockHash(): string {
    this.#stockHash ??= hashOfStock(this.stockAll());
    return this.#stockHash;
  }

  /** The open ones: a flag whose cause is gone is settled and no longer here. */
  flags({ kind, limit = 1_000 }: { kind?: FlagKind; limit?: number } = {}): Flag[] {
    return this.#reading(({ flags, stock }) =>
      flags.list(kind, limit).map((flag) => {
        if (flag.kind !== 'oversell') return flag;
        const onHandMilli = stock.get(String(flag.subject[0]) as Sku);
        return { ...flag, cause: { onHandMilli } };
      }),
    );
  }

  /** What a terminal has said last of others' clocks, in milliseconds that they are ahead; by `S01-T2`. */
  clockWordsOf(terminal: string): ReadonlyMap<string, number> {
    return this.#reading(({ observations }) => observations.clockWordsOf(terminal));
  }

  /** What a terminal said of its own files and who looked at it, the latest first; by `S01-T2`. */
  fileFindings(terminal: string): readonly FileFinding[] {
    return this.#reading(({ observations }) => observations.fileFindings(terminal));
  }

  flagCounts(): Partial<Record<FlagKind, number>> {
    return this.#reading(({ flags }) => flags.counts());
  }

  product(sku: Sku): Product | undefined {
    return this.#reading(({ products }) => products.get(sku));
  }

  productsByBarcode(code: string): Product[] {
    return this.#reading(({ products }) => products.byBarcode(code));
  }

  searchProducts(text: string, limit: number): Product[] {
    return this.#reading(({ products }) => products.search(text, limit));
  }

  /** Departments with an active product, by id. */
  departments(limit: number): Department[] {
    return this.#reading(({ tiles }) => tiles.departments(limit));
  }

  /** Active products, of one department or of all, what sold most here first. */
  bestSellers(department: string | undefined, limit: number): Product[] {
    return this.#reading(({ tiles }) => tiles.best(department, limit));
  }

  productCount(): number {
    return this.#reading(({ products }) => products.count());
  }

  release(): ReleaseId | undefined {
    return this.#reading(({ products }) => products.release());
  }

  customer(id: string): Customer | undefined {
    return this.#reading(({ customers }) => customers.get(id));
  }

  searchCustomers(text: string, limit: number): Customer[] {
    return this.#reading(({ customers }) => customers.search(text, limit));
  }

  /** Every derived row in natural keys: equal on replicas with the same entries. */
  dump(): Dump {
    return this.#reading(({ database }) => dumpOf(database));
  }

  // ---- Transactions and damage

  #writing<Result>(run: (models: Models) => Result): Result {
    const { database } = this.#models;
    this.#stockHash = undefined;
    try {
      database.exec('begin immediate');
      const result = run(this.#models);
      database.exec('commit');
      return result;
    } catch (cause) {
      if (isDamage(cause)) return this.#startOver(cause);
      this.#undo();
      throw faultOf(cause);
    }
  }

  #undo(): void {
    const { database } = this.#models;
    // SQLite has already rolled back by itself after a full disk.
    if (database.isTransaction) database.exec('rollback');
    this.#models.reload();
  }

  #reading<Result>(run: (models: Models) => Result): Result {
    try {
      return run(this.#models);
    } catch (cause) {
      if (isDamage(cause)) return this.#startOver(cause);
      throw faultOf(cause);
    }
  }

  /**
   * The file is damaged. An answer from an empty one would be wrong (a series would begin again at 1),
   * so whoever asked gets an error, folds again, and asks again.
   */
  #startOver(cause: unknown): never {
    const { file } = this.#options;
    assert(file !== inMemory, 'a database in memory is damaged');
    this.#models.database.close();
    removeDatabase(file);
    this.#models = new Models(openDatabase(file).database);
    this.#stockHash = undefined;
    this.#isFresh = true;
    this.#replaced++;
    throw new TillmeshError('FILE_DAMAGED', 'read models: made anew, fold again', { cause });
  }
}
