/** Corrections by a senior (of stock, of the ledger), and the close of a terminal's business day. */
import type { Bodies, DocumentLine } from './bodies.ts';
import type { AdjustLedger, AdjustStock } from './commands.ts';
import { digitsOf } from './currency.ts';
import type { DecisionState, DraftOutcome } from './decision.ts';
import { limits } from './limits.ts';
import { grossMinor, isAmount, sumExact } from './money.ts';
import { done, refused } from './refusals.ts';

/** Moves stock, no money. */
export function decideAdjustStock(state: DecisionState, command: AdjustStock): DraftOutcome {
  const lines: Bodies['StockAdjusted']['lines'][number][] = [];
  for (const { sku, name, quantityMilli, batch } of command.lines) {
    const known = state.product(sku)?.names ?? name;
    if (known === undefined) return refused('PRODUCT_UNKNOWN', sku);
    lines.push({ sku, name: known, quantityMilli, ...(batch === undefined ? {} : { batch }) });
  }
  return done({ type: 'StockAdjusted', body: { reason: command.reason, lines, ...from(command) } });
}

/** Moves money in the books, no stock. Prices may be negative; nothing is taxed or tendered. */
export function decideAdjustLedger(state: DecisionState, command: AdjustLedger): DraftOutcome {
  const { currency } = state.settings;
  const digits = digitsOf(currency);
  const lines: DocumentLine[] = [];
  for (const { sku, name, quantityMilli, unitPriceE4 } of command.lines) {
    const known = state.product(sku)?.names ?? name;
    if (known === undefined) return refused('PRODUCT_UNKNOWN', sku);
    const amount = grossMinor({ quantityMilli, unitPriceE4, digits });
    if (!isAmount(amount)) return refused('AMOUNT_TOO_LARGE', sku);
    lines.push({ sku, name: known, quantityMilli, unitPriceE4, amountMinor: Number(amount) });
  }
  const totalMinor = sumExact(lines.map((line) => line.amountMinor));
  if (!isAmount(totalMinor)) return refused('AMOUNT_TOO_LARGE');
  return done({
    type: 'LedgerAdjusted',
    body: { reason: command.reason, currency, lines, totalMinor, ...from(command) },
  });
}

const from = ({ external }: AdjustStock | AdjustLedger) =>
  external === undefined ? {} : { external };

/** Always possible, with no sale at all too: a day without sales is a day. */
export function decideCloseDay(state: DecisionState): DraftOutcome {
  const { documents, totalMinor, lives: uncounted = [] } = state.toClose();
  // Of more lives than that the next closing counts the rest.
  const lives = uncounted.slice(0, limits.livesPerClosing);
  return done({
    type: 'DayClosed',
    body: {
      documents: sumExact([documents, ...lives.map((life) => life.documents)]),
      totalMinor: sumExact([totalMinor, ...lives.map((life) => life.totalMinor)]),
      currency: state.settings.currency,
      // Said one by one, so that nobody counts them again.
      ...(lives.length > 0 && { lives }),
    },
  });
}
