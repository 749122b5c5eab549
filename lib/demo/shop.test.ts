import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../domain/commands.ts';
import { barcodeKey, isGtin } from '../domain/gtin.ts';
import { isSku } from '../domain/ids.ts';
import { may } from '../domain/operator.ts';
import { readInStoreCode } from '../domain/in-store-barcode.ts';
import { priceAt, readProduct } from '../domain/product.ts';
import { readSettings } from '../domain/settings.ts';
import type { StoreId } from '../domain/ids.ts';
import { generateShop } from './shop.ts';

const shop = generateShop({ seed: 'harbour' });
const bySku = new Map(shop.products.map((product) => [product.sku, product]));
const digest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('hex');

describe('the sample shop', () => {
  it('is the same for the same seed, byte for byte, and another for another', () => {
    expect(digest(generateShop({ seed: 'harbour' }))).toBe(digest(shop));
    expect(digest(generateShop({ seed: 'market' }).products)).not.toBe(digest(shop.products));
    expect(generateShop({ seed: 'harbour', products: 50 }).customers).toEqual(shop.customers);
  });

  it('has as many products and customers as asked for, whatever the number', () => {
    expect(shop.products).toHaveLength(2_000);
    expect(shop.customers).toHaveLength(300);
    for (const products of [0, 1, 7, 19, 20, 101, 999]) {
      expect(generateShop({ seed: 'x', products, days: 1 }).products).toHaveLength(products);
    }
  });

  it('has products, settings and commands that the register takes', () => {
    expect(readSettings(shop.settings).ok).toBe(true);
    for (const product of shop.products) {
      expect(readProduct(product)).toEqual({ ok: true, value: product });
      expect(isSku(product.sku)).toBe(true);
      expect(priceAt(product, 'S01' as StoreId, '2026-11-02')).toBeGreaterThan(0);
      expect(Object.hasOwn(shop.settings.taxes, product.tax ?? '')).toBe(true);
      expect(shop.departments.some(({ id }) => id === product.department)).toBe(true);
    }
    for (const { command } of shop.history) {
      expect(parseCommand(command)).toEqual({ ok: true, command });
    }
  });

  it('has codes and barcodes that are unique, and barcodes that are valid GTINs', () => {
    expect(bySku.size).toBe(shop.products.length);
    const keys = shop.products.flatMap(({ barcodes }) => barcodes).map(barcodeKey);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of keys) expect(isGtin(key)).toBe(true);
    expect(keys.length).toBeGreaterThan(1_900);
  });

  it('has nobody’s barcodes: prefix 952 is for demonstrations, 28 for a store’s own scales', () => {
    for (const { barcodes, weighed } of shop.products) {
      for (const barcode of barcodes) expect(barcode).toMatch(weighed === true ? /^28/ : /^952/);
    }
  });

  it('has weighed goods whose scale labels name them', () => {
    const weighed = shop.products.filter((product) => product.weighed === true);
    expect(weighed.length).toBeGreaterThan(100);
    for (const { barcodes } of weighed) {
      const label = readInStoreCode(barcodes[0] ?? '', shop.settings.inStoreBarcodes ?? []);
      expect(label).toMatchObject({ kind: 'weight', value: 0 });
    }
  });

  it('has kits of existing products that are no kits and not weighed', () => {
    const kits = shop.products.filter((product) => product.components !== undefined);
    expect(kits.length).toBeGreaterThanOrEqual(15);
    for (const { components = [] } of kits) {
      expect(components.length).toBeGreaterThanOrEqual(2);
      expect(new Set(components.map(({ sku }) => sku)).size).toBe(components.length);
      for (const { sku } of components) {
        expect(bySku.get(sku)).toMatchObject({ active: true });
        expect(bySku.get(sku)?.components).toBeUndefined();
        expect(bySku.get(sku)?.weighed).toBeUndefined();
      }
    }
  });

  it('has batches with expiry for exactly the batch-tracked goods', () => {
    const tracked = shop.products.filter((product) => product.batchTracked === true);
    expect(tracked.length).toBeGreaterThan(200);
    expect(new Set(shop.batches.map(({ sku }) => sku))).toEqual(
      new Set(tracked.map(({ sku }) => sku)),
    );
    expect(new Set(shop.batches.map(({ sku, batch }) => `${sku} ${batch}`)).size).toBe(
      shop.batches.length,
    );
  });

  it('has names that are all different, some prices in the future and some inactive goods', () => {
    expect(new Set(shop.products.map(({ names }) => names)).size).toBe(shop.products.length);
    expect(shop.products.filter(({ prices }) => prices.length > 1).length).toBeGreaterThan(100);
    expect(shop.products.filter(({ active }) => !active).length).toBeGreaterThan(5);
  });

  it('has customers that cannot be reached: drama numbers, example.com', () => {
    const phones = generateShop({
      seed: 'x',
      products: 0,
      customers: 2_500,
      days: 0,
    }).customers.map(({ phone }) => phone);
    expect(new Set(phones).size).toBe(2_500);
    for (const phone of phones) expect(phone).toMatch(/^\+44 (7700 900|1632 960|20 7946 0)\d{3}$/);
    for (const { mail } of shop.customers) expect(mail).toMatch(/^[a-z.0-9]+@example\.com$/);
    expect(new Set(shop.customers.map(({ mail }) => mail)).size).toBe(300);
  });

  it('has a history of every kind, by operators who may, on every till, each command once', () => {
    const commands = shop.history.map(({ command }) => command);
    expect(new Set(commands.map(({ command }) => command)).size).toBe(commands.length);
    expect(new Set(shop.history.map(({ till }) => till))).toEqual(new Set([0, 1, 2]));
    const count = (kind: string): number => commands.filter((one) => one.kind === kind).length;
    expect(count('CompleteSale')).toBeGreaterThan(7 * 3 * 19);
    expect(count('CompleteReturn')).toBeGreaterThan(3);
    expect(count('AdjustStock')).toBeGreaterThan(8);
    const permission = {
      CompleteSale: 'sell',
      CompleteReturn: 'returnWithoutReceipt',
      AdjustStock: 'adjustStock',
    } as const;
    for (const { kind, by } of commands) {
      const operator = shop.operators.find(({ id }) => id === by);
      if (!(kind in permission) || operator === undefined) throw new Error(`${kind} by ${by}`);
      expect(may(operator, permission[kind as keyof typeof permission])).toBe(true);
    }
  });
});
