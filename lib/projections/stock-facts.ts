/**
 * The movements and counts of one SKU as the rule of stock takes them: read from their rows, each movement with what
 * its writer had seen. Judges nothing itself.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { EntryHash, Hlc, JournalKey } from '../domain/ids.ts';
import type { CountLine, StockMovement } from '../domain/stock.ts';
import type { JournalRows } from './journal-rows.ts';
import type { SawRows } from './saw-rows.ts';
import { Query } from './statement.ts';

export type Moved = StockMovement & { readonly batch: string };
export type Counted = CountLine & { readonly batch: string };

export type MovementRow = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly at: Hlc;
  readonly batch: string;
  readonly quantity: number;
};
type CountRow = MovementRow & { hash: EntryHash; line: number; seen: string };

export class StockFacts {
  readonly #journals: JournalRows;
  readonly #saw: SawRows;
  readonly #movements;
  readonly #counts;

  constructor(database: DatabaseSync, journals: JournalRows, saw: SawRows) {
    this.#journals = journals;
    this.#saw = saw;
    const ofEntry = `join entries on entries.id = entry join journals on journals.id = journal`;
    this.#movements = new Query<MovementRow>(
      database,
      `select key as journal, seq, movements.at as at, batch, quantity from movements ${ofEntry}
       where sku = ? order by key, seq, hash`,
    );
    this.#counts = new Query<CountRow>(
      database,
      `select key as journal, seq, hash, line, counts.at as at, batch, quantity, seen from counts ${ofEntry}
       where sku = ?`,
    );
  }

  /** `sku` is the id of its row. */
  movements(sku: number): Moved[] {
    return this.#movements.all(sku).map((row) => this.moved(row));
  }

  counts(sku: number): Counted[] {
    return this.#counts.all(sku).map(({ quantity, ...row }) => ({
      id: `${row.journal}/${row.seq}/${row.hash}/${row.line}`,
      journal: row.journal,
      seq: row.seq,
      at: row.at,
      batch: row.batch,
      quantityMilli: quantity,
      seen: JSON.parse(row.seen) as Record<JournalKey, number>,
    }));
  }

  moved({ journal, seq, at, batch, quantity }: MovementRow): Moved {
    const sawCount = (count: CountLine): boolean =>
      this.#saw.firstAfter(this.#journals.get(journal), count.journal, count.seq) <= seq;
    return { journal, seq, at, batch, quantityMilli: quantity, sawCount };
  }
}
