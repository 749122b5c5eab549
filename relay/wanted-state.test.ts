import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { Hlc, Sku, StoreId, TerminalId } from '../lib/domain/ids.ts';
import type { Revocation } from '../lib/domain/revocation.ts';
import type { Product } from '../lib/domain/product.ts';
import { plainSettings } from '../lib/domain/settings.ts';
import { isPin } from '../lib/trust/pin-hash.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';
import { readCustomers, readOperators, readProducts, readStore } from './wanted-shapes.ts';
import { WantedState } from './wanted-state.ts';

let tests: TestDatabase;
beforeAll(async () => {
  tests = await startTestDatabase();
});
afterAll(() => tests.close());

const store = 'S01' as StoreId;
const product = (n: number, unitPriceE4 = 25_500): Product => ({
  sku: `SKU${n}` as Sku,
  names: `Thing ${n}`,
  barcodes: [],
  prices: [{ unitPriceE4 }],
  active: true,
});
const open = async () => new WantedState(await tests.open(), randomBytes);

describe('wanted state', () => {
  it('takes products, and counts only what really changed', async () => {
    const wanted = await open();
    const products = Array.from({ length: 2_500 }, (_, n) => product(n));
    expect(await wanted.putProducts(products)).toBe(2_500);
    expect(await wanted.putProducts(products)).toBe(0);
    expect(await wanted.putProducts([product(7, 9_900), product(8)])).toBe(1);
    const kept = await wanted.products();
    expect(kept).toHaveLength(2_500);
    expect(kept.find((each) => each.sku === 'SKU7')?.prices[0]?.unitPriceE4).toBe(9_900);
  });

  it('keeps fields of a later version', async () => {
    const wanted = await open();
    const read = readProducts([{ ...product(1), colour: 'red' }]);
    if (!read.ok) throw new Error(read.problems.join());
    await wanted.putProducts(read.value);
    expect((await wanted.products())[0]).toMatchObject({ colour: 'red' });
  });

  it('keeps a store, its settings and its terminals', async () => {
    const wanted = await open();
    const settings = plainSettings('GBP', { standard: { percentE4: 200_000 } });
    expect(await wanted.settings(store)).toBeUndefined();
    await wanted.putStore(store, { name: 'Harbour', settings });
    await wanted.putStore(store, { name: 'Harbour Street', settings });
    expect(await wanted.stores()).toEqual([{ store, name: 'Harbour Street' }]);
    expect(await wanted.settings(store)).toEqual(settings);
    await wanted.putTerminal(store, 'T1' as TerminalId, 'By the door');
    expect(await wanted.terminals(store)).toEqual([
      { terminal: 'T1', name: 'By the door', revoked: false },
    ]);
  });

  it('keeps PINs as hashes only, and the same hash for the same PIN', async () => {
    const wanted = await open();
    const anna = { id: 'anna', name: 'Anna', roles: ['cashier'] as const, pin: '1234' };
    const ben = { id: 'ben', name: 'Ben', roles: ['manager'] as const, pin: '9876' };
    await wanted.putOperators(store, [anna, ben]);
    const [first] = await wanted.operators(store);
    expect(JSON.stringify(await wanted.operators(store))).not.toMatch(/1234"|9876"|"pin"/);
    expect(isPin('1234', first?.pinHash ?? '')).toBe(true);
    await wanted.putOperators(store, [{ id: 'anna', name: 'Anna B', roles: ['cashier'] }]);
    expect(await wanted.operators(store)).toEqual([{ ...first, name: 'Anna B' }]);
    await wanted.putOperators(store, [{ ...anna, pin: '5555' }]);
    const [changed] = await wanted.operators(store);
    expect(isPin('5555', changed?.pinHash ?? '')).toBe(true);
  });

  it('keeps customers', async () => {
    const wanted = await open();
    const customers = [{ id: 'C1', name: 'Ada', creditLimitMinor: 5_000, blocked: true }];
    expect(await wanted.putCustomers(customers)).toBe(1);
    expect(await wanted.customers()).toEqual(customers);
  });

  it('keeps a revocation once and for good, the first one of a key', async () => {
    const wanted = await open();
    const revocation: Revocation = {
      type: 'revocation',
      store,
      terminal: 'T2' as TerminalId,
      terminalKey: 'ab'.repeat(32),
      reason: 'lost',
      tips: {},
      at: '0000000000001000' as Hlc,
    };
    const later = { ...revocation, reason: 'stolen', at: '0000000000002000' as Hlc };
    expect(await wanted.revoke(revocation, 'max')).toEqual(revocation);
    expect(await wanted.revoke(later, 'eve')).toEqual(revocation);
    const other = { ...revocation, terminalKey: 'cd'.repeat(32) };
    await wanted.keepRevocations([later, other]);
    expect(await wanted.revocations()).toEqual([revocation, other]);
  });

  it('A3: nothing is revoked, and nothing read to be signed, by a relay that has lost its lease', async () => {
    const lost = () => Promise.reject(new TillmeshError('LEASE_LOST', 'in a test'));
    const wanted = new WantedState(await tests.open(), randomBytes, { epoch: 1, fence: lost });
    await expect(wanted.revocations()).rejects.toMatchObject({ code: 'LEASE_LOST' });
    await expect(wanted.revoke({} as Revocation, 'max')).rejects.toMatchObject({
      code: 'LEASE_LOST',
    });
  });

  it('gives each release a number above all that it gave and the last one signed, and remembers what it held', async () => {
    const wanted = await open();
    expect(await wanted.beginRelease(undefined, 'd1')).toBe(1);
    expect(await wanted.beginRelease({ n: 1, digest: 'd1' }, 'd2')).toBe(2);
    // The process ended before it signed 2, or its documents were restored from a backup.
    expect(await wanted.beginRelease({ n: 1, digest: 'd1' }, 'd3')).toBe(3);
    expect(await wanted.knowsRelease({ n: 2, digest: 'd2' })).toBe(true);
    expect(await wanted.knowsRelease({ n: 2, digest: 'd3' })).toBe(false);
    expect(await wanted.knowsRelease({ n: 4, digest: 'd4' })).toBe(false);
    await expect(wanted.beginRelease({ n: 4, digest: 'd4' }, 'd5')).rejects.toMatchObject({
      code: 'DATABASE_WENT_BACK',
    });
  });
});

describe('what head office may send', () => {
  it.each<[string, { ok: boolean; problems?: readonly string[] }, RegExp]>([
    ['a product without a price list', readProducts([{ sku: 'A' }]), /^0: /],
    ['the same product twice', readProducts([product(1), product(1)]), /^1: SKU1 is there twice/],
    [
      'a product named like a prototype',
      readProducts([{ ...product(1), sku: '__proto__' }]),
      /^0: /,
    ],
    [
      'an operator with a short PIN',
      readOperators([{ id: 'a', name: 'A', roles: ['cashier'], pin: '12' }]),
      /PIN/,
    ],
    [
      'an unknown field of an operator',
      readOperators([{ id: 'a', name: 'A', roles: ['cashier'], admin: true }]),
      /admin/,
    ],
    [
      'a customer with a fraction of a cent',
      readCustomers([{ id: 'C', name: 'C', creditLimitMinor: 0.5 }]),
      /creditLimitMinor/,
    ],
    ['a store without a name', readStore(plainSettings('GBP')), /name/],
    ['settings in no currency', readStore({ name: 'S', ...plainSettings('XXX') }), /currency/],
  ])('%s is refused by name', (_, crossing, problem) => {
    expect(crossing.ok).toBe(false);
    expect(crossing.problems?.join('; ')).toMatch(problem);
  });
});
