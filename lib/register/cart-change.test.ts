import { describe, expect, it } from 'vitest';
import { foldCart, linesOf, readDeskRecord, type DeskLine } from '../domain/desk-cart.ts';
import { gtinCheckDigit, barcodeKey } from '../domain/gtin.ts';
import type { Sku } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Product } from '../domain/product.ts';
import { sampleProduct, sampleSettings, SampleTill } from '../domain/sample-till.ts';
import type { CartChange } from '../host/till-services.ts';
import { changeHeld } from './cart-change.ts';
import { priceHeld } from './cart-prices.ts';
import type { ScanShop } from './scanned.ts';

const checked = (body: string): string => `${body}${gtinCheckDigit(body)}`;
const products: readonly Product[] = [
  sampleProduct('TEA', 19_900, { barcodes: [checked('952000000001')] }),
  sampleProduct('CUP', 32_500),
  sampleProduct('HAM', 123_400, { weighed: true, barcodes: [checked('281234500000')] }),
  sampleProduct('PIE', 50_000, { barcodes: ['54321'] }),
  sampleProduct('OLD', 10_000, { active: false }),
  { ...sampleProduct('NEW', 0), prices: [] },
];
const till = new SampleTill(products, {
  ...sampleSettings,
  inStoreBarcodes: [{ pattern: '28 IIIII WWWWW C', decimals: 3 }, { pattern: '21 IIIII PPPPP C' }],
});
const shop: ScanShop = {
  store: till.store,
  businessDay: till.businessDay,
  settings: till.settings,
  product: (sku) => till.product(sku),
  byBarcode: (code) =>
    products.filter(({ barcodes }) => barcodes.some((own) => barcodeKey(own) === barcodeKey(code))),
};
const cashier = { roles: ['cashier'] } as const;
const manager = { roles: ['manager'] } as const;

/** A cart and what was answered to its changes. */
function ring(...changes: readonly object[]) {
  let lines = new Map<string, DeskLine>();
  const answers = changes.map((asked) => {
    const { by = cashier, ...change } = asked as { by?: typeof cashier | typeof manager };
    const id = by === cashier ? 'ann' : 'max';
    const changed = changeHeld(shop, { id, operator: by }, lines, change as CartChange);
    if (!changed.ok) return changed.refusal.code;
    lines = new Map([...lines, ...Object.entries(changed.value.lines)]);
    return changed.value.line ?? 'done';
  });
  const held = linesOf({ lines });
  return { answers, lines, held, priced: priceHeld(shop, held) };
}
const shown = ({ held }: ReturnType<typeof ring>) =>
  held.map(({ id, line }) => [id, line.sku, line.quantityMilli]);
const add = (line: string, sku: string, quantityMilli = 1_000) => ({
  kind: 'add',
  line,
  sku,
  quantityMilli,
});
/** More than half of what a document can cost. */
const dear = (line: string, sku: string) => [
  add(line, sku, 70_000),
  { kind: 'price', line, unitPriceE4: limits.unitPriceE4, override: 'dear', by: manager },
];
const scan = (line: string, code: string, quantityMilli = 1_000) => ({
  kind: 'scan',
  line,
  code,
  quantityMilli,
});

