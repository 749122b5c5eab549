/**
 * The cart of this till: it lives in the store's desk, is priced as it would be charged now, and is paid by one command
 * that its id makes. Each answer to a change is on disk, so a till that was killed shows the cart that was shown before.
 */
import { TillmeshError } from '../domain/errors.ts';
import { cashRoundingMinor } from '../domain/cash-rounding.ts';
import {
  linesOf,
  payCommandOf,
  type DeskCart,
  type DeskContents,
  type DeskLine,
} from '../domain/desk-cart.ts';
import type { MoneyDocument } from '../domain/bodies.ts';
import type { Sku } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { sumExact } from '../domain/money.ts';
import type { Product } from '../domain/product.ts';
import { refusal, type RefusalCode } from '../domain/refusals.ts';
import type { CommandOutcome } from '../host/services.ts';
import type {
  CartAnswer,
  CartChange,
  CartServices,
  CartView,
  Paid,
  Refused,
  TenderGiven,
} from '../host/till-services.ts';
import type { Replica } from '../replica/replica.ts';
import { changeHeld } from './cart-change.ts';
import { itemOf, priceHeld } from './cart-prices.ts';
import type { Register } from './register.ts';
import type { ScanShop } from './scanned.ts';

export type TillCartParts = {
  readonly register: Register;
  /** Carries a command out and counts it. */
  readonly execute: (command: unknown) => CommandOutcome;
  /** What went wrong beside the sale, which stands. */
  readonly onProblem: (error: unknown) => void;
};

/** Lines of one edit: the rest of `limits.deskChangeBytes` is the writer's chain and signature. */
const editBytes = 4 * 1024;

export class TillCart implements CartServices {
  readonly #register: Register;
  readonly #execute: TillCartParts['execute'];
  readonly #onProblem: TillCartParts['onProblem'];
  /** Id of the next cart, which is written with its first line. */
  #fresh: string | undefined;
  /** The cart that was shown last. */
  #shown: string | undefined;

  constructor({ register, execute, onProblem }: TillCartParts) {
    this.#register = register;
    this.#execute = execute;
    this.#onProblem = onProblem;
  }

  async cart(_by: string): Promise<CartView> {
    const replica = await this.#ready();
    const shown = this.#view(replica, this.#open(replica));
    await this.#save(replica);
    return shown;
  }

  async changeCart(by: string, asked: CartChange): Promise<CartAnswer> {
    const replica = await this.#ready();
    const operator = this.#register.decisionState.operator(by);
    if (!operator) return no('OPERATOR_UNKNOWN', by);
    const cart = this.#withRoom(replica, this.#open(replica));
    const changed = changeHeld(this.#shop(), operator, cart?.lines ?? new Map(), asked);
    if (!changed.ok) return { outcome: 'refused', ...changed.refusal };
    const { lines, line } = changed.value;
    const id = cart?.id ?? this.#freshId(replica);
    for (const part of partsOf(lines)) {
      const isNew = replica.desks.cart(id) === undefined;
      replica.desks.write({ cart: id, by, ...(isNew && { state: 'open' }), lines: part });
    }
    const shown = this.#view(replica, this.#open(replica));
    await this.#save(replica);
    return { outcome: 'done', cart: shown, ...(line !== undefined && { line }) };
  }

  async pay(
    by: string,
    cart: string,
    totalMinor: number,
    tenders: readonly TenderGiven[],
  ): Promise<Paid> {
    const replica = await this.#ready();
    // First of all: a desk that lost its last edits must not make other goods of a sale that is recorded.
    const before = this.#paid(replica, cart, 'repeated');
    if (before) return before;
    const open = this.#open(replica);
    const isNew = cart === this.#fresh && replica.desks.cart(cart) === undefined;
    if (open?.id !== cart) return no(isNew ? 'CART_EMPTY' : 'CART_NOT_HERE');
    const held = linesOf(open);
    if (held.length === 0) return no('CART_EMPTY');
    const priced = priceHeld(this.#shop(), held);
    if (priced.problem) return { outcome: 'refused', ...priced.problem };
    if (priced.totalMinor !== totalMinor) return no('CART_CHANGED');
    const done = this.#execute({
      kind: 'CompleteSale',
      command: payCommandOf(cart),
      by,
      lines: held.map(({ line }) => itemOf(line)),
      tenders,
    });
    if (done.outcome === 'refused') return done;
    if (done.outcome === 'invalid')
      throw new TillmeshError('INPUT_INVALID', done.problems.join('; '));
    const paid = this.#paid(replica, cart, done.outcome);
    if (!paid) throw new TillmeshError('INVARIANT', `document ${done.number}`);
    return paid;
  }

