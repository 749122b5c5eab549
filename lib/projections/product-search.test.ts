import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EntryHash, ReleaseId, StoreId } from '../domain/ids.ts';
import type { Product } from '../domain/product.ts';
import { Projections } from './projections.ts';
import { sku } from './sample-entries.ts';

const product = (code: string, names: string, more: Partial<Product> = {}): Product => ({
  sku: sku(code),
  names,
  barcodes: [],
  prices: [],
  active: true,
  ...more,
});

const release = (n: number): ReleaseId => ({ n, hash: `hash-${n}` as EntryHash });

/** What ends strings, queries and programs elsewhere. */
const hostile = [
  `'`,
  `"`,
  `''; drop table products; --`,
  `" OR 1=1 --`,
  'NEAR(red blue)',
  'red AND',
  'NOT',
  'OR OR',
  'words : red',
  '{words} : red',
  '^red',
  'red*',
  '*',
  '(',
  '-red',
  '+',
  '\\',
  'a\u0000b',
  '\ud800',
  'red \udfff',
  '%',
  '_',
  '__proto__',
  '\u0301\u0301',
  '😀',
  '𖹀𐴀',
  'x'.repeat(100_000),
  'red '.repeat(10_000),
];

describe('product search', () => {
  let projections: Projections;
  beforeEach(() => {
    projections = Projections.open({ file: ':memory:', store: 'S01' as StoreId, own: undefined });
    projections.replaceProducts(
      [
        product('85123A', 'White hanging heart T-light holder', { barcodes: ['5012345678900'] }),
        product('85123B', 'Red hanging heart', { barcodes: ['036000291452', 'PLU-7'] }),
        product('22423', 'Regency cakestand 3 tier'),
        product('ÉCLAIR', 'Éclair au café'),
        product('OLD1', 'Red heart, discontinued', { active: false }),
      ].map((one) => ({ sku: one.sku, product: one })),
      release(7),
    );
  });
  afterEach(() => projections.close());

  const found = (text: string, limit = 10): string[] =>
    projections.searchProducts(text, limit).map((one) => one.sku);

  it.each([
    ['85123A', ['85123A']],
    ['85123a', ['85123A']],
    ['85123', ['85123A', '85123B']],
    ['heart', ['85123B', '85123A']],
    ['hea han', ['85123B', '85123A']],
    ['T-light', ['85123A']],
    ['cafe', ['ÉCLAIR']],
    ['CAFÉ', ['ÉCLAIR']],
    ['5012345678900', ['85123A']],
    ['05012345678900', ['85123A']],
    ['0036000291452', ['85123B']],
    ['PLU-7', ['85123B']],
    ['nothing such', []],
    ['   ', []],
  ])('%s finds %j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it('a product is known with its release, changed and taken out as a whole', () => {
    expect(projections.release()).toEqual(release(7));
    expect(projections.productsByBarcode('036000291452').map((one) => one.sku)).toEqual(['85123B']);
    projections.replaceProducts(
      [
        { sku: sku('85123B'), product: product('85123B', 'Blue lantern') },
        { sku: sku('22423'), product: undefined },
      ],
      release(8),
    );
    expect(projections.release()).toEqual(release(8));
    expect(found('red')).toEqual([]);
    expect(found('blue')).toEqual(['85123B']);
    expect(projections.productsByBarcode('036000291452')).toEqual([]);
    expect(projections.product(sku('22423'))).toBeUndefined();
    expect(found('cakestand')).toEqual([]);
    expect(projections.productCount()).toBe(4);
  });

  it('an inactive product is known by its code but not offered by name', () => {
    expect(found('discontinued')).toEqual([]);
    expect(found('OLD1')).toEqual(['OLD1']);
  });

  it.each(hostile.map((text) => [JSON.stringify(text).slice(0, 40), text]))(
    'X6: %s is text, never syntax',
    (_shown, text) => {
      expect(() => projections.searchProducts(text, 10)).not.toThrow();
      expect(() => projections.searchCustomers(text, 10)).not.toThrow();
      expect(() => projections.product(sku(text))).not.toThrow();
      expect(() => projections.productsByBarcode(text)).not.toThrow();
      expect(projections.productCount()).toBe(5);
    },
  );

  it('X6: whatever is typed never fails, and finds no more than asked', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.nat(5), (text, limit) => {
        expect(projections.searchProducts(text, limit).length).toBeLessThanOrEqual(limit);
        projections.searchCustomers(text, limit);
      }),
      { seed: 6, numRuns: 500 },
    );
  });

  it('X6: names with quotes, NUL and pairs of surrogates come back byte for byte', () => {
    const name = `O'Brien's "best" \\ \u0000 😀 crème`;
    projections.replaceProducts([{ sku: sku(`Q'1`), product: product(`Q'1`, name) }]);
    expect(projections.searchProducts('brien best', 5)[0]?.names).toBe(name);
    expect(projections.product(sku(`Q'1`))?.names).toBe(name);
    expect(projections.release()).toEqual(release(7));
  });

  it('an empty release leaves all as it is; a failing one changes nothing', () => {
    function* failing() {
      yield { sku: sku('22423'), product: undefined };
      throw new Error('the source broke off');
    }
    expect(() => projections.replaceProducts(failing(), release(9))).toThrow('broke off');
    expect(projections.product(sku('22423'))).toBeDefined();
    expect(projections.release()).toEqual(release(7));
  });
});

describe('customer search', () => {
  it('finds by id, name and phone as typed, and forgets who is erased', () => {
    const projections = Projections.open({
      file: ':memory:',
      store: 'S01' as StoreId,
      own: undefined,
    });
    projections.replaceCustomers([
      { id: 'C1', fields: { name: 'María José O’Neill', phone: '+44 20 7946 0018' } },
      { id: 'C2', fields: { name: 'Mary Neal', note: 'secret' } },
    ]);
    const found = (text: string) => projections.searchCustomers(text, 5).map(({ id }) => id);
    expect(found('maria')).toEqual(['C1']);
    expect(found('mar')).toEqual(['C1', 'C2']);
    expect(found('4420794')).toEqual(['C1']);
    expect(found('7946')).toEqual(['C1']);
    expect(found('secret')).toEqual([]);
    expect(found('C2')).toEqual(['C2']);
    projections.replaceCustomers([{ id: 'C1', fields: undefined }]);
    expect(found('maria')).toEqual([]);
    expect(projections.customer('C1')).toBeUndefined();
    projections.close();
  });
});
