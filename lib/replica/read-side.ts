/**
 * Keeps a store's read models behind its journals: entries queue up as they reach the disk and are folded together,
 * at the latest before anybody asks. A file that was lost or damaged is folded anew.
 */
import { isTillmeshError } from '../domain/errors.ts';
import { parseJournalKey, type JournalKey, type Sku, type StoreId } from '../domain/ids.ts';
import { readProduct } from '../domain/product.ts';
import type { RevokedJournal } from '../domain/revocation.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { Projections } from '../projections/projections.ts';
import type { ReleaseInForce } from './hq-data.ts';
import type { Journals } from './journals.ts';

export type ReadSideOptions = {
  readonly file: string;
  readonly store: StoreId;
  readonly own: JournalKey | undefined;
  /** Journals of revoked keys: asked after `revocationsChanged`, and whenever all is folded anew. */
  readonly revoked?: () => readonly RevokedJournal[];
  /** After every fold. */
  readonly onFolded: () => void;
  /** The file was made anew while in use: products and customers must be given again. */
  readonly onRebuilt: () => void;
  /** What the read models had taken in and is not there any more: entries of a journal, or a revocation. */
  readonly onGone?: (gone: GoneFromDisk) => void;
  readonly onError: (error: unknown) => void;
};

export type GoneFromDisk =
  | {
      readonly kind: 'entriesGone';
      readonly journal: JournalKey;
      readonly seq: number;
      readonly lastSeq: number;
    }
  | { readonly kind: 'revocationGone'; readonly journal: JournalKey };

export class ReadSide {
  readonly store: StoreId;
  readonly #o: ReadSideOptions;
  readonly #projections: Projections;
  #journals: Journals | undefined;
  #queue: VerifiedEntry[] = [];
  #scheduled = false;
  #revocationsDiffer = true;
  /** How often the file had been replaced when everything was folded; undefined until then. */
  #wholeAt: number | undefined;

  constructor(options: ReadSideOptions) {
    this.#o = options;
    this.store = options.store;
    this.#projections = Projections.open(options);
  }

  /**
   * The read models with everything folded that is on disk. Throws the disk's errors: an answer of half of it would begin
   * a series of numbers again.
   */
  get models(): Projections {
    this.flush();
    return this.#projections;
  }

  hint(journal: JournalKey): { seq: number; hash: string } | undefined {
    return this.#projections.cursor(journal);
  }

  /** Folds what the journals have beyond the cursors; whole when it returns. */
  catchUp(journals: Journals): void {
    this.#journals = journals;
    this.#wholeAt = undefined;
    const { replaced } = this.#projections;
    for (const journal of journals.keys()) {
      if (parseJournalKey(journal).store !== this.store) continue;
      for (const entries of journals.reader.entriesFrom(
        journal,
        this.#firstMissing(journals, journal),
      ))
        this.#projections.fold(entries);
    }
    this.#revocationsDiffer = true;
    this.#wholeAt = replaced;
  }

  /** Forgets what was folded and folds it anew; all of it in one go, because what it says is wrong. */
  rebuild(journals: Journals): void {
    for (const journal of this.#projections.cursors().keys())
      this.#projections.dropJournal(journal);
    this.catchUp(journals);
  }

  #firstMissing(journals: Journals, journal: JournalKey): number {
    const cursor = this.#projections.cursor(journal);
    const tip = journals.tip(journal);
    // A branch may lie below the cursor, on disk and not folded. Folding again changes nothing.
    if (journals.isForked(journal)) return 1;
    if (cursor && cursor.hash === tip.hash) return tip.seq + 1;
    if (!cursor || cursor.seq <= tip.seq) return (cursor?.seq ?? 0) + 1;
    // A cursor that its journal does not have any more: the rows are of entries that were lost.
    this.#o.onGone?.({ kind: 'entriesGone', journal, seq: tip.seq + 1, lastSeq: cursor.seq });
    this.#projections.dropJournal(journal);
    return 1;
  }

  queue(entries: readonly VerifiedEntry[]): void {
    this.#queue.push(...entries);
    this.#schedule();
  }

  /** What `revoked` answers is another than before. */
  revocationsChanged(): void {
    this.#revocationsDiffer = true;
    this.#schedule();
  }

  #schedule(): void {
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
    this.#mend();
    if (this.#queue.length === 0 && !this.#revocationsDiffer) return;
    try {
      if (this.#queue.length > 0) this.#projections.fold(this.#queue);
    } catch (error) {
      if (!isTillmeshError(error, 'FILE_DAMAGED')) throw error;
      this.#o.onError(error);
      // The journals have what is queued, too.
      this.#mend();
    }
    this.#queue = [];
    if (this.#revocationsDiffer) {
      const revoked = this.#o.revoked?.() ?? [];
      const gone = this.#projections.replaceRevoked(revoked);
      // Nothing takes a revocation back: where none is left, the notices were taken away by hand.
      for (const journal of revoked.length === 0 ? gone : [])
        this.#o.onGone?.({ kind: 'revocationGone', journal });
    }
    this.#revocationsDiffer = false;
    this.#o.onFolded();
  }

  /** Takes over what a release changed, or all of it. Throws the disk's errors; then it may be given again. */
  applyRelease({ id, products, customerTerms }: Omit<ReleaseInForce, 'org'>): void {
    const { models } = this;
    models.replaceCustomers(
      customerTerms.map(({ key, value }) => ({ id: key, fields: textFields(value) })),
    );
    // The release's name goes with the products: without them it is not here.
    models.replaceProducts(
      products.map(({ key, value }) => {
        const read = readProduct(value);
        return { sku: key as Sku, product: read.ok ? read.value : undefined };
      }),
      id,
    );
  }

  /** A damaged file was replaced by an empty one, or a rebuild did not come to its end: all comes from the journals. */
  #mend(): void {
    if (!this.#journals || this.#wholeAt === this.#projections.replaced) return;
    this.catchUp(this.#journals);
    this.#o.onRebuilt();
  }

  close(): void {
    this.flush();
    this.#projections.close();
  }
}

/** Customer terms as the text fields that are searched; undefined where the record is gone. */
function textFields(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, String(field)]));
}
