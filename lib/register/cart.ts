/**
 * The cart of this till: it lives in the store's desk, is priced as it would be charged now, and is paid by one command
 * that its id makes. Each answer to a change is on disk, so a till that was killed shows the cart that was shown before.
 */
import { TillmeshError } from '../domain/errors.ts';
import { cashRoundingMinor } from '../domain/cash-rounding.ts';
import { linesOf, payCommandOf, type DeskCart, type DeskLine } from '../domain/desk-cart.ts';
import type { Approvals } from '../domain/decision.ts';
import type { MoneyDocument } from '../domain/bodies.ts';
import type { Sku } from '../domain/ids.ts';
import { sumExact } from '../domain/money.ts';
import { may, type Permission } from '../domain/operator.ts';
import type { Product } from '../domain/product.ts';
import { refusal, type RefusalCode } from '../domain/refusals.ts';
import type { CommandOutcome } from '../host/services.ts';
import type {
  CartAnswer,
  CartChange,
  CartLineView,
  CartServices,
  CartView,
  Paid,
  Refused,
  StoreCart,
  TenderGiven,
} from '../host/till-services.ts';
import type { Replica } from '../replica/replica.ts';
import { cartActs } from './cart-acts.ts';
import { changeHeld } from './cart-change.ts';
import { itemOf, priceHeld } from './cart-prices.ts';
import { OpenCart } from './open-cart.ts';
import { missingPermission } from './refusal-journal.ts';
import type { Register } from './register.ts';
import type { ScanShop } from './scanned.ts';
import { changedMs, openCarts, refusalOf } from './store-carts.ts';

export type TillCartParts = {
  readonly register: Register;
  /** Carries a command out and counts it. */
  readonly execute: (command: unknown, approvals: Approvals) => CommandOutcome;
  /** A change that this operator may not make. */
  readonly onRefused?: (by: string, permission: Permission) => void;
  /** What went wrong beside the sale, which stands. */
  readonly onProblem: (error: unknown) => void;
};

/** So many goods say whose cart it is, to whoever looks for one. */
const goodsNamed = 3;

export class TillCart implements CartServices {
  readonly #register: Register;
  readonly #execute: TillCartParts['execute'];
  readonly #onProblem: TillCartParts['onProblem'];
  readonly #onRefused: Required<TillCartParts>['onRefused'];
  readonly #carts: OpenCart;

  constructor({ register, execute, onProblem, onRefused }: TillCartParts) {
    this.#register = register;
    this.#carts = new OpenCart(register);
    this.#execute = execute;
    this.#onProblem = onProblem;
    this.#onRefused = onRefused ?? (() => undefined);
  }

  async cart(_by: string): Promise<CartView> {
    const replica = await this.#ready();
    const shown = this.#view(replica, this.#carts.find(replica));
    await this.#save(replica);
    return shown;
  }

