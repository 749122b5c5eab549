/**
 * What a file adds up to, by whole-number arithmetic on the file alone: the judge of a replay.
 * It must never import the register's money or stock rules: a shared mistake would agree with itself.
 */
import { createHash } from 'node:crypto';
import { transactionKinds, type Transaction, type TransactionKind } from './transaction.ts';

export type ExpectedFigures = {
  readonly documents: number;
  readonly lines: number;
  /** Documents of each kind. */
  readonly byKind: Readonly<Record<TransactionKind, number>>;
  readonly linesByKind: Readonly<Record<TransactionKind, number>>;
  /** Cents of sales, returns and ledger adjustments. */
  readonly totalMinor: bigint;
  /** Thousandths per code, for every code that goods of ever moved, also where they cancel out. */
  readonly stockMilli: ReadonlyMap<string, bigint>;
};

/** Thousandths × ten-thousandths are 10⁻⁷ of the currency's unit; a cent is 10⁵ of those. */
const E7_PER_CENT = 100_000n;

/** A line's cents: quantity × price, rounded half away from zero. */
export function lineCents(quantityMilli: number, unitPriceE4: number): bigint {
  const product = BigInt(quantityMilli) * BigInt(unitPriceE4);
  const size = product < 0n ? -product : product;
  const cents = (2n * size + E7_PER_CENT) / (2n * E7_PER_CENT);
  return product < 0n ? -cents : cents;
}

export function documentCents(transaction: Transaction): bigint {
  if (transaction.kind === 'stockAdjustment') return 0n;
  return transaction.lines.reduce(
    (sum, line) => sum + lineCents(line.quantityMilli, line.unitPriceE4),
    0n,
  );
}

export function expectedFigures(transactions: readonly Transaction[]): ExpectedFigures {
  const byKind = { sale: 0, return: 0, stockAdjustment: 0, ledgerAdjustment: 0 };
  const linesByKind = { ...byKind };
  const stockMilli = new Map<string, bigint>();
  let totalMinor = 0n;
  for (const transaction of transactions) {
    byKind[transaction.kind] += 1;
    linesByKind[transaction.kind] += transaction.lines.length;
    totalMinor += documentCents(transaction);
    if (transaction.kind === 'ledgerAdjustment') continue;
    for (const line of transaction.lines) {
      // Sold goods leave, and the file writes returned ones as negative quantities; an adjustment is as written.
      const moved =
        BigInt(line.quantityMilli) * (transaction.kind === 'stockAdjustment' ? 1n : -1n);
      stockMilli.set(line.sku, (stockMilli.get(line.sku) ?? 0n) + moved);
    }
  }
  const lines = transactionKinds.reduce((sum, kind) => sum + linesByKind[kind], 0);
  return { documents: transactions.length, lines, byKind, linesByKind, totalMinor, stockMilli };
}

/** Cents as text: −5 is `-0.05`. */
export function centsText(cents: bigint): string {
  const size = cents < 0n ? -cents : cents;
  const text = `${size / 100n}.${(size % 100n).toString().padStart(2, '0')}`;
  return cents < 0n ? `-${text}` : text;
}

/**
 * SHA-256 in hex over `code NUL thousandths LF` of every code that ever moved, sorted by UTF-16 code unit:
 * the form in which every replica states its stock.
 */
export function expectedStockHash(stockMilli: ReadonlyMap<string, bigint>): string {
  const hash = createHash('sha256');
  for (const code of [...stockMilli.keys()].sort()) {
    hash.update(`${code}\u0000${String(stockMilli.get(code))}\n`);
  }
  return hash.digest('hex');
}
