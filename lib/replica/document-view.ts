/** Documents of the read models as screens of a till and of head office show them. Reads, and never writes. */
import type { Bodies, MoneyDocument } from '../domain/bodies.ts';
import { parseJournalKey, type EntryHash } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { returnsInParts } from '../domain/return-quantity.ts';
import type { DocumentView, Receipt } from '../host/till-services.ts';
import type { DocumentRow } from '../projections/document-rows.ts';
import type { Projections } from '../projections/projections.ts';

/** A row of the read models as screens see it. */
export function documentView(row: DocumentRow): DocumentView {
  const { journal, seq, type, number, businessDay, wall, zone, by } = row;
  return {
    key: { journal, seq },
    hash: row.hash as EntryHash,
    type,
    number,
    businessDay,
    wallMs: wall,
    zone,
    terminal: parseJournalKey(journal).terminal,
    operator: by,
    totalMinor: row.totalMinor,
    ...(row.currency !== null && { currency: row.currency }),
    lines: row.lines,
  };
}

/**
 * A document by its number, lines and all; of several with one number the first by clock, or the one of this hash.
 * `currency` is the store's, for documents that are not about money.
 */
export function receiptOf(
  models: Projections,
  currency: string,
  number: string,
  hash: EntryHash | undefined,
): Omit<Receipt, 'copies'> | undefined {
  const rows = models.documentsByNumber(number.trim().toUpperCase()).toSorted(byClock);
  const row = hash === undefined ? rows[0] : rows.find((one) => one.hash === hash);
  if (!row) return undefined;
  const { journal, seq } = row;
  const others = rows.filter((one) => one !== row).slice(0, limits.pageRows);
  const body = moneyBody(row.type, models.bodyOf(row), currency);
  const returned = row.type === 'SaleCompleted' ? models.receipt({ journal, seq }) : undefined;
  const of = row.type === 'ReturnCompleted' ? (body as Bodies['ReturnCompleted']).of : undefined;
  const sale = of && models.receipt(of);
  return {
    ...documentView(row),
    body,
    ...(sale && { ofNumber: sale.body.number }),
    returnedMilli: body.lines.map((_, line) => returned?.returnedMilli[line] ?? 0),
    weighed: body.lines.map(({ sku, quantityMilli }) =>
      returnsInParts(models.product(sku), quantityMilli),
    ),
    copiesPrinted: models.printed({ journal, seq })?.copies ?? 0,
    ...(others.length > 0 && { others: others.map(documentView) }),
  };
}

const byClock = (a: DocumentRow, b: DocumentRow): number =>
  order(a.at, b.at) || order(a.journal, b.journal) || order(a.hash, b.hash);
const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Every document in the shape of one of money: what it has not is empty or 0, and its type says so. */
export function moneyBody(type: string, body: unknown, currency: string): MoneyDocument {
  const nothing = { currency, lines: [], taxes: [], totalMinor: 0, roundingMinor: 0, tenders: [] };
  switch (type) {
    case 'SaleCompleted':
    case 'ReturnCompleted':
      return body as MoneyDocument;
    case 'StockAdjusted':
    case 'StockCounted': {
      const { lines, ...rest } = body as Bodies['StockAdjusted'] | Bodies['StockCounted'];
      const asLine = (line: (typeof lines)[number]) => ({
        name: line.sku,
        ...line,
        unitPriceE4: 0,
        amountMinor: 0,
      });
      return { ...nothing, ...rest, lines: lines.map(asLine) };
    }
    default:
      return {
        ...nothing,
        ...(body as Bodies['LedgerAdjusted'] | Bodies['DayClosed']),
      };
  }
}
