/** The cart of a till in memory, for tests of the screens: priced and paid by the domain's own rules. */
import type { MoneyDocument } from '../domain/bodies.ts';
import { cashRoundingMinor } from '../domain/cash-rounding.ts';
import type { Command, ItemLine } from '../domain/commands.ts';
import { priceItems } from '../domain/decide-sale.ts';
import type { Approvals, Decision } from '../domain/decision.ts';
import { isPlainLine } from '../domain/desk-cart.ts';
import { limits } from '../domain/limits.ts';
import { TillmeshError } from '../domain/errors.ts';
import { barcodeKey } from '../domain/gtin.ts';
import type { Sku } from '../domain/ids.ts';
import { sumExact } from '../domain/money.ts';
import type { Product } from '../domain/product.ts';
import { refusal, refused, type Outcome } from '../domain/refusals.ts';
import type { SampleTill } from '../domain/sample-till.ts';
import type { StoreSettings } from '../domain/settings.ts';
import { fakeOperators } from './fake-people.ts';
import type {
  CartAnswer,
  CartChange,
  CartLineView,
  CartServices,
  CartView,
  Paid,
  StoreCart,
  TenderGiven,
} from './till-services.ts';

type Line = ItemLine & {
  readonly id: string;
  readonly removed?: boolean;
  /** Operator id. */
  readonly approvedBy?: string;
};
type Changed = { readonly lines: readonly Line[]; readonly line?: string };

export type FakeCart = CartServices & {
  /** A release without this product: what is in the cart of it cannot be sold any more. */
  withdraw(sku: Sku): void;
  /** The parked cart is one that stood open at a till that is gone. */
  leave(cart: string, terminal: string): void;
};

