/**
 * Keeps a store's read models behind its journals: entries queue up as they reach the disk and are folded together,
 * at the latest before anybody asks. A file that was lost or damaged is folded anew.
 */
import { isTillmeshError } from '../domain/errors.ts';
import { parseJournalKey, type JournalKey, type StoreId } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { Projections } from '../projections/projections.ts';
import type { Journals } from './journals.ts';

export type ReadSideOptions = {
  readonly file: string;
  readonly store: StoreId;
  readonly own: JournalKey | undefined;
  /** After every fold. */
  readonly onFolded: () => void;
  /** The file was made anew while in use: products and customers must be given again. */
  readonly onRebuilt: () => void;
  readonly onError: (error: unknown) => void;
};

export class ReadSide {
  readonly store: StoreId;
  readonly #o: ReadSideOptions;
  readonly #projections: Projections;
  #journals: Journals | undefined;
  #queue: VerifiedEntry[] = [];
  #scheduled = false;

  constructor(options: ReadSideOptions) {
    this.#o = options;
    this.store = options.store;
    this.#projections = Projections.open(options);
  }

  /** The read models with everything folded that is on disk. Throws the disk's errors. */
  get models(): Projections {
    this.flush();
    // A damaged file was replaced by an empty one under somebody's question: what it held comes from the journals.
    if (
      this.#journals &&
      this.#projections.cursors().size === 0 &&
      this.#hasEntries(this.#journals)
    ) {
      this.catchUp(this.#journals);
      this.#o.onRebuilt();
    }
    return this.#projections;
  }

  hint(journal: JournalKey): { seq: number; hash: string } | undefined {
    return this.#projections.cursor(journal);
  }

  /** Folds what the journals have beyond the cursors. */
  catchUp(journals: Journals): void {
    this.#journals = journals;
    for (const journal of journals.keys()) {
      if (parseJournalKey(journal).store !== this.store) continue;
      const cursor = this.#projections.cursor(journal);
      if (cursor && cursor.hash === journals.tip(journal).hash) continue;
      // A cursor that its journal does not have any more: the rows are of entries that were lost.
      if (cursor && cursor.seq > journals.tip(journal).seq) this.#projections.dropJournal(journal);
      for (const entries of journals.entriesFrom(
        journal,
        (this.#projections.cursor(journal)?.seq ?? 0) + 1,
      ))
        this.#projections.fold(entries);
    }
  }

  queue(entries: readonly VerifiedEntry[]): void {
    this.#queue.push(...entries);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      try {
        this.flush();
      } catch (error) {
        // The entries stay queued: whoever asks next meets the same error, and a full disk can be mended.
        this.#o.onError(error);
      }
    });
  }

  flush(): void {
    if (this.#queue.length === 0) return;
    const entries = this.#queue;
    try {
      this.#projections.fold(entries);
    } catch (error) {
      if (!isTillmeshError(error, 'FILE_DAMAGED') || !this.#journals) throw error;
      this.#o.onError(error);
      this.catchUp(this.#journals);
      this.#projections.fold(entries);
    }
    this.#queue = [];
    this.#o.onFolded();
  }

  #hasEntries(journals: Journals): boolean {
    return journals
      .keys()
      .some(
        (journal) => parseJournalKey(journal).store === this.store && journals.tip(journal).seq > 0,
      );
  }

  close(): void {
    this.flush();
    this.#projections.close();
  }
}