  /** The desk is open, and it is that of the life that goes on. */
  async #ready(): Promise<Replica> {
    const { replica } = this.#register;
    await replica.desks.begin();
    if (this.#register.replica !== replica) throw new TillmeshError('BEGINNING_ANEW');
    return replica;
  }

  /** A full disk keeps the edits in memory: selling goes on. */
  async #save(replica: Replica): Promise<void> {
    try {
      await replica.desks.save();
    } catch (error) {
      this.#onProblem(error);
    }
  }

  #shop(): ScanShop {
    const { decisionState, models } = this.#register;
    const { store, businessDay, settings } = decisionState;
    // A cart asks for each of its products some times.
    const seen = new Map<Sku, Product | undefined>();
    return {
      store,
      businessDay,
      settings,
      product(sku) {
        if (!seen.has(sku)) seen.set(sku, models.product(sku));
        return seen.get(sku);
      },
      byBarcode: (code) => models.productsByBarcode(code),
    };
  }

  /**
   * The open cart of this till. There is one; where a restart or a lost file left more, what was paid is closed and
   * the others are parked: neither gone, nor suddenly under the next customer's goods.
   */
  #open(replica: Replica): DeskCart | undefined {
    const { desks, me } = replica;
    const open = [...desks.carts()].filter(
      ({ terminal, state }) => terminal === me.identity.terminal && state === 'open',
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

  /** Closes a cart whose sale is recorded, by whichever till: the edit that said so was lost, or is on its way. */
  #closePaid(replica: Replica, cart: DeskCart): boolean {
    const sale = this.#saleOf(cart.id);
    if (sale) this.#set(replica, cart, { state: 'paid', number: sale.number });
    return sale !== undefined;
  }

  #saleOf(cart: string) {
    const document = this.#register.models.commandSeen(payCommandOf(cart));
    return document?.type === 'SaleCompleted' ? document : undefined;
  }

  #set(replica: Replica, { id, operator }: DeskCart, contents: DeskContents): void {
    replica.desks.write({ cart: id, by: operator, ...contents });
  }

  /** An empty cart that is full of what was removed from it makes room for a new one. */
  #withRoom(replica: Replica, cart: DeskCart | undefined): DeskCart | undefined {
    if (!cart || cart.lines.size < limits.cartRecords || linesOf(cart).length > 0) return cart;
    this.#set(replica, cart, { state: 'cleared' });
    return undefined;
  }

  #freshId(replica: Replica): string {
    this.#fresh ??= replica.desks.newCartId();
    // Written by now: the next cart is another one.
    if (replica.desks.cart(this.#fresh)) this.#fresh = replica.desks.newCartId();
    return this.#fresh;
  }

  #view(replica: Replica, cart: DeskCart | undefined): CartView {
    const { settings } = this.#register.decisionState;
    const priced = priceHeld(this.#shop(), cart ? linesOf(cart) : []);
    const { totalMinor, taxes, lines } = priced;
    return {
      cart: cart?.id ?? this.#freshId(replica),
      currency: settings.currency,
      lines,
      taxes: taxes.map((tax) => ({ ...tax, name: settings.taxes[tax.rate]?.name ?? tax.rate })),
      netMinor: totalMinor - sumExact(taxes.map((tax) => tax.taxMinor)),
      totalMinor,
      cashDueMinor: totalMinor + cashRoundingMinor(totalMinor, settings.cashRounding),
      ...(settings.cashRounding && { cashRounding: settings.cashRounding }),
      tenders: tendersOf(settings.tenders),
    };
  }

  /** The sale that this cart became, on this till or on another one that is known here; the cart is closed by then. */
  #paid(replica: Replica, cart: string, outcome: 'done' | 'repeated'): Paid | undefined {
    const sale = this.#saleOf(cart);
    if (!sale) return undefined;
    const body = sale.body as MoneyDocument;
    return {
      outcome,
      number: sale.number,
      key: { journal: sale.journal, seq: sale.seq },
      totalMinor: body.totalMinor,
      changeMinor: sumExact(body.tenders.map((tender) => tender.changeMinor ?? 0)),
      currency: body.currency,
      cart: this.#next(replica),
    };
  }

  /** The cart after a sale. The sale stands: nothing that goes wrong here may hide it from the cashier. */
  #next(replica: Replica): CartView {
    try {
      return this.#view(replica, this.#open(replica));
    } catch (error) {
      this.#onProblem(error);
      return this.#view(replica, undefined);
    }
  }
}

const no = (code: RefusalCode, about?: string): Refused => ({
  outcome: 'refused',
  ...refusal(code, about),
});

/** `cash` first; where head office named none, what any shop takes. */
function tendersOf(tenders: readonly string[] = ['cash', 'card']): readonly string[] {
  return tenders.toSorted((a, b) => Number(b === 'cash') - Number(a === 'cash'));
}

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
