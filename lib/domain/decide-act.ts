/** Acts: what happens at a till without being a document. Never refused for more than a size. */
import type { CancelCart, OpenDrawer, ReprintReceipt, VoidCartLine } from './commands.ts';
import type { DecisionState, DraftOutcome } from './decision.ts';
import { isAmount, sumExact } from './money.ts';
import { done, refused } from './refusals.ts';

export function decideOpenDrawer({ reason }: OpenDrawer): DraftOutcome {
  return done({ type: 'DrawerOpened', body: { reason } });
}

export function decideCancelCart(
  { settings: { currency } }: DecisionState,
  { cart, lines }: CancelCart,
): DraftOutcome {
  const totalMinor = sumExact(lines.map(({ amountMinor }) => amountMinor));
  if (!isAmount(totalMinor)) return refused('AMOUNT_TOO_LARGE');
  return done({ type: 'CartCancelled', body: { cart, currency, lines, totalMinor } });
}

export function decideVoidLine(
  { settings: { currency } }: DecisionState,
  { kind: _kind, command: _command, by: _by, ...line }: VoidCartLine,
): DraftOutcome {
  return done({ type: 'CartLineVoided', body: { ...line, currency } });
}

export function decideReprint(state: DecisionState, { of }: ReprintReceipt): DraftOutcome {
  const known = state.printed(of);
  if (known === undefined) return refused('DOCUMENT_UNKNOWN');
  const { number, copies } = known;
  return done({ type: 'ReceiptReprinted', body: { of, number, copy: copies + 1 } });
}
