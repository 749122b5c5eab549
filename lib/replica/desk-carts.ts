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
  /** The latest key among a cart's edits. */
  readonly #lastKeys = new Map<string, string>();
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
    const touched = new Map<string, DeskRecord[]>();
    for (const bytes of entries) {
      const hash = hashOfEntry(bytes);
      if (this.#told.has(hash)) continue;
      this.#told.add(hash);
      const record = readDeskRecord(editOf(bytes), hash);
      if (!record) {
        this.#onUnreadable('not an edit of a cart');
        continue;
      }
      addTo(touched, record);
      addTo(this.#edits, record);
    }
    return [...touched].flatMap(([id, fresh]) => this.#fold(id, fresh) ?? []);
  }

  /** From what there is, where all that is new is younger: a cart of many edits would cost more with each. */
  #fold(id: string, fresh: readonly DeskRecord[]): DeskCart | undefined {
    const last = this.#lastKeys.get(id) ?? '';
    const before = fresh.every(({ key }) => key > last) ? this.#carts.get(id) : undefined;
    const folded = foldCart(before ? fresh : (this.#edits.get(id) ?? []), before);
    this.#lastKeys.set(
      id,
      fresh.reduce((most, { key }) => (key > most ? key : most), last),
    );
    if (folded.kind === 'unreadable') this.#onUnreadable(`cart ${id}: ${folded.problem}`);
    if (folded.kind === 'cart') {
      this.#carts.set(id, folded.cart);
      return folded.cart;
    }
    this.#carts.delete(id);
    return undefined;
  }
}

function addTo(edits: Map<string, DeskRecord[]>, record: DeskRecord): void {
  const { cart } = record.envelope;
  const others = edits.get(cart);
  if (others) others.push(record);
  else edits.set(cart, [record]);
}
