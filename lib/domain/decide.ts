/**
 * `decide`: state and command → what to record, or a refusal. Pure and deterministic: the same state and command
 * give the same bytes. Stock is not asked: goods in the customer's hand are sold, and a flag tells of it.
 */
import { isActType } from './acts.ts';
import { documentCodes } from './bodies.ts';
import type { Command } from './commands.ts';
import { cardNumberIn } from './card-number.ts';
import { commandNeeds, formOf } from './command-needs.ts';
import { decideCancelCart, decideOpenDrawer, decideReprint, decideVoidLine } from './decide-act.ts';
import { decideAdjustLedger, decideAdjustStock, decideCloseDay } from './decide-adjust.ts';
import { decideCountStock } from './decide-count.ts';
import { decideReturn } from './decide-return.ts';
import { decideSale } from './decide-sale.ts';
import type {
  Approvals,
  Decision,
  DecisionState,
  Draft,
  DraftOutcome,
  Operator,
  Recorded,
} from './decision.ts';
import { limits } from './limits.ts';
import { may } from './operator.ts';
import { refusal } from './refusals.ts';
import { isSameDocument } from './repeated.ts';
import { formatNumber } from './series.ts';

export type { Decision, DecisionState } from './decision.ts';

export function decide(
  state: DecisionState,
  command: Command,
  approvals: Approvals = [],
): Decision {
  // First of all, even before permissions: a repeated command was permitted when it was done.
  const before = state.commandSeen(command.command);
  if (before !== undefined)
    return isSameDocument(command, before)
      ? { kind: 'repeated', seq: before.seq, number: before.number }
      : { kind: 'refused', refusal: refusal('COMMAND_REUSED', before.number) };

  const operator = state.operator(command.by);
  if (operator === undefined) {
    return { kind: 'refused', refusal: refusal('OPERATOR_UNKNOWN', command.by) };
  }
  if (!may(operator, commandNeeds[formOf(command)]))
    return { kind: 'refused', refusal: refusal('NOT_PERMITTED') };
  const cardNumberAt = cardNumberIn(command);
  if (cardNumberAt !== undefined)
    return { kind: 'refused', refusal: refusal('CARD_NUMBER', cardNumberAt) };
  const outcome = draft(state, command, operator, approvals);
  if (!outcome.ok) return { kind: 'refused', refusal: outcome.refusal };
  const recorded = numbered(state, outcome.value);
  if (bytesOf(recorded.body) > limits.bodyBytes) {
    return { kind: 'refused', refusal: refusal('DOCUMENT_TOO_LARGE') };
  }
  return recorded;
}

function draft(
  state: DecisionState,
  command: Command,
  operator: Operator,
  approvals: Approvals,
): DraftOutcome {
  switch (command.kind) {
    case 'CompleteSale':
      return decideSale(state, command, operator, approvals);
    case 'CompleteReturn':
      return decideReturn(state, command, operator);
    case 'AdjustStock':
      return decideAdjustStock(state, command);
    case 'AdjustLedger':
      return decideAdjustLedger(state, command);
    case 'CountStock':
      return decideCountStock(state, command);
    case 'CloseDay':
      return decideCloseDay(state);
    case 'OpenDrawer':
      return decideOpenDrawer(command);
    case 'CancelCart':
      return decideCancelCart(state, command);
    case 'VoidCartLine':
      return decideVoidLine(state, command);
    case 'ReprintReceipt':
      return decideReprint(state, command);
  }
}

/** The next number of the document's series; it is used only if the entry reaches the disk. Acts have none. */
function numbered(state: DecisionState, { type, body }: Draft): Recorded {
  const { store, terminal, letter, businessDay } = state;
  if (isActType(type)) return { kind: 'record', type, body: { businessDay, ...body } } as Recorded;
  const code = documentCodes[type];
  const n = state.lastNumber(code) + 1;
  const number = formatNumber({ store, terminal, letter, code, n });
  // The draft ties type and body together, which the spread hides from the compiler.
  return { kind: 'record', type, body: { number, businessDay, ...body } } as Recorded;
}

function bytesOf(body: unknown): number {
  const text = JSON.stringify(body);
  // A UTF-16 unit is at most 3 bytes of UTF-8, so most documents need no count.
  return text.length * 3 <= limits.bodyBytes
    ? text.length
    : new TextEncoder().encode(text).byteLength;
}
