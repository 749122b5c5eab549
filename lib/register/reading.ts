/**
 * What a register's screens read: tiles, stock cards, documents, receipts. Plain values out of the read models; every
 * list has an end. Never writes.
 */
import type { ReceiptKey } from '../domain/bodies.ts';
import { parseJournalKey, type EntryHash, type Sku } from '../domain/ids.ts';
import { kitStockMilli } from '../domain/kit-stock.ts';
import { limits } from '../domain/limits.ts';
import { priceAt, type Product } from '../domain/product.ts';
import type {
  CopiesView,
  Movement,
  ReadingServices,
  Receipt,
  StockCard,
  TileRow,
} from '../host/till-services.ts';
import type { StockEvent } from '../projections/stock-history.ts';
import { documentView, receiptOf } from '../replica/document-view.ts';
import { journalLine } from '../replica/journal-view.ts';
import type { Register } from './register.ts';

export function readingServices(register: Register): ReadingServices {
  return {
    departments: () => register.models.departments(limits.pageRows),
    tiles: (ask) => productsFor(register, ask).map((product) => tileOf(register, product)),
    stockCard: (sku, page) => stockCard(register, sku, page),
    recentDocuments: (limit, filter = {}) =>
      (Object.keys(filter).length === 0
        ? register.models.newestDocuments(rowsOf(limit))
        : register.models.foundDocuments(filter, rowsOf(limit))
      ).map(documentView),
    receipt: (number, hash) => receipt(register, number, hash),
    journal(limit, filter = {}) {
      const { models, businessDay: today } = register;
      const entries =
        Object.keys(filter).length === 0
          ? models.newestEntries(rowsOf(limit))
          : models.foundEntries(filter, rowsOf(limit));
      const { businessDay = today } = filter;
      return {
        entries: entries.map(journalLine),
        counts: models.actCounts(businessDay),
        businessDay,
      };
    },
  };
}

/** A limit from a screen as the rows of a page. */
const rowsOf = (limit: number): number =>
  Math.max(1, Math.min(limits.pageRows, Math.trunc(limit) || 1));

function productsFor(
  { models }: Register,
  { department, query, limit }: Parameters<ReadingServices['tiles']>[0],
): readonly Product[] {
  const rows = rowsOf(limit);
  if (query === undefined || query.trim() === '') return models.bestSellers(department, rows);
  if (department === undefined) return models.searchProducts(query, rows);
  return models
    .searchProducts(query, limits.pageRows)
    .filter((product) => product.department === department)
    .slice(0, rows);
}

function tileOf({ models, replica, businessDay }: Register, product: Product): TileRow {
  const { sku, names, department, weighed = false, barcodes, components } = product;
  const unitPriceE4 = priceAt(product, replica.me.identity.store, businessDay);
  return {
    sku,
    name: names,
    ...(department !== undefined && { department }),
    weighed,
    ...(unitPriceE4 !== undefined && { unitPriceE4 }),
    quantityMilli: components
      ? kitStockMilli(components, (each) => models.stock(each) ?? 0)
      : (models.stock(sku) ?? 0),
    barcodes,
  };
}

// ---- Stock card

function stockCard(
  register: Register,
  sku: Sku,
  { after, limit }: { readonly after?: string; readonly limit: number },
): StockCard | undefined {
  const { models } = register;
  const product = models.product(sku);
  const page = models.stockHistory(sku, {
    limit: rowsOf(limit),
    ...(after !== undefined && { after }),
  });
  if (!product && !page) return undefined;
  const tile = product
    ? tileOf(register, product)
    : // Moved once, and out of the catalogue by now.
      { sku, name: sku, weighed: false, quantityMilli: models.stock(sku) ?? 0, barcodes: [] };
  return {
    ...tile,
    // Finding batches reads every movement of the SKU: 31 ms for 100,000.
    batches: product?.batchTracked || !product ? models.batches(sku) : [],
    movements: (page?.events ?? []).map(movementOf),
    ...(page?.next !== undefined && { next: page.next }),
  };
}

function movementOf(event: StockEvent): Movement {
  const { journal, seq, number, type, by, wall, zone, batch, countedMilli } = event;
  return {
    ...(number !== undefined && { document: number }),
    key: { journal, seq },
    type,
    terminal: parseJournalKey(journal).terminal,
    operator: by,
    wallMs: wall,
    zone,
    ...(batch !== '' && { batch }),
    quantityMilli: event.quantityMilli,
    balanceMilli: event.balanceMilli,
    ...(countedMilli !== undefined && { countedMilli }),
    ...(event.inCount && { inCount: true }),
  };
}

// ---- Documents

function receipt(
  register: Register,
  number: string,
  hash: EntryHash | undefined,
): Receipt | undefined {
  const read = receiptOf(register.models, register.org.settings.currency, number, hash);
  return read && { ...read, copies: copiesOf(register, read.key) };
}

/** P10. This till has what it shows; others count by their own word, and HQ apart. */
function copiesOf({ replica, living }: Register, { journal, seq }: ReceiptKey): CopiesView {
  const { onPeers, atHq, archived } = replica.voice.copies(journal, seq);
  const writer = parseJournalKey(journal);
  const isMine = writer.terminal === living.identity.terminal;
  // `copies` leaves the writer out, because its own word is no further copy to itself; to others it is one.
  const atWriter = replica.keyring
    .members()
    .some(
      ({ identity, principal }) =>
        identity.store === writer.store &&
        identity.terminal === writer.terminal &&
        replica.voice.confirmedBy(principal, journal) >= seq,
    );
  return { tills: 1 + onPeers + (!isMine && atWriter ? 1 : 0), atHq, archived };
}