  async changeCart(by: string, asked: CartChange, approver = by): Promise<CartAnswer> {
    const replica = await this.#ready();
    if (this.#register.revocation) return no('TERMINAL_REVOKED');
    const { decisionState } = this.#register;
    if (!decisionState.operator(by)) return no('OPERATOR_UNKNOWN', by);
    const operator = decisionState.operator(approver);
    if (!operator) return no('OPERATOR_UNKNOWN', approver);
    const isComing = asked.kind === 'add' || asked.kind === 'scan';
    const cart = isComing ? this.#carts.forGoods(replica) : this.#carts.find(replica);
    const changed = changeHeld(
      this.#shop(),
      { id: approver, operator },
      cart?.lines ?? new Map(),
      asked,
    );
    if (!changed.ok) {
      const permission = missingPermission(asked, changed.refusal);
      if (permission) this.#onRefused(approver, permission);
      return { outcome: 'refused', ...changed.refusal };
    }
    const { lines, line } = changed.value;
    if (cart) this.#trace(by, asked.kind, cart, lines);
    this.#carts.write(replica, cart, by, lines);
    const shown = this.#view(replica, this.#carts.find(replica));
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
    const open = this.#carts.find(replica);
    if (open?.id !== cart)
      return no(this.#carts.isUntouched(replica, cart) ? 'CART_EMPTY' : 'CART_NOT_HERE');
    const held = linesOf(open);
    if (held.length === 0) return no('CART_EMPTY');
    const priced = priceHeld(this.#shop(), held);
    if (priced.problem) return { outcome: 'refused', ...priced.problem };
    if (priced.totalMinor !== totalMinor) return no('CART_CHANGED');
    const done = this.#execute(
      {
        kind: 'CompleteSale',
        command: payCommandOf(cart),
        by,
        lines: held.map(({ line }) => itemOf(line)),
        tenders,
      },
      held.map(({ line }) => line.approvedBy),
    );
    if (done.outcome === 'refused') return done;
    if (done.outcome === 'invalid')
      throw new TillmeshError('INPUT_INVALID', done.problems.join('; '));
    const paid = this.#paid(replica, cart, done.outcome);
    if (!paid) throw new TillmeshError('INVARIANT', `document ${done.number}`);
    return paid;
  }

  /**
   * First the entry, then the desk: whoever pulls the plug between the two has a cart that is still there and an entry
   * that says what was asked for; asked for again, it is the same entry. A fault of the trace stops no sale.
   */
  #trace(
    by: string,
    kind: CartChange['kind'],
    cart: DeskCart,
    changed: Readonly<Record<string, DeskLine>>,
  ): void {
    if (kind === 'add' || kind === 'scan' || Object.keys(changed).length === 0) return;
    const after = { lines: new Map([...cart.lines, ...Object.entries(changed)]) };
    const pricedOf = (held: Pick<DeskCart, 'lines'>) =>
      priceHeld(this.#shop(), linesOf(held)).lines;
    try {
      const acts = cartActs(cart.id, cart.edits, kind, pricedOf(cart), pricedOf(after));
      for (const act of acts) {
        const done = this.#execute({ ...act, by }, []);
        if ('number' in done) continue;
        const why = done.outcome === 'refused' ? done.message : done.problems.join('; ');
        this.#onProblem(new TillmeshError('COMMAND_REFUSED', why));
      }
    } catch (error) {
      this.#onProblem(error);
    }
  }

  /** Parked carts of the store, and what stood open at tills that are gone. */
  async storeCarts(by: string): Promise<readonly StoreCart[]> {
    const replica = await this.#ready();
    const { decisionState, org } = this.#register;
    const operator = decisionState.operator(by) ?? { roles: [] };
    const shop = this.#shop();
    return openCarts(replica, this.#carts).map(({ cart, isGone }) => {
      const lines = linesOf(cart);
      const { totalMinor, lines: priced } = priceHeld(shop, lines);
      return {
        cart: cart.id,
        state: isGone ? 'left' : 'parked',
        terminal: cart.terminal,
        operator: org.operator(cart.operator)?.name ?? cart.operator,
        changedMs: changedMs(cart),
        goods: priced.slice(0, goodsNamed).map(({ name }) => name),
        lines: lines.length,
        totalMinor,
        currency: decisionState.settings.currency,
        mayRecall: !isGone || may(operator, 'takeOverCart'),
      };
    });
  }

  async parkCart(by: string, cart: string): Promise<CartAnswer> {
    const replica = await this.#ready();
    if (this.#register.revocation) return no('TERMINAL_REVOKED');
    if (!this.#register.decisionState.operator(by)) return no('OPERATOR_UNKNOWN', by);
    const open = this.#carts.find(replica);
    // Sent twice: it is parked by now, and what is open is another one.
    if (open?.id === cart) {
      if (linesOf(open).length === 0) return no('CART_EMPTY');
      this.#carts.park(replica, open, by);
    } else if (replica.desks.cart(cart)?.state !== 'parked') return no('CART_NOT_HERE');
    return this.#answer(replica);
  }

  async recallCart(by: string, cart: string): Promise<CartAnswer> {
    const replica = await this.#ready();
    if (this.#register.revocation) return no('TERMINAL_REVOKED');
    const operator = this.#register.decisionState.operator(by);
    if (!operator) return no('OPERATOR_UNKNOWN', by);
    const open = this.#carts.find(replica);
    if (open?.id === cart) return this.#answer(replica);
    if (open && linesOf(open).length > 0) return no('CART_NOT_EMPTY');
    const refused = refusalOf(replica, this.#carts, cart, operator);
    if (refused) return no(refused);
    const wanted = replica.desks.cart(cart);
    if (!wanted) return no('CART_NOT_HERE');
    this.#carts.recall(replica, wanted, by);
    return this.#answer(replica);
  }

  async #answer(replica: Replica): Promise<CartAnswer> {
    const shown = this.#view(replica, this.#carts.find(replica));
    await this.#save(replica);
    return { outcome: 'done', cart: shown };
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

  #view(replica: Replica, cart: DeskCart | undefined): CartView {
    const { settings } = this.#register.decisionState;
    const priced = priceHeld(this.#shop(), cart ? linesOf(cart) : []);
    const { totalMinor, taxes, lines } = priced;
    const others = openCarts(replica, this.#carts).length;
    return {
      cart: cart?.id ?? this.#carts.freshId(replica),
      currency: settings.currency,
      lines: lines.map((line) => this.#named(line)),
      taxes: taxes.map((tax) => ({ ...tax, name: settings.taxes[tax.rate]?.name ?? tax.rate })),
      netMinor: totalMinor - sumExact(taxes.map((tax) => tax.taxMinor)),
      totalMinor,
      cashDueMinor: totalMinor + cashRoundingMinor(totalMinor, settings.cashRounding),
      ...(settings.cashRounding && { cashRounding: settings.cashRounding }),
      tenders: tendersOf(settings.tenders),
      ...(others > 0 && { others }),
    };
  }

  /** An approver who has left the list is shown by his id, and the line is refused when it is paid. */
  #named({ approvedBy, ...line }: CartLineView): CartLineView {
    if (approvedBy === undefined) return line;
    return { ...line, approvedBy: this.#register.org.operator(approvedBy)?.name ?? approvedBy };
  }

  /** The sale that this cart became, on this till or on another one that is known here; the cart is closed by then. */
  #paid(replica: Replica, cart: string, outcome: 'done' | 'repeated'): Paid | undefined {
    const sale = this.#carts.saleOf(cart);
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
      return this.#view(replica, this.#carts.find(replica));
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
