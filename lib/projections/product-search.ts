/**
 * The products of the release in force: by SKU, by barcode, by what a cashier types.
 * Holds HQ's data as it was published and decides nothing about it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { barcodeKey } from '../domain/gtin.ts';
import type { ReleaseId, Sku } from '../domain/ids.ts';
import type { Product } from '../domain/product.ts';
import type { SoldRows } from './sold-rows.ts';
import { Query } from './statement.ts';
import { folded, wordQuery, wordsOf } from './word-query.ts';

/** `undefined`: HQ took the product out of the catalogue. */
export type ProductChange = { readonly sku: Sku; readonly product: Product | undefined };

/** Ranked by hand among this many matches; ranking all of 100,000 by bm25 takes 60 ms. */
const candidates = 200;

type Row = { readonly sku: Sku; readonly product: string };

export class ProductSearch {
  readonly #sold: SoldRows;
  readonly #one;
  readonly #byBarcode;
  readonly #byPrefix;
  readonly #byWords;
  readonly #count;
  readonly #idOf;
  readonly #release;
  readonly #insert: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #insertBarcode: StatementSync;
  readonly #deleteBarcodes: StatementSync;
  readonly #insertWords: StatementSync;
  readonly #deleteWords: StatementSync;
  readonly #setRelease: StatementSync;

  constructor(database: DatabaseSync, sold: SoldRows) {
    this.#sold = sold;
    this.#one = new Query<Row>(database, `select sku, product from products where sku = ?`);
    this.#byBarcode = new Query<Row>(
      database,
      `select sku, products.product from barcodes join products on products.id = barcodes.product
       where gtin = ? order by active desc, sku limit ?`,
    );
    this.#byPrefix = new Query<Row>(
      database,
      `select sku, product from products where sku >= ? and sku < ? and active = 1 order by sku limit ?`,
    );
    this.#byWords = new Query<Row>(
      database,
      `select sku, products.product from product_words join products on products.id = product_words.rowid
       where product_words match ? and active = 1 order by product_words.rowid limit ${candidates}`,
    );
    this.#count = new Query<{ products: number }>(
      database,
      `select count(*) as products from products`,
    );
    this.#idOf = new Query<{ id: number }>(database, `select id from products where sku = ?`);
    this.#release = new Query<ReleaseId>(
      database,
      `select number.value as n, hash.value as hash from meta as number, meta as hash
       where number.key = 'release' and hash.key = 'releaseHash'`,
    );
    this.#insert = database.prepare(
      `insert into products (sku, active, department, popularity, product) values (?, ?, ?, ?, ?)`,
    );
    this.#update = database.prepare(
      `update products set active = ?, department = ?, product = ? where id = ?`,
    );
    this.#delete = database.prepare(`delete from products where id = ?`);
    this.#insertBarcode = database.prepare(
      `insert or ignore into barcodes (gtin, product) values (?, ?)`,
    );
    this.#deleteBarcodes = database.prepare(`delete from barcodes where product = ?`);
    this.#insertWords = database.prepare(`insert into product_words (rowid, words) values (?, ?)`);
    this.#deleteWords = database.prepare(`delete from product_words where rowid = ?`);
    this.#setRelease = database.prepare(
      `insert or replace into meta (key, value) values ('release', ?), ('releaseHash', ?)`,
    );
  }

  /** Within the caller's transaction: a release is in force as a whole or not at all. */
  replace(changes: Iterable<ProductChange>, release: ReleaseId | undefined): void {
    for (const { sku, product } of changes) this.#replaceOne(sku, product);
    if (release) this.#setRelease.run(release.n, release.hash);
  }

  #replaceOne(sku: Sku, product: Product | undefined): void {
    let id = this.#idOf.one(sku)?.id;
    if (id !== undefined) {
      this.#deleteWords.run(id);
      this.#deleteBarcodes.run(id);
    }
    if (product === undefined) {
      if (id !== undefined) this.#delete.run(id);
      return;
    }
    const active = product.active ? 1 : 0;
    const text = JSON.stringify(product);
    const department = product.department ?? '';
    if (id === undefined) {
      const popularity = this.#sold.popularity(sku);
      id = Number(this.#insert.run(sku, active, department, popularity, text).lastInsertRowid);
    } else this.#update.run(active, department, text, id);
    this.#insertWords.run(id, `${product.names} ${sku} ${product.department ?? ''}`);
    for (const barcode of product.barcodes) this.#insertBarcode.run(barcodeKey(barcode), id);
  }

  get(sku: Sku): Product | undefined {
    const row = this.#one.one(sku);
    return row && productOf(row);
  }

  /** What a scanner read: a GTIN of any length, or any other code that HQ gave as a barcode. */
  byBarcode(code: string): Product[] {
    return this.#byBarcode.all(barcodeKey(code.trim()), 10).map(productOf);
  }

  release(): ReleaseId | undefined {
    return this.#release.one();
  }

  count(): number {
    return this.#count.one()?.products ?? 0;
  }

  /** Best first: the exact code or barcode, codes that begin so, then names in which every word typed begins a word. */
  search(text: string, limit: number): Product[] {
    const typed = text.trim();
    if (typed === '' || limit < 1) return [];
    const found = new Map<Sku, Row>();
    const take = (rows: Row[]): void => {
      for (const row of rows)
        if (found.size < limit && !found.has(row.sku)) found.set(row.sku, row);
    };
    const exact = this.#one.one(typed) ?? this.#one.one(typed.toUpperCase());
    if (exact) take([exact]);
    take(this.#byBarcode.all(barcodeKey(typed), limit));
    if (found.size < limit) take(this.#byPrefix.all(typed, `${typed}\u{10ffff}`, limit));
    if (found.size < limit) take(this.#inNames(typed));
    return [...found.values()].map(productOf);
  }

  #inNames(typed: string): Row[] {
    const query = wordQuery(typed);
    if (query === undefined) return [];
    const words = wordsOf(typed).map(folded);
    return this.#byWords
      .all(query)
      .map((row) => ({ row, rank: rankOf(productOf(row).names, words) }))
      .sort((a, b) => b.rank - a.rank || (a.row.sku < b.row.sku ? -1 : 1))
      .map(({ row }) => row);
  }
}

const productOf = (row: Row): Product => JSON.parse(row.product) as Product;

/** Whole words before beginnings of words, a name that begins with the first word before others, short names first. */
function rankOf(name: string, words: readonly string[]): number {
  const text = folded(name);
  const inName = new Set(wordsOf(text));
  let rank = -text.length / 1000;
  for (const word of words) if (inName.has(word)) rank += 2;
  if (words[0] !== undefined && text.startsWith(words[0])) rank += 1;
  return rank;
}
