/**
 * Whether a command that comes with a known id is the one that was done. A second press, a reload, another tab say the
 * same again and get the same document; a program that uses an id twice must not have its second sale swallowed.
 */
import type { Command } from './commands.ts';

const types = {
  CompleteSale: 'SaleCompleted',
  CompleteReturn: 'ReturnCompleted',
  AdjustStock: 'StockAdjusted',
  AdjustLedger: 'LedgerAdjusted',
  CountStock: 'StockCounted',
  CloseDay: 'DayClosed',
  OpenDrawer: 'DrawerOpened',
  CancelCart: 'CartCancelled',
  VoidCartLine: 'CartLineVoided',
  ReprintReceipt: 'ReceiptReprinted',
} as const satisfies Record<Command['kind'], string>;

/** Compares kind and goods, line by line. How it is paid and who asks may differ: the first time counts. */
export function isSameDocument(
  command: Command,
  before: { readonly type: string; readonly body: unknown },
): boolean {
  if (types[command.kind] !== before.type) return false;
  const { body } = before;
  switch (command.kind) {
    case 'CloseDay':
      return true;
    case 'OpenDrawer':
      return field(body, 'reason') === command.reason;
    case 'VoidCartLine':
      return (['cart', 'line', 'sku', 'quantityMilli'] as const).every(
        (name) => field(body, name) === command[name],
      );
    case 'ReprintReceipt': {
      const of = field(body, 'of');
      return field(of, 'journal') === command.of.journal && field(of, 'seq') === command.of.seq;
    }
    case 'CancelCart':
      return field(body, 'cart') === command.cart && isSameGoods(command.lines, body);
    default:
      return isSameGoods(command.lines, body);
  }
}

type Asked = ({ readonly sku: string } | { readonly ofLine: number }) & {
  readonly quantityMilli: number;
};

function isSameGoods(lines: readonly Asked[], body: unknown): boolean {
  const recorded = linesOf(body);
  return (
    lines.length === recorded.length &&
    lines.every((line, i) => {
      const { goods, quantityMilli } = recorded[i] ?? {};
      const asked = 'ofLine' in line ? line.ofLine : line.sku;
      return asked === goods && Math.abs(line.quantityMilli) === quantityMilli;
    })
  );
}

/** What each line of a body is about: the receipt's line where there is a receipt, else the product. */
function linesOf(body: unknown): { goods: unknown; quantityMilli: number }[] {
  const lines = listIn(body, 'lines');
  const ofLine = listIn(body, 'ofLine');
  return lines.map((line, i) => ({
    goods: ofLine[i] ?? field(line, 'sku'),
    quantityMilli: Math.abs(Number(field(line, 'quantityMilli'))),
  }));
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

function listIn(value: unknown, name: string): readonly unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
}
