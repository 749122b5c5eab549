/**
 * The permission that each command asks of whoever gives it: `decide` refuses by this list before it looks at anything else,
 * and `docs/authorisation.md` is made from it. A command that is not in it does not compile.
 */
import type { Command } from './commands.ts';
import type { Permission } from './operator.ts';

/** The kinds of command; a return has two forms, which are two different rights. */
export type CommandForm =
  Exclude<Command['kind'], 'CompleteReturn'> | 'ReturnOfReceipt' | 'ReturnWithoutReceipt';

export const commandNeeds = {
  CompleteSale: 'sell',
  ReturnOfReceipt: 'returnWithReceipt',
  ReturnWithoutReceipt: 'returnWithoutReceipt',
  AdjustStock: 'adjustStock',
  AdjustLedger: 'adjustLedger',
  CountStock: 'countStock',
  CloseDay: 'closeDay',
  OpenDrawer: 'openDrawer',
  CancelCart: 'sell',
  VoidCartLine: 'sell',
  ReprintReceipt: 'reprintReceipt',
} as const satisfies Readonly<Record<CommandForm, Permission>>;

export function formOf(command: Command): CommandForm {
  if (command.kind !== 'CompleteReturn') return command.kind;
  return 'of' in command ? 'ReturnOfReceipt' : 'ReturnWithoutReceipt';
}
