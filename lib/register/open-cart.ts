/**
 * Which cart of the desk is the open one of this till: there is one at most, what was paid is closed, and an id that may have
 * been paid in a life that was lost is not used for other goods. Prices and commands are not its matter.
 */
import {
  linesOf,
  payCommandOf,
  type DeskCart,
  type DeskContents,
  type DeskLine,
} from '../domain/desk-cart.ts';
import { principalOf } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Replica } from '../replica/replica.ts';
import type { Register } from './register.ts';

/** Lines of one edit: the rest of `limits.deskChangeBytes` is the writer's chain and signature. */
const editBytes = 4 * 1024;

export class OpenCart {
  readonly #register: Register;
  /** Id of the next cart, which is written with its first line. */
  #fresh: string | undefined;
  /** The cart that was shown last. */
  #shown: string | undefined;
  /** Ids that this life made. */
  #own: { readonly replica: Replica; readonly ids: Set<string> } | undefined;

  constructor(register: Register) {
    this.#register = register;
  }

  /**
   * The open cart of this till. There is one; where a restart or a lost file left more, what was paid is closed and
   * the others are parked: neither gone, nor suddenly under the next customer's goods.
   */
  find(replica: Replica): DeskCart | undefined {
    const { desks } = replica;
    const open = [...desks.carts()].filter(
      (cart) => cart.state === 'open' && isOwnCart(replica, cart),
    );
    const unpaid = open.filter((cart) => !this.#closePaid(replica, cart));
    const one =
      unpaid.find(({ id }) => id === this.#shown) ??
      unpaid.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0];
    for (const cart of unpaid) {
      const isEmpty = linesOf(cart).length === 0;
      const isOver = isEmpty && desks.dayOf(cart.id) !== desks.today;
      if (cart === one && !isOver) continue;
      this.#set(replica, cart, { state: isEmpty ? 'cleared' : 'parked' });
    }
    const still = one && desks.cart(one.id)?.state === 'open' ? one : undefined;
    this.#shown = still?.id;
    return still;
  }

  /** The same for goods that come in: an empty cart that cannot take them makes room for a new one. */
  forGoods(replica: Replica): DeskCart | undefined {
    const cart = this.find(replica);
    if (!cart || linesOf(cart).length > 0) return cart;
    const isFull = cart.lines.size >= limits.cartRecords;
    const command = payCommandOf(cart.id);
    // Something else was done by the command that would pay it: no sale can come of it any more.
    const isSpent = this.#register.models.commandSeen(command) !== undefined;
    // Of a life before: its end may be lost here, and a sale of this id with it.
    const isOurs = this.#idsOf(replica).has(cart.id);
    if (!isFull && !isSpent && isOurs && !wasApproved(cart)) return cart;
    this.#set(replica, cart, { state: 'cleared' });
    return undefined;
  }

  /** The id that the next cart will have. */
  freshId(replica: Replica): string {
    const ids = this.#idsOf(replica);
    // Written by now: the next cart is another one. So it is in another life.
    if (this.#fresh === undefined || !ids.has(this.#fresh) || replica.desks.cart(this.#fresh)) {
      this.#fresh = replica.desks.newCartId();
      ids.add(this.#fresh);
    }
    return this.#fresh;
  }

  /** Whether this is the id of a cart that nothing was put into. */
  isUntouched(replica: Replica, cart: string): boolean {
    return cart === this.#fresh && replica.desks.cart(cart) === undefined;
  }

  /** Writes lines into the open cart, or begins it with them. */
  write(
    replica: Replica,
    cart: DeskCart | undefined,
    by: string,
    lines: Readonly<Record<string, DeskLine>>,
  ): void {
    const id = cart?.id ?? this.freshId(replica);
    for (const part of partsOf(lines)) {
      const isNew = replica.desks.cart(id) === undefined;
      replica.desks.write({ cart: id, by, ...(isNew && { state: 'open' }), lines: part });
    }
  }

  /** Puts the open cart away, for any till of the store. */
  park(replica: Replica, { id }: DeskCart, by: string): void {
    replica.desks.write({ cart: id, by, state: 'parked' });
    this.#shown = undefined;
  }

  /** Makes a parked cart, or that of a till that is gone, the open one of this till. An emptied one makes room for it. */
  recall(replica: Replica, { id, state, terminal }: DeskCart, by: string): void {
    const open = this.find(replica);
    if (open) this.#set(replica, open, { state: 'cleared' });
    const taken = state === 'open' && { takes: terminal };
    replica.desks.write({ cart: id, by, state: 'open', ...taken });
    this.#shown = id;
  }

  /** The sale that a cart became, at whichever till. */
  saleOf(cart: string) {
    const document = this.#register.models.commandSeen(payCommandOf(cart));
    return document?.type === 'SaleCompleted' ? document : undefined;
  }

  #idsOf(replica: Replica): Set<string> {
    if (this.#own?.replica !== replica) this.#own = { replica, ids: new Set() };
    return this.#own.ids;
  }

  /** Closes a cart whose sale is recorded, by whichever till: the edit that said so was lost, or is on its way. */
  #closePaid(replica: Replica, cart: DeskCart): boolean {
    const sale = this.saleOf(cart.id);
    if (sale) this.#set(replica, cart, { state: 'paid', number: sale.number });
    return sale !== undefined;
  }

  #set(replica: Replica, { id, operator }: DeskCart, contents: DeskContents): void {
    replica.desks.write({ cart: id, by: operator, ...contents });
  }
}

/** What was allowed for the goods of one customer must not be put back among those of the next. */
const wasApproved = ({ lines }: DeskCart): boolean =>
  [...lines.values()].some((line) => !('into' in line) && line.approvedBy !== undefined);

/** In parts that fit an edit each. */
function* partsOf(
  lines: Readonly<Record<string, DeskLine>>,
): IterableIterator<Record<string, DeskLine>> {
  let part: Record<string, DeskLine> = {};
  let bytes = 0;
  for (const [id, line] of Object.entries(lines)) {
    const size = new TextEncoder().encode(JSON.stringify([id, line])).length;
    if (bytes > 0 && bytes + size > editBytes) {
      yield part;
      part = {};
      bytes = 0;
    }
    part[id] = line;
    bytes += size;
  }
  if (bytes > 0) yield part;
}

/**
 * Whether this till goes on with an open cart by itself: its own, and that of another life of its name, unless that one is
 * linked: two devices with one cart would both sell it. A key that was revoked has no link.
 */
function isOwnCart({ mesh, me }: Replica, { terminal, life }: DeskCart): boolean {
  if (terminal !== me.identity.terminal) return false;
  if (life === undefined || life === me.identity.incarnation) return true;
  return !mesh.peers.includes(principalOf({ ...me.identity, incarnation: life }));
}