describe('equal goods are one line', () => {
  it('by search and by scan, each sent as often as it likes', () => {
    const code = checked('952000000001');
    const rung = ring(
      add('a', 'TEA'),
      scan('b', code),
      scan('b', code),
      add('c', 'TEA', 3_000),
      add('a', 'TEA'),
      add('d', 'CUP'),
    );
    expect(rung.answers).toEqual(['a', 'a', 'a', 'a', 'a', 'd']);
    expect(shown(rung)).toEqual([
      ['a', 'TEA', 5_000],
      ['d', 'CUP', 1_000],
    ]);
  });

  it.each([
    ['weighed goods', [add('a', 'HAM', 500), add('b', 'HAM', 700)]],
    [
      'a typed price',
      [
        add('a', 'TEA'),
        { kind: 'price', line: 'a', unitPriceE4: 5, override: 'x', by: manager },
        add('b', 'TEA'),
      ],
    ],
    [
      'a discount',
      [
        add('a', 'TEA'),
        { kind: 'discount', line: 'a', discountMinor: 5, by: manager },
        add('b', 'TEA'),
      ],
    ],
    ['a removed line', [add('a', 'TEA'), { kind: 'remove', line: 'a' }, add('b', 'TEA')]],
  ])('but not with %s', (_, changes) => {
    expect(ring(...changes).answers.at(-1)).toBe('b');
  });

  it('a discount taken back makes it a plain line again', () => {
    const rung = ring(
      add('a', 'TEA'),
      { kind: 'discount', line: 'a', discountMinor: 5, by: manager },
      { kind: 'discount', line: 'a', discountMinor: 0 },
      add('b', 'TEA'),
    );
    expect(shown(rung)).toEqual([['a', 'TEA', 2_000]]);
  });

  it('a line that took others in comes back with all of them', () => {
    const rung = ring(
      add('a', 'TEA'),
      add('b', 'TEA'),
      { kind: 'remove', line: 'a' },
      add('b', 'TEA'),
      { kind: 'restore', line: 'a' },
    );
    expect(shown(rung)).toEqual([['a', 'TEA', 2_000]]);
  });
});

describe('labels of scales', () => {
  const label = (weight: number) => checked(`2812345${String(weight).padStart(5, '0')}`);

  it('weigh, each package for itself', () => {
    const rung = ring(scan('a', label(750)), scan('b', label(1_200)), scan('a', label(750)));
    expect(shown(rung)).toEqual([
      ['a', 'HAM', 750],
      ['b', 'HAM', 1_200],
    ]);
    expect(rung.priced.totalMinor).toBe(926 + 1_481);
  });

  it('hold their own weight: no other quantity, and not three at once', () => {
    const { answers } = ring(
      scan('a', label(750)),
      { kind: 'quantity', line: 'a', quantityMilli: 9 },
      scan('b', label(750), 3_000),
    );
    expect(answers).toEqual(['a', 'LABEL_FIXED', 'LABEL_FIXED']);
  });

  it('at weight zero are the goods without a weight', () => {
    expect(shown(ring(scan('a', label(0), 250)))).toEqual([['a', 'HAM', 250]]);
  });

  it('with a price that is not the catalogue’s need somebody who may type one', () => {
    const priced = checked('215432100475');
    expect(ring(scan('a', priced)).answers).toEqual(['OVERRIDE_NOT_PERMITTED']);
    const rung = ring({ ...scan('a', priced), by: manager });
    expect(rung.priced).toMatchObject({ totalMinor: 475, lines: [{ quantityMilli: 1_000 }] });
    expect(ring(scan('a', checked('215432100500'))).priced.totalMinor).toBe(500);
  });

  it('of nobody, or with a wrong check digit, are unknown', () => {
    const wrong = `${label(750).slice(0, -1)}${(Number(label(750).at(-1)) + 1) % 10}`;
    expect(ring(scan('a', wrong), scan('b', checked('289999900750'))).answers).toEqual([
      'PRODUCT_UNKNOWN',
      'PRODUCT_UNKNOWN',
    ]);
  });
});

