/** A sale: prices of the business day, discounts, taxes, cash rounding, tenders that cover it. */
import { cartLine } from './cart-line.ts';
import { priceCart, type CartLine, type PricedCart } from './cart.ts';
import type { CompleteSale, ItemLine } from './commands.ts';
import type { Approvals, DecisionState, DraftOutcome, Operator } from './decision.ts';
import { may } from './operator.ts';
import { done, refused, type Outcome } from './refusals.ts';
import { settle } from './tenders.ts';

export function decideSale(
  state: DecisionState,
  command: CompleteSale,
  operator: Operator,
  approvals: Approvals = [],
): DraftOutcome {
  const discountMinor = command.discountMinor ?? 0;
  if (discountMinor > 0 && !may(operator, 'giveDiscount')) return refused('DISCOUNT_NOT_PERMITTED');
  const cart = priceItems(state, command.lines, operator, discountMinor, approvals);
  if (!cart.ok) return cart;
  const paid = settle(cart.value.totalMinor, command.tenders, state.settings);
  if (!paid.ok) return paid;
  return done({
    type: 'SaleCompleted',
    body: {
      currency: state.settings.currency,
      ...cart.value,
      ...paid.value,
      ...documentContext(state, command),
    },
  });
}

/** Lines as typed → a priced cart, by the catalogue of the business day. */
export function priceItems(
  state: DecisionState,
  items: readonly ItemLine[],
  operator: Operator,
  discountMinor: number,
  approvals: Approvals = [],
): Outcome<PricedCart> {
  const { store, businessDay, settings } = state;
  const lines: CartLine[] = [];
  for (const [n, item] of items.entries()) {
    const context = { store, businessDay, settings, operator };
    const product = state.product(item.sku);
    const line = cartLine(item, product, context);
    if (line.ok) {
      lines.push(line.value);
      continue;
    }
    // Judged by what the approver may do now: somebody who was taken off the list has allowed nothing.
    const approvedBy = approvals[n];
    const approver = approvedBy === undefined ? undefined : state.operator(approvedBy);
    if (approvedBy === undefined || approver === undefined) return line;
    const allowed = cartLine(item, product, { ...context, operator: approver });
    if (!allowed.ok) return line;
    lines.push({ ...allowed.value, approvedBy });
  }
  return priceCart(lines, settings, discountMinor);
}

/** What a money document says about its circumstances; absent fields stay absent. */
export const documentContext = (
  { release }: DecisionState,
  { customer, external }: Pick<CompleteSale, 'customer' | 'external'>,
) => ({
  ...(customer === undefined ? {} : { customer }),
  ...(external === undefined ? {} : { external }),
  ...(release === undefined ? {} : { release }),
});
