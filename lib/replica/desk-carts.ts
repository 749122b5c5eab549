/**
 * The carts that the edits of one desk make, kept up as edits come. Reads what is in the document already; what may come
 * into it is the matter of `Desk`.
 */
import { foldCart, readDeskRecord, type DeskCart, type DeskRecord } from '../domain/desk-cart.ts';
import { hashOfEntry } from '../journal/entry.ts';
import { editOf } from './desk-change.ts';

export class DeskCarts {
  /** Hashes of the edits that were read. */
  readonly #told = new Set<string>();
  readonly #edits = new Map<string, DeskRecord[]>();
  readonly #carts = new Map<string, DeskCart>();
  readonly #onUnreadable: (problem: string) => void;

  /** `onUnreadable`: an edit or a cart that cannot be read; it is left out. */
  constructor(onUnreadable: (problem: string) => void) {
    this.#onUnreadable = onUnreadable;
  }

  /** Those that can be read. */
  values(): IterableIterator<DeskCart> {
    return this.#carts.values();
  }

  get(id: string): DeskCart | undefined {
    return this.#carts.get(id);
  }

  /** Takes edits in, in any order and any number of times; gives the carts that came of them. */
  read(entries: readonly Uint8Array[]): DeskCart[] {
    const touched = new Set<string>();
    for (const bytes of entries) {
      const hash = hashOfEntry(bytes);
      if (this.#told.has(hash)) continue;
      this.#told.add(hash);
      const record = readDeskRecord(editOf(bytes), hash);
      if (!record) {
        this.#onUnreadable('not an edit of a cart');
        continue;
      }
      const { cart } = record.envelope;
      touched.add(cart);
      const edits = this.#edits.get(cart);
      if (edits) edits.push(record);
      else this.#edits.set(cart, [record]);
    }
    return [...touched].flatMap((id) => this.#fold(id) ?? []);
  }

  #fold(id: string): DeskCart | undefined {
    const folded = foldCart(this.#edits.get(id) ?? []);
    if (folded.kind === 'unreadable') this.#onUnreadable(`cart ${id}: ${folded.problem}`);
    if (folded.kind === 'cart') {
      this.#carts.set(id, folded.cart);
      return folded.cart;
    }
    this.#carts.delete(id);
    return undefined;
  }
}
