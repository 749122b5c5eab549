/**
 * All read models over one open database, in the order in which they read each other.
 */
import type { DatabaseSync } from 'node:sqlite';
import { ActRows } from './act-rows.ts';
import { CustomerSearch } from './customer-search.ts';
import { DocumentRows } from './document-rows.ts';
import { FlagRows } from './flag-rows.ts';
import { JournalRows, type JournalRow } from './journal-rows.ts';
import { NumberRows } from './number-rows.ts';
import { ObservationRows } from './observation-rows.ts';
import { ProductSearch } from './product-search.ts';
import { ReturnRows } from './return-rows.ts';
import { RevokedRows } from './revoked-rows.ts';
import { SawRows } from './saw-rows.ts';
import { SoldRows } from './sold-rows.ts';
import { StockFacts } from './stock-facts.ts';
import { StockHistory } from './stock-history.ts';
import { StockRows } from './stock-rows.ts';
import { TileRows } from './tile-rows.ts';

/** Everything over one open database; replaced as a whole when the file is. */
export class Models {
  readonly flags: FlagRows;
  readonly journals: JournalRows;
  readonly numbers: NumberRows;
  readonly documents: DocumentRows;
  readonly acts: ActRows;
  readonly saw: SawRows;
  readonly stock: StockRows;
  readonly history: StockHistory;
  readonly sold: SoldRows;
  readonly returns: ReturnRows;
  readonly observations: ObservationRows;
  readonly revoked: RevokedRows;
  readonly products: ProductSearch;
  readonly tiles: TileRows;
  readonly customers: CustomerSearch;
  readonly database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.database = database;
    this.flags = new FlagRows(database);
    this.journals = new JournalRows(database);
    this.numbers = new NumberRows(database, this.flags);
    this.documents = new DocumentRows(database, this.flags);
    this.acts = new ActRows(database);
    this.saw = new SawRows(database);
    const facts = new StockFacts(database, this.journals, this.saw);
    this.stock = new StockRows(database, facts, this.flags);
    this.history = new StockHistory(database, facts);
    this.sold = new SoldRows(database);
    this.returns = new ReturnRows(database, this.journals, this.documents, this.flags);
    this.observations = new ObservationRows(database, this.journals, this.flags);
    this.revoked = new RevokedRows(database, this.journals, this.flags);
    this.products = new ProductSearch(database, this.sold);
    this.tiles = new TileRows(database);
    this.customers = new CustomerSearch(database);
  }

  /** Forgets what memory holds beyond the disk, after a transaction that was undone. */
  reload(): void {
    this.journals.reload();
    this.numbers.reload();
    this.documents.reload();
    this.acts.reload();
    this.saw.reload();
    this.stock.reload();
    this.sold.reload();
    this.returns.reload();
    this.observations.reload();
    this.revoked.reload();
  }

  /** Brings everything that the rows touched since the last time up to date. The order follows who reads whom. */
  settle(): void {
    this.journals.settle();
    this.documents.settle();
    this.numbers.settle();
    this.stock.settle();
    this.sold.settle();
    this.returns.settle();
    this.observations.settle();
    this.revoked.settle();
  }

  /** Takes a journal out of everything, as if none of its entries had come. */
  drop(journal: JournalRow): void {
    this.returns.drop(journal);
    this.observations.drop(journal);
    this.stock.drop(journal);
    this.sold.drop(journal);
    this.documents.drop(journal);
    this.acts.drop(journal);
    this.numbers.drop(journal);
    this.saw.drop(journal);
    this.flags.clearWithin('refused-document', [journal.key]);
    this.journals.drop(journal);
    this.revoked.changed(journal);
    this.settle();
  }
}