describe('changes', () => {
  it.each([
    [[add('a', 'NOPE')], 'PRODUCT_UNKNOWN'],
    [[add('a', 'OLD')], 'PRODUCT_INACTIVE'],
    [[add('a', 'NEW')], 'PRICE_MISSING'],
    [[scan('a', 'nope')], 'PRODUCT_UNKNOWN'],
    [[scan('a', '__proto__')], 'PRODUCT_UNKNOWN'],
    [[scan('a', ' cup ')], 'a'],
    [[{ kind: 'quantity', line: 'a', quantityMilli: 1 }], 'CART_LINE_UNKNOWN'],
    [[{ kind: 'remove', line: 'a' }], 'CART_LINE_UNKNOWN'],
    [[{ kind: 'restore', line: 'a' }], 'CART_LINE_UNKNOWN'],
    [[add('a', 'TEA'), { kind: 'remove', line: 'a' }, { kind: 'remove', line: 'a' }], 'done'],
    [
      [
        add('a', 'TEA'),
        { kind: 'remove', line: 'a' },
        { kind: 'quantity', line: 'a', quantityMilli: 1 },
      ],
      'CART_LINE_UNKNOWN',
    ],
    // The id of an item that went into another line is no line: to remove it would take the others along.
    [[add('a', 'TEA'), add('b', 'TEA'), { kind: 'remove', line: 'b' }], 'CART_LINE_UNKNOWN'],
    [[add('a', 'TEA', limits.cartLineMilli)], 'a'],
    [[add('a', 'TEA', limits.cartLineMilli), add('b', 'TEA')], 'QUANTITY_TOO_LARGE'],
    [[add('a', 'TEA', 99_999_999_000)], 'QUANTITY_TOO_LARGE'],
    [[add('a', 'HAM', limits.quantityMilli)], 'QUANTITY_TOO_LARGE'],
    [
      [
        add('a', 'TEA'),
        { kind: 'quantity', line: 'a', quantityMilli: limits.cartLineMilli + 1_000 },
      ],
      'QUANTITY_TOO_LARGE',
    ],
    [[dear('a', 'HAM'), dear('b', 'HAM')].flat(), 'AMOUNT_TOO_LARGE'],
    [
      [add('a', 'TEA'), { kind: 'discount', line: 'a', discountMinor: 200, by: manager }],
      'DISCOUNT_TOO_LARGE',
    ],
    [
      [
        add('a', 'TEA'),
        { kind: 'discount', line: 'a', discountMinor: 100, by: manager },
        { kind: 'quantity', line: 'a', quantityMilli: 9_000 },
      ],
      'DISCOUNT_NOT_PERMITTED',
    ],
  ])('%j ends with %s', (changes, last) => {
    expect(ring(...(changes as object[])).answers.at(-1)).toBe(last);
  });

  it('what is too much together is left out from its end, however long another till made the cart', () => {
    const held = Array.from({ length: limits.cartRecords }, (_, n) => ({
      id: `l${n}`,
      line: {
        sku: 'TEA' as Sku,
        quantityMilli: limits.quantityMilli,
        unitPriceE4: 10_000 * limits.quantityMilli,
        override: 'dear',
        order: n,
      },
    }));
    const { lines, totalMinor, problem } = priceHeld(shop, held);
    const first = lines.findIndex((line) => line.problem);
    expect(problem?.code).toBe('AMOUNT_TOO_LARGE');
    expect(first).toBeGreaterThanOrEqual(0);
    expect(lines.slice(first).every((line) => line.problem && line.amountMinor === 0)).toBe(true);
    expect(lines.slice(0, first).reduce((sum, line) => sum + line.amountMinor, 0)).toBe(totalMinor);
  });

  it('a line too many for a document is refused before it is in the cart', () => {
    const many = Array.from({ length: limits.linesPerDocument }, (_, n): [string, DeskLine] => [
      `l${n}`,
      { sku: 'HAM' as Sku, quantityMilli: 1, order: n },
    ]);
    const full = changeHeld(
      shop,
      { id: 'ann', operator: cashier },
      new Map(many),
      add('x', 'CUP') as CartChange,
    );
    expect(full).toMatchObject({ ok: false, refusal: { code: 'DOCUMENT_TOO_LARGE' } });
  });

  it('all that is written can be read back by any till', () => {
    const rung = ring(
      add('a', 'TEA'),
      add('b', 'TEA'),
      scan('c', checked('281234500750')),
      { kind: 'remove', line: 'c' },
      { kind: 'price', line: 'a', unitPriceE4: 7, override: 'why', by: manager },
      { kind: 'discount', line: 'a', discountMinor: 0, by: manager },
      { kind: 'clear' },
    );
    const edit = {
      v: 1,
      at: '0000000000000010',
      terminal: 'T1',
      by: 'ann',
      cart: 'T1-0123456789abcdef0123',
      state: 'open',
      lines: Object.fromEntries(rung.lines),
    };
    const record = readDeskRecord(JSON.parse(JSON.stringify(edit)), 'x');
    const folded = record && foldCart([record]);
    expect(folded).toMatchObject({ kind: 'cart' });
    expect(folded?.kind === 'cart' && folded.cart.lines).toEqual(rung.lines);
  });
});
