/**
 * What the lines of a cart cost today, by the code that charges them (P9). A line that cannot be sold any more is shown
 * with its cause and costs nothing: a new release must never hide a cart from the cashier. Pure.
 */
import { cartLine } from '../domain/cart-line.ts';
import { priceCart, type CartLine, type PricedCart } from '../domain/cart.ts';
import type { ItemLine } from '../domain/commands.ts';
import type { DecisionState, Operator } from '../domain/decision.ts';
import type { HeldLine } from '../domain/desk-cart.ts';
import { TillmeshError } from '../domain/errors.ts';
import { priceAt, type Product } from '../domain/product.ts';
import type { Outcome, Refusal } from '../domain/refusals.ts';
import type { CartLineView } from '../host/till-services.ts';

/** What of a till's state has to do with goods and prices. */
export type Shop = Pick<DecisionState, 'store' | 'businessDay' | 'settings' | 'product'>;

export type HeldItem = { readonly id: string; readonly line: HeldLine };

export type PricedLines = {
  readonly lines: readonly CartLineView[];
  readonly taxes: PricedCart['taxes'];
  readonly totalMinor: number;
  /** Of the first line that cannot be sold as it is. */
  readonly problem?: Refusal;
};

/** A held line as a sale's command says it. */
export function itemOf(line: HeldLine): ItemLine {
  const { sku, quantityMilli, unitPriceE4, override, discountMinor, batch } = line;
  return {
    sku,
    quantityMilli,
    ...(unitPriceE4 !== undefined && { unitPriceE4 }),
    ...(override !== undefined && { override }),
    ...(discountMinor !== undefined && { discountMinor }),
    ...(batch !== undefined && { batch }),
  };
}

/** Whether this operator may sell this line, and what the catalogue makes of it. */
export const lineFor = (
  { store, businessDay, settings, product }: Shop,
  line: HeldLine,
  operator: Operator,
): Outcome<CartLine> =>
  cartLine(itemOf(line), product(line.sku), { store, businessDay, settings, operator });

// Who pays is judged when he pays; what is in the cart was allowed when it came in.
export const anyone: Operator = { roles: ['manager'] };

type Judged = HeldItem & { readonly line: HeldLine; outcome: Outcome<CartLine> };

export function priceHeld(shop: Shop, held: readonly HeldItem[]): PricedLines {
  const judged = held.map((item): Judged => ({
    ...item,
    outcome: lineFor(shop, item.line, anyone),
  }));
  const whole = priceGood(shop, judged);
  let next = 0;
  const lines = judged.map(({ id, line, outcome }): CartLineView => {
    const product = shop.product(line.sku);
    const priced = outcome.ok ? whole.lines[next++] : undefined;
    const { discountMinor, batch } = line;
    const override = outcome.ok ? priced?.override : line.override;
    return {
      id,
      sku: line.sku,
      name: product?.names ?? line.sku,
      quantityMilli: line.quantityMilli,
      weighed: product?.weighed === true,
      unitPriceE4: priced?.unitPriceE4 ?? line.unitPriceE4 ?? listed(shop, product) ?? 0,
      amountMinor: priced?.amountMinor ?? 0,
      ...(discountMinor !== undefined && discountMinor > 0 && { discountMinor }),
      ...(batch !== undefined && { batch }),
      ...(override !== undefined && { override }),
      ...(line.approvedBy !== undefined && { approvedBy: line.approvedBy }),
      ...(!outcome.ok && { problem: outcome.refusal }),
    };
  });
  const problem = lines.find((line) => line.problem)?.problem as Refusal | undefined;
  const { taxes, totalMinor } = whole;
  return { lines, taxes, totalMinor, ...(problem && { problem }) };
}

/** Prices the lines that can be sold; those that a document cannot hold become lines with a problem. */
function priceGood(shop: Shop, judged: readonly Judged[]): PricedCart {
  const priced = (good: readonly Good[]) =>
    priceCart(
      good.map(({ line }) => line),
      shop.settings,
    );
  const good = judged.flatMap((one): Good[] =>
    one.outcome.ok ? [{ one, line: one.outcome.value }] : [],
  );
  const whole = priced(good);
  if (whole.ok) return whole.value;
  const fitting = good.filter((each) => {
    const alone = priced([each]);
    if (!alone.ok) each.one.outcome = alone;
    return alone.ok;
  });
  // Too much together: the last that came are too many. Halving, because another till may have parked 8,000 lines.
  let [fits, tooMany] = [0, fitting.length + 1];
  while (tooMany - fits > 1) {
    const half = Math.floor((fits + tooMany) / 2);
    if (priced(fitting.slice(0, half)).ok) fits = half;
    else tooMany = half;
  }
  const kept = priced(fitting.slice(0, fits));
  if (!kept.ok) throw new TillmeshError('INVARIANT', `${fits} lines that fitted`);
  for (const { one } of fitting.slice(fits)) one.outcome = whole;
  return kept.value;
}

type Good = { readonly one: Judged; readonly line: CartLine };

const listed = ({ store, businessDay }: Shop, product: Product | undefined): number | undefined =>
  product && priceAt(product, store, businessDay);