export function fakeCart(parts: {
  readonly till: SampleTill;
  readonly products: readonly Product[];
  readonly settings: StoreSettings;
  readonly run: (command: Command, approvals: Approvals) => Decision;
}): FakeCart {
  const { till, products, settings, run } = parts;
  const bySku = new Map(products.map((product) => [product.sku, product]));
  /** What was in each cart that is paid: a second press pays the same again. */
  const paid = new Map<string, readonly Line[]>();
  let cartNumber = 1;
  let lines: readonly Line[] = [];
  /** Adds that raised another line, by their id: sent twice, they count once. */
  const absorbed = new Map<string, string>();
  const withdrawn = new Set<Sku>();
  /** The newest first. */
  let parked: readonly (StoreCart & { readonly held: readonly Line[] })[] = [];

  const live = (): readonly Line[] => lines.filter((line) => line.removed !== true);
  function asItem(line: Line): ItemLine {
    const { id: _, removed: __, approvedBy: ___, ...item } = line;
    return item;
  }

  function view(): CartView {
    const all = live();
    const shown = all.filter(({ sku }) => !withdrawn.has(sku));
    // Whatever is in the cart was allowed when it came in.
    const priced = priceItems(till, shown.map(asItem), { roles: ['manager'] }, 0);
    if (!priced.ok) throw new TillmeshError('INVARIANT', priced.refusal.message);
    const { totalMinor, taxes } = priced.value;
    return {
      cart: `cart-${cartNumber}`,
      currency: settings.currency,
      lines: withWithdrawn(
        all,
        shown,
        priced.value.lines.map((line, n) => {
          const { sku, name, quantityMilli, unitPriceE4, amountMinor } = line;
          return {
            id: shown[n]?.id ?? '',
            sku,
            name,
            quantityMilli,
            weighed: bySku.get(sku)?.weighed === true,
            unitPriceE4,
            amountMinor,
            ...(line.discountMinor !== undefined && { discountMinor: line.discountMinor }),
            ...(line.batch !== undefined && { batch: line.batch }),
            ...(line.override !== undefined && { override: line.override }),
            ...nameOfApprover(shown[n]?.approvedBy),
          };
        }),
      ),
      taxes: taxes.map((tax) => ({ ...tax, name: settings.taxes[tax.rate]?.name ?? tax.rate })),
      netMinor: totalMinor - sumExact(taxes.map((tax) => tax.taxMinor)),
      totalMinor,
      cashDueMinor: totalMinor + cashRoundingMinor(totalMinor, settings.cashRounding),
      tenders: settings.tenders ?? ['cash', 'card'],
      ...(parked.length > 0 && { others: parked.length }),
      ...(settings.cashRounding && { cashRounding: settings.cashRounding }),
    };
  }

  /** In the order of the cart; what left the catalogue costs nothing and says why. */
  function withWithdrawn(
    all: readonly Line[],
    shown: readonly Line[],
    priced: readonly CartLineView[],
  ): CartLineView[] {
    return all.map((line) => {
      const good = priced[shown.indexOf(line)];
      if (good) return good;
      const { id, sku, quantityMilli } = line;
      const product = bySku.get(sku);
      const problem = refusal('PRODUCT_UNKNOWN', sku);
      const name = product?.names ?? sku;
      const weighed = product?.weighed === true;
      return { id, sku, name, quantityMilli, weighed, unitPriceE4: 0, amountMinor: 0, problem };
    });
  }

  function nameOfApprover(id: string | undefined): { approvedBy?: string } {
    const operator = fakeOperators.find((one) => one.id === id);
    return operator ? { approvedBy: operator.name } : {};
  }

  function change(asked: CartChange, by: string): Outcome<Changed> {
    const roles = till.operator(by)?.roles ?? [];
    const next = changed(asked);
    if (!next.ok) return next;
    const line = next.value.lines.find(({ id }) => id === next.value.line);
    if (line === undefined || line.removed === true) return next;
    if (line.quantityMilli > limits.cartLineMilli) return refused('QUANTITY_TOO_LARGE');
    const priced = priceItems(till, [asItem(line)], { roles }, 0);
    if (!priced.ok)
      return asked.kind === 'restore' && line.approvedBy !== undefined ? next : priced;
    const isPlain = priceItems(till, [asItem(line)], { roles: ['cashier'] }, 0).ok;
    const { approvedBy: _, ...rest } = line;
    const judged = isPlain ? rest : { ...rest, approvedBy: by };
    const { lines: all } = next.value;
    return {
      ok: true,
      value: { ...next.value, lines: all.map((one) => (one === line ? judged : one)) },
    };
  }

  function changed(asked: CartChange): Outcome<Changed> {
    const done = (value: Changed): Outcome<Changed> => ({ ok: true, value });
    const edit = (id: string, more: Partial<Line>): Outcome<Changed> =>
      lines.some((line) => line.id === id)
        ? done({
            lines: lines.map((line) => (line.id === id ? { ...line, ...more } : line)),
            line: id,
          })
        : refused('CART_LINE_UNKNOWN');
    const add = (id: string, sku: Sku, quantityMilli: number): Outcome<Changed> => {
      const known = absorbed.get(id) ?? lines.find((line) => line.id === id)?.id;
      if (known !== undefined) return done({ lines, line: known });
      const same = bySku.get(sku)?.weighed
        ? undefined
        : live().findLast((line) => line.sku === sku && isPlainLine(line));
      if (!same) return done({ lines: [...lines, { id, sku, quantityMilli }], line: id });
      absorbed.set(id, same.id);
      return edit(same.id, { quantityMilli: same.quantityMilli + quantityMilli });
    };
    switch (asked.kind) {
      case 'add':
        return bySku.has(asked.sku)
          ? add(asked.line, asked.sku, asked.quantityMilli)
          : refused('PRODUCT_UNKNOWN', asked.sku);
      case 'scan': {
        const sku = find(asked.code);
        return sku
          ? add(asked.line, sku, asked.quantityMilli)
          : refused('PRODUCT_UNKNOWN', asked.code);
      }
      case 'quantity':
        return edit(asked.line, { quantityMilli: asked.quantityMilli });
      case 'price':
        return edit(asked.line, { unitPriceE4: asked.unitPriceE4, override: asked.override });
      case 'discount':
        return edit(asked.line, { discountMinor: asked.discountMinor });
      case 'remove':
        return edit(asked.line, { removed: true });
      case 'restore':
        return edit(asked.line, { removed: false });
      case 'clear':
        return done({ lines: lines.map((line) => ({ ...line, removed: true })) });
    }
  }

  function find(code: string): Sku | undefined {
    const key = barcodeKey(code);
    return products.find(
      ({ sku, barcodes }) => sku === code || barcodes.some((own) => barcodeKey(own) === key),
    )?.sku;
  }

  function pay(
    by: string,
    cart: string,
    totalMinor: number,
    tenders: readonly TenderGiven[],
  ): Paid {
    if (!paid.has(cart)) {
      if (cart !== `cart-${cartNumber}`) return { outcome: 'refused', ...refusal('CART_NOT_HERE') };
      if (live().length === 0) return { outcome: 'refused', ...refusal('CART_EMPTY') };
      const gone = live().find(({ sku }) => withdrawn.has(sku));
      if (gone) return { outcome: 'refused', ...refusal('PRODUCT_UNKNOWN', gone.sku) };
      if (view().totalMinor !== totalMinor) {
        return { outcome: 'refused', ...refusal('CART_CHANGED') };
      }
    }
    const goods = paid.get(cart) ?? live();
    const decision = run(
      {
        kind: 'CompleteSale',
        command: `pay-${cart}`,
        by,
        lines: goods.map(asItem),
        tenders: tenders.map((tender) => ({ ...tender })),
      },
      goods.map(({ approvedBy }) => approvedBy),
    );
    if (decision.kind === 'refused') return { outcome: 'refused', ...decision.refusal };
    const seq = decision.kind === 'repeated' ? decision.seq : till.recorded.length;
    const body = till.recorded[seq - 1]?.body as MoneyDocument;
    if (decision.kind === 'record') {
      paid.set(cart, live());
      lines = [];
      absorbed.clear();
      cartNumber += 1;
    }
    return {
      outcome: decision.kind === 'record' ? 'done' : 'repeated',
      number: body.number,
      key: { journal: till.journal, seq },
      totalMinor: body.totalMinor,
      changeMinor: sumExact(body.tenders.map((tender) => tender.changeMinor ?? 0)),
      currency: body.currency,
      cart: view(),
    };
  }

  function park(by: string, cart: string): CartAnswer {
    if (cart !== `cart-${cartNumber}`) return { outcome: 'refused', ...refusal('CART_NOT_HERE') };
    const { lines: shown, totalMinor, currency } = view();
    if (shown.length === 0) return { outcome: 'refused', ...refusal('CART_EMPTY') };
    const kept = {
      cart,
      state: 'parked',
      terminal: till.terminal,
      operator: fakeOperators.find(({ id }) => id === by)?.name ?? by,
      changedMs: 1_795_000_000_000,
      goods: shown.slice(0, 3).map(({ name }) => name),
      lines: shown.length,
      totalMinor,
      currency,
      mayRecall: true,
      held: live(),
    } as const;
    parked = [kept, ...parked];
    lines = [];
    cartNumber += 1;
    return { outcome: 'done', cart: view() };
  }

  function recall(by: string, cart: string): CartAnswer {
    const found = parked.find((one) => one.cart === cart);
    if (!found) return { outcome: 'refused', ...refusal('CART_NOT_HERE') };
    if (live().length > 0) return { outcome: 'refused', ...refusal('CART_NOT_EMPTY') };
    if (found.state === 'left' && by === 'ann')
      return { outcome: 'refused', ...refusal('TAKE_OVER_NOT_PERMITTED') };
    parked = parked.filter((one) => one !== found);
    lines = found.held;
    cartNumber += 1;
    return { outcome: 'done', cart: view() };
  }

  return {
    storeCarts: (by) =>
      Promise.resolve(
        parked.map((one) => ({
          ...one,
          held: undefined,
          mayRecall: one.state === 'parked' || by !== 'ann',
        })),
      ),
    parkCart: (...asked) => Promise.resolve(park(...asked)),
    recallCart: (...asked) => Promise.resolve(recall(...asked)),
    leave(cart, terminal) {
      parked = parked.map((one) => (one.cart === cart ? { ...one, state: 'left', terminal } : one));
    },
    cart: () => Promise.resolve(view()),
    changeCart(by, asked, approver = by): Promise<CartAnswer> {
      const next = change(asked, approver);
      if (!next.ok) return Promise.resolve({ outcome: 'refused', ...next.refusal });
      lines = next.value.lines;
      const { line } = next.value;
      const added = (asked.kind === 'add' || asked.kind === 'scan') && line !== undefined;
      return Promise.resolve({ outcome: 'done', cart: view(), ...(added && { line }) });
    },
    pay: (...asked) => Promise.resolve(pay(...asked)),
    withdraw: (sku) => {
      withdrawn.add(sku);
    },
  };
}
