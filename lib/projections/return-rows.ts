/**
 * What came back of which receipt line, over all journals, and the flag for more than was sold.
 * Returns may arrive before their sale: they wait here, and are compared when it comes.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { MoneyDocument, ReceiptKey } from '../domain/bodies.ts';
import type { JournalKey } from '../domain/ids.ts';
import type { ReturnedLine } from './contribution.ts';
import type { DocumentRows } from './document-rows.ts';
import type { FlagRows } from './flag-rows.ts';
import type { JournalRow, JournalRows } from './journal-rows.ts';
import { Query, saturated } from './statement.ts';

/** A sale, and per line of it what came back so far, in thousandths. */
export type Receipt = {
  readonly body: MoneyDocument;
  readonly returnedMilli: readonly number[];
};

export class ReturnRows {
  readonly #journals: JournalRows;
  readonly #documents: DocumentRows;
  readonly #flags: FlagRows;
  readonly #touched = new Map<string, ReceiptKey>();
  readonly #sums;
  readonly #any;
  readonly #receiptsOf;
  readonly #receiptsIn;
  readonly #insert: StatementSync;
  readonly #drop: StatementSync;

  constructor(
    database: DatabaseSync,
    journals: JournalRows,
    documents: DocumentRows,
    flags: FlagRows,
  ) {
    this.#journals = journals;
    this.#documents = documents;
    this.#flags = flags;
    this.#sums = new Query<{ line: number; quantity: number }>(
      database,
      `select of_line as line, ${saturated('sum(quantity)')} as quantity from returned
       where of_journal = ? and of_seq = ? group by of_line order by of_line`,
    );
    this.#any = new Query<object>(
      database,
      `select 1 from returned where of_journal = ? and of_seq = ? limit 1`,
    );
    const receipts = `select distinct of_journal as journal, of_seq as seq from returned`;
    this.#receiptsOf = new Query<ReceiptKey>(
      database,
      `${receipts} join entries on entries.id = entry where entries.journal = ?`,
    );
    this.#receiptsIn = new Query<ReceiptKey>(database, `${receipts} where of_journal = ?`);
    this.#insert = database.prepare(
      `insert into returned (of_journal, of_seq, of_line, entry, line, quantity) values (?, ?, ?, ?, ?, ?)`,
    );
    this.#drop = database.prepare(
      `delete from returned where entry in (select id from entries where journal = ?)`,
    );
  }

  reload(): void {
    this.#touched.clear();
  }

  add(row: number, of: ReceiptKey, lines: readonly ReturnedLine[]): void {
    lines.forEach(({ line, quantityMilli }, index) =>
      this.#insert.run(of.journal, of.seq, line, row, index, quantityMilli),
    );
    this.#touch(of);
  }

  /** A document arrived that earlier returns may have waited for. */
  arrived(receipt: ReceiptKey): void {
    if (this.#any.one(receipt.journal, receipt.seq)) this.#touch(receipt);
  }

  #touch(receipt: ReceiptKey): void {
    this.#touched.set(`${receipt.journal}/${receipt.seq}`, receipt);
  }

  settle(): void {
    for (const receipt of this.#touched.values()) this.#settleReceipt(receipt);
    this.#touched.clear();
  }

  #settleReceipt(receipt: ReceiptKey): void {
    const journal = this.#journals.find(receipt.journal);
    const isHere = journal !== undefined && this.#documents.isAt(journal, receipt.seq);
    const sales = isHere ? this.#sales(journal, receipt.seq) : [];
    for (const { line, quantity } of this.#sums.all(receipt.journal, receipt.seq)) {
      // A fork sold twice under one number, and both customers may bring their goods back.
      const soldMilli = sales.reduce(
        (sum, { lines }) => sum + (lines[line]?.quantityMilli ?? 0),
        0,
      );
      // While the sale is missing, nobody can say that it was too much.
      const cause =
        isHere && quantity > soldMilli ? { soldMilli, returnedMilli: quantity } : undefined;
      this.#flags.put('over-refund', [receipt.journal, receipt.seq, line], cause);
    }
  }

  #sales(journal: JournalRow, seq: number): MoneyDocument[] {
    return this.#documents.bodies(journal, seq, 'SaleCompleted') as MoneyDocument[];
  }

  /** Before the journal's entries are deleted. */
  drop(journal: JournalRow): void {
    const touched = [...this.#receiptsOf.all(journal.id), ...this.#receiptsIn.all(journal.key)];
    for (const receipt of touched) {
      // Lines without any return left are not in the sums that settle: their flags go here.
      this.#flags.clearWithin('over-refund', [receipt.journal, receipt.seq]);
      this.#touch(receipt);
    }
    this.#drop.run(journal.id);
  }

  receipt(of: { journal: JournalKey; seq: number }): Receipt | undefined {
    const journal = this.#journals.find(of.journal);
    const body = journal && this.#sales(journal, of.seq)[0];
    if (!body) return undefined;
    const returnedMilli = body.lines.map(() => 0);
    for (const { line, quantity } of this.#sums.all(of.journal, of.seq))
      if (line < returnedMilli.length) returnedMilli[line] = quantity;
    return { body, returnedMilli };
  }
}
