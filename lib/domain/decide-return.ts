/**
 * Goods that come back: against a receipt with the receipt's own figures, or without one at today's prices.
 * Money and quantities in the document are negative.
 */
import type { DocumentLine, MoneyDocument } from './bodies.ts';
import { negateCart } from './cart.ts';
import type { CompleteReturn, ReturnOfReceipt, ReturnWithoutReceipt } from './commands.ts';
import { digitsOf } from './currency.ts';
import type { DecisionState, DraftOutcome, Operator } from './decision.ts';
import { documentContext, priceItems } from './decide-sale.ts';
import { assert } from './errors.ts';
import { grossMinor, negate } from './money.ts';
import { may } from './operator.ts';
import { done, refused } from './refusals.ts';
import { isReturnable, pieceMilli, returnsInParts } from './return-quantity.ts';
import { partOf, refundRoundingMinor, returnedBetween } from './returned-part.ts';
import { moneyText, refundOf, settle } from './tenders.ts';

export function decideReturn(
  state: DecisionState,
  command: CompleteReturn,
  operator: Operator,
): DraftOutcome {
  return 'of' in command
    ? againstReceipt(state, command, operator)
    : withoutReceipt(state, command, operator);
}

function withoutReceipt(
  state: DecisionState,
  command: ReturnWithoutReceipt,
  operator: Operator,
): DraftOutcome {
  for (const { sku, quantityMilli } of command.lines) {
    const product = state.product(sku);
    // What the catalogue does not know has no unit to judge by.
    if (product && !product.weighed && quantityMilli % pieceMilli !== 0)
      return refused('WHOLE_PIECES', sku);
  }
  const cart = priceItems(state, command.lines, operator, 0);
  if (!cart.ok) return cart;
  const paid = settle(cart.value.totalMinor, command.tenders, state.settings);
  if (!paid.ok) return paid;
  return done({
    type: 'ReturnCompleted',
    body: {
      currency: state.settings.currency,
      ...negateCart(cart.value),
      ...refundOf(paid.value),
      restock: command.restock ?? true,
      ...reasonOf(command),
      ...documentContext(state, command),
    },
  });
}

function againstReceipt(
  state: DecisionState,
  command: ReturnOfReceipt,
  operator: Operator,
): DraftOutcome {
  const receipt = state.receipt(command.of);
  if (receipt === undefined) return refused('RECEIPT_UNKNOWN');
  const sale = receipt.body;
  if (sale.currency !== state.settings.currency) return refused('CURRENCY_DIFFERS', sale.currency);

  // More may have come back than was sold, when two tills that were apart took it back: then nothing is left.
  const before = sale.lines.map(({ quantityMilli: soldMilli }, i) => {
    const returnedMilli = receipt.returnedMilli[i] ?? 0;
    assert(returnedMilli >= 0, 'what came back is counted as a positive quantity');
    return Math.max(0, Math.min(returnedMilli, soldMilli));
  });
  const after = [...before];
  for (const { ofLine, quantityMilli } of command.lines) {
    const sold = sale.lines[ofLine];
    if (sold === undefined) return refused('RECEIPT_LINE_UNKNOWN', String(ofLine + 1));
    const earlierMilli = after[ofLine] ?? 0;
    const returnedMilli = earlierMilli + quantityMilli;
    if (returnedMilli > sold.quantityMilli) return refused('OVER_REFUND', sold.sku);
    const inParts = returnsInParts(state.product(sold.sku), sold.quantityMilli);
    const leftMilli = sold.quantityMilli - earlierMilli;
    if (!isReturnable(quantityMilli, { inParts, leftMilli }))
      return refused('WHOLE_PIECES', sold.sku);
    after[ofLine] = returnedMilli;
  }

  const back = partOf(sale, after);
  const limitMinor = state.settings.returnLimitMinor;
  // All that came back of the receipt counts: in small steps it is the same money.
  if (
    limitMinor !== undefined &&
    Math.abs(back.totalMinor) > limitMinor &&
    !may(operator, 'returnAboveLimit')
  )
    return refused('RETURN_LIMIT', moneyText(limitMinor, sale.currency));
  const earlier = partOf(sale, before);
  const figures = returnedBetween(earlier, back);
  const lines = command.lines.map(({ ofLine, quantityMilli }): DocumentLine => {
    const sold = sale.lines[ofLine];
    assert(sold !== undefined, 'the receipt has the line');
    return returnLine(sold, quantityMilli, figures.amountsMinor[ofLine] ?? 0, sale);
  });
  const { cashRounding } = state.settings;
  const paid = settle(negate(figures.totalMinor), command.tenders, state.settings, (cashMinor) =>
    refundRoundingMinor(earlier, cashMinor, cashRounding),
  );
  if (!paid.ok) return paid;
  const rates = new Set(lines.map((line) => line.tax));
  const customer = command.customer ?? sale.customer;
  return done({
    type: 'ReturnCompleted',
    body: {
      currency: sale.currency,
      lines,
      taxes: figures.taxes.filter((tax) => rates.has(tax.rate)),
      totalMinor: figures.totalMinor,
      ...refundOf(paid.value),
      of: command.of,
      ofLine: command.lines.map((line) => line.ofLine),
      restock: command.restock ?? true,
      ...reasonOf(command),
      ...documentContext(state, {
        ...(customer === undefined ? {} : { customer }),
        ...(command.external === undefined ? {} : { external: command.external }),
      }),
    },
  });
}

const reasonOf = ({ reason }: Pick<CompleteReturn, 'reason'>) =>
  reason === undefined ? {} : { reason };

/** The sale's line with the quantity that comes back. Its discount is what keeps amount = quantity × price − discount. */
function returnLine(
  sold: DocumentLine,
  returnedMilli: number,
  amountMinor: number,
  { currency }: MoneyDocument,
): DocumentLine {
  const { sku, name, unitPriceE4, tax, batch, components, override } = sold;
  const quantityMilli = negate(returnedMilli);
  const gross = grossMinor({ quantityMilli, unitPriceE4, digits: digitsOf(currency) });
  const discountMinor = Number(gross) - amountMinor;
  return {
    sku,
    name,
    quantityMilli,
    unitPriceE4,
    amountMinor,
    ...(discountMinor === 0 ? {} : { discountMinor }),
    ...(tax === undefined ? {} : { tax }),
    ...(batch === undefined ? {} : { batch }),
    ...(components === undefined ? {} : { components }),
    ...(override === undefined ? {} : { override }),
  };
}
