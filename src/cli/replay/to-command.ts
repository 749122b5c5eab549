/**
 * From a document of the file to the command that a till takes. Amounts come from the file's own arithmetic,
 * so a register that adds up differently refuses the payment instead of agreeing with itself.
 */
import type { Command, ItemLine } from '#lib/domain/commands.ts';
import { documentCents } from './expected-figures.ts';
import { printable } from './replay-catalog.ts';
import type { Transaction, TransactionLine } from './transaction.ts';

/** The operator of every replayed document; may return without receipt. */
export const replayOperator = 'replay';

/** The same invoice gives the same command id: replayed twice into one shop, it is one document. */
export function commandOf(transaction: Transaction): Command {
  const { invoice, kind, at, customer, lines } = transaction;
  const envelope = {
    command: `replay-${invoice}`,
    by: replayOperator,
    external: { system: 'replay', id: invoice, at },
  };
  const cents = documentCents(transaction);
  const amountMinor = Number(cents < 0n ? -cents : cents);
  const money = {
    ...envelope,
    // Free goods are paid with nothing.
    tenders: amountMinor === 0 ? [] : [{ kind: 'cash', amountMinor }],
    ...(customer === '' ? {} : { customer }),
  };
  switch (kind) {
    case 'sale':
      return { kind: 'CompleteSale', ...money, lines: lines.map(itemLine) };
    case 'return':
      return { kind: 'CompleteReturn', ...money, lines: lines.map(itemLine), restock: true };
    case 'stockAdjustment':
      return {
        kind: 'AdjustStock',
        ...envelope,
        reason: reasonOf(lines),
        lines: lines.map(({ sku, quantityMilli }) => ({ sku, quantityMilli })),
      };
    case 'ledgerAdjustment':
      return {
        kind: 'AdjustLedger',
        ...envelope,
        reason: reasonOf(lines),
        lines: lines.map(({ sku, quantityMilli, unitPriceE4 }) => ({
          sku,
          quantityMilli,
          unitPriceE4,
        })),
      };
  }
}

/** Commands say how much comes back; the register gives a return its signs. */
function itemLine({ sku, quantityMilli, unitPriceE4 }: TransactionLine): ItemLine {
  return {
    sku,
    quantityMilli: Math.abs(quantityMilli),
    unitPriceE4,
    override: 'price of the file',
  };
}

/** What the file says about it: `damaged`, `Adjust bad debt`. */
function reasonOf(lines: readonly TransactionLine[]): string {
  const said = lines.map((line) => printable(line.description)).find((text) => text !== '');
  return said ?? 'no reason given';
}
