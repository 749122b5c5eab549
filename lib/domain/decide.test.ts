import { describe, expect, it } from 'vitest';
import type { Command, CompleteSale, ItemLine, TenderRequest } from './commands.ts';
import { parseCommand } from './commands.ts';
import type { Decision } from './decide.ts';
import type { JournalKey, Sku } from './ids.ts';
import { sampleProduct, sampleSettings, SampleTill } from './sample-till.ts';

const products = [
  sampleProduct('A', 10_050),
  sampleProduct('B', 25_500, { tax: 'low' }),
  sampleProduct('KIT', 100_000, { components: [{ sku: 'A' as Sku, quantityMilli: 2_000 }] }),
  sampleProduct('OLD', 10_000, { active: false }),
  sampleProduct('NOPRICE', 0, { prices: [] }),
  sampleProduct('ODDTAX', 10_000, { tax: 'nobody' }),
  sampleProduct('FREE', 0),
];
const till = (settings = sampleSettings) => new SampleTill(products, settings);

const line = (sku: string, quantityMilli = 1_000, more: Partial<ItemLine> = {}): ItemLine => ({
  sku: sku as Sku,
  quantityMilli,
  ...more,
});
const cash = (givenMinor: number): TenderRequest[] => [{ kind: 'cash', givenMinor }];
const sale = (
  lines: ItemLine[],
  tenders: TenderRequest[],
  more: Partial<CompleteSale> = {},
): CompleteSale => ({
  kind: 'CompleteSale',
  command: 'sale-0001',
  by: 'ann',
  lines,
  tenders,
  ...more,
});
const code = (decision: Decision) =>
  decision.kind === 'refused' ? decision.refusal.code : decision.kind;

describe('a sale', () => {
  it('is recorded whole: lines, taxes, change, number, day, release, references', () => {
    const command = sale([line('A', 2_000), line('KIT')], cash(2_000), {
      customer: 'c1',
      external: { system: 'uci', id: '536365' },
    });
    expect(till().run(command)).toStrictEqual({
      kind: 'record',
      type: 'SaleCompleted',
      body: {
        number: 'S01-T1A-S-1',
        businessDay: '2026-11-20',
        currency: 'EUR',
        lines: [
          {
            sku: 'A',
            quantityMilli: 2_000,
            name: 'Product A',
            unitPriceE4: 10_050,
            tax: 'std',
            amountMinor: 201,
          },
          {
            sku: 'KIT',
            quantityMilli: 1_000,
            name: 'Product KIT',
            unitPriceE4: 100_000,
            tax: 'std',
            components: [{ sku: 'A', quantityMilli: 2_000 }],
            amountMinor: 1_000,
          },
        ],
        taxes: [{ rate: 'std', percentE4: 200_000, netMinor: 1_001, taxMinor: 200 }],
        totalMinor: 1_201,
        tenders: [{ kind: 'cash', amountMinor: 1_201, givenMinor: 2_000, changeMinor: 799 }],
        roundingMinor: 0,
        customer: 'c1',
        external: { system: 'uci', id: '536365' },
        release: 7,
      },
    });
  });

  it.each<[string, CompleteSale, string]>([
    ['an unknown operator', sale([line('A')], cash(101), { by: 'bob' }), 'OPERATOR_UNKNOWN'],
    ['an unknown product', sale([line('X')], cash(101)), 'PRODUCT_UNKNOWN'],
    [
      'an open item by a cashier',
      sale([line('X', 1_000, { name: 'X', unitPriceE4: 1 })], cash(101)),
      'PRODUCT_UNKNOWN',
    ],
    [
      'an open item without a name',
      sale([line('X', 1_000, { unitPriceE4: 1 })], cash(101), { by: 'sue' }),
      'PRODUCT_UNKNOWN',
    ],
    [
      'an open item without a price',
      sale([line('X', 1_000, { name: 'X' })], cash(101), { by: 'sue' }),
      'PRODUCT_UNKNOWN',
    ],
    [
      'an open item',
      sale([line('X', 1_000, { name: 'X', unitPriceE4: 1 })], cash(101), { by: 'sue' }),
      'record',
    ],
    [
      'a typed price by a cashier',
      sale([line('A', 1_000, { unitPriceE4: 1, override: 'why' })], cash(101)),
      'OVERRIDE_NOT_PERMITTED',
    ],
    [
      'a typed price by a supervisor',
      sale([line('A', 1_000, { unitPriceE4: 1 })], cash(101), { by: 'sue' }),
      'record',
    ],
    [
      'the catalogue’s price typed',
      sale([line('A', 1_000, { unitPriceE4: 10_050 })], cash(101)),
      'record',
    ],
    ['an inactive product', sale([line('OLD')], cash(101)), 'PRODUCT_INACTIVE'],
    ['an inactive product by a manager', sale([line('OLD')], cash(101), { by: 'max' }), 'record'],
    [
      'a product without a price',
      sale([line('NOPRICE')], cash(101), { by: 'max' }),
      'PRICE_MISSING',
    ],
    ['a product with an unknown tax', sale([line('ODDTAX')], cash(101)), 'TAX_UNKNOWN'],
    [
      'a line discount by a cashier',
      sale([line('A', 1_000, { discountMinor: 1 })], cash(101)),
      'DISCOUNT_NOT_PERMITTED',
    ],
    [
      'a document discount by a cashier',
      sale([line('A')], cash(101), { discountMinor: 1 }),
      'DISCOUNT_NOT_PERMITTED',
    ],
    [
      'a discount by a supervisor',
      sale([line('A')], cash(101), { discountMinor: 1, by: 'sue' }),
      'record',
    ],
    [
      'a discount above the price',
      sale([line('A')], cash(101), { discountMinor: 102, by: 'sue' }),
      'DISCOUNT_TOO_LARGE',
    ],
    ['too little money', sale([line('A')], cash(100)), 'TENDERS_SHORT'],
    ['free goods', sale([line('FREE', 5_000)], []), 'record'],
  ])('%s → %#: %s', (_, command, expected) => {
    expect(parseCommand(command).ok).toBe(true);
    const shop = till();
    expect(code(shop.run(command))).toBe(expected);
    expect(shop.recorded).toHaveLength(expected === 'record' ? 1 : 0);
  });

  it('says on the line why a price is not the catalogue’s', () => {
    const shop = till({ ...sampleSettings, openItemTax: 'low' });
    const decision = shop.run(
      sale(
        [
          line('A', 1_000, { unitPriceE4: 100, override: 'damaged' }),
          line('B', 1_000, { unitPriceE4: 100 }),
          line('X', 1_000, { name: 'Thing', unitPriceE4: 100 }),
        ],
        cash(100),
        { by: 'sue' },
      ),
    );
    expect(decision).toMatchObject({
      body: {
        lines: [
          { override: 'damaged' },
          { override: 'price typed' },
          { override: 'open item', name: 'Thing', tax: 'low' },
        ],
      },
    });
  });

  it('a shop may let its cashiers type a price when they say why', () => {
    const settings = { ...sampleSettings, overrideByReason: true };
    const typed = (more: Partial<ItemLine>) =>
      sale([line('A', 1_000, { unitPriceE4: 100, ...more })], cash(1));
    expect(code(till(settings).run(typed({})))).toBe('OVERRIDE_NOT_PERMITTED');
    expect(code(till(settings).run(typed({ override: 'damaged' })))).toBe('record');
  });

  it('a document that would not fit an entry is refused, not torn', () => {
    const lines = Array.from({ length: 2_000 }, () =>
      line('X', 1_000, { name: '名'.repeat(200), unitPriceE4: 1 }),
    );
    const shop = till();
    expect(code(shop.run(sale(lines, cash(100), { by: 'max' })))).toBe('DOCUMENT_TOO_LARGE');
    expect(code(shop.run(sale(lines.slice(0, 500), cash(100), { by: 'max' })))).toBe('record');
  });
});

describe('P3: one command is one document, numbers have no gaps', () => {
  it('a repeated command gives the document that it made, whoever asks', () => {
    const shop = till();
    shop.run(sale([line('A')], cash(101)));
    const again = shop.run(sale([line('A')], [], { by: 'nobody' }));
    expect(again).toStrictEqual({ kind: 'repeated', seq: 1, number: 'S01-T1A-S-1' });
    expect(shop.recorded).toHaveLength(1);
  });

  it('L2: an id that comes again with other goods is refused, not swallowed', () => {
    const shop = till();
    shop.run(sale([line('A')], cash(101)));
    const others = [
      sale([line('B')], cash(101)),
      sale([line('A', 2_000)], cash(202)),
      sale([line('A'), line('A')], cash(202)),
      sale([], []),
    ];
    for (const other of others) expect(code(shop.run(other))).toBe('COMMAND_REUSED');
    const { command } = sale([], []);
    const closing = shop.run({ kind: 'CloseDay', command, by: 'max' });
    expect(code(closing)).toBe('COMMAND_REUSED');
    expect(shop.recorded).toHaveLength(1);
  });

  it('L2: a repeated return is known by the receipt’s lines', () => {
    const shop = till();
    shop.run(sale([line('A'), line('B')], cash(400), { command: 'the-sale-1' }));
    const back = (ofLine: number, refundMinor = 255): Command => ({
      kind: 'CompleteReturn',
      command: 'the-return-1',
      by: 'max',
      of: { journal: shop.journal, seq: 1 },
      lines: [{ ofLine, quantityMilli: 1_000 }],
      tenders: [{ kind: 'cash', amountMinor: refundMinor }],
    });
    expect(code(shop.run(back(1)))).toBe('record');
    expect(code(shop.run(back(1)))).toBe('repeated');
    expect(code(shop.run(back(0)))).toBe('COMMAND_REUSED');
  });

  it('a refusal uses no number, and each kind of document counts by itself', () => {
    const shop = till();
    let n = 0;
    const next = () => `command-${++n}`;
    const numbers = [
      shop.run(sale([line('A')], cash(101), { command: next() })),
      shop.run(sale([line('A')], cash(1), { command: next() })),
      shop.run(sale([line('A')], cash(101), { command: next() })),
      shop.run({
        kind: 'CompleteReturn',
        command: next(),
        by: 'sue',
        lines: [line('A')],
        tenders: [{ kind: 'cash', amountMinor: 101 }],
      }),
      shop.run({
        kind: 'AdjustStock',
        command: next(),
        by: 'sue',
        reason: 'broken',
        lines: [{ sku: 'A' as Sku, quantityMilli: -1_000 }],
      }),
      shop.run({ kind: 'CloseDay', command: next(), by: 'ann' }),
      shop.run({ kind: 'CloseDay', command: next(), by: 'ann' }),
    ].map((decision) =>
      decision.kind === 'record' && 'number' in decision.body
        ? decision.body.number
        : decision.kind,
    );
    expect(numbers).toStrictEqual([
      'S01-T1A-S-1',
      'refused',
      'S01-T1A-S-2',
      'S01-T1A-R-1',
      'S01-T1A-A-1',
      'S01-T1A-Z-1',
      'S01-T1A-Z-2',
    ]);
  });
});

describe('a return', () => {
  const of = { journal: 'S01/T1/00000000000000aa' as JournalKey, seq: 1 };
  const back = (command: string, quantityMilli: number, amountMinor: number, by = 'ann') => ({
    kind: 'CompleteReturn' as const,
    command,
    by,
    of,
    lines: [{ ofLine: 0, quantityMilli }],
    tenders: [{ kind: 'cash', amountMinor }],
  });
  const sold = () => {
    const shop = till();
    shop.run(sale([line('A', 3_000), line('B')], cash(10_000)));
    return shop;
  };

  it('gives the receipt’s figures back, negative, and names the receipt', () => {
    expect(sold().run(back('return-01', 1_000, 101))).toMatchObject({
      kind: 'record',
      type: 'ReturnCompleted',
      body: {
        number: 'S01-T1A-R-1',
        of,
        ofLine: [0],
        restock: true,
        lines: [{ sku: 'A', quantityMilli: -1_000, amountMinor: -101, unitPriceE4: 10_050 }],
        taxes: [{ rate: 'std', netMinor: -84, taxMinor: -17 }],
        totalMinor: -101,
        tenders: [{ kind: 'cash', amountMinor: -101 }],
      },
    });
  });

  it('never gives back more than was sold, over any number of returns', () => {
    const shop = sold();
    expect(code(shop.run(back('return-01', 3_001, 302)))).toBe('OVER_REFUND');
    expect(code(shop.run(back('return-02', 2_000, 201)))).toBe('record');
    expect(code(shop.run(back('return-03', 1_001, 101)))).toBe('OVER_REFUND');
    expect(code(shop.run(back('return-04', 1_000, 101)))).toBe('record');
    expect(code(shop.run(back('return-05', 1, 0)))).toBe('OVER_REFUND');
  });

  it('what is sold by the piece comes back in whole pieces, with or without the receipt', () => {
    const shop = sold();
    expect(code(shop.run(back('return-01', 500, 50)))).toBe('WHOLE_PIECES');
    const bare = { ...back('return-02', 1, 1, 'sue'), lines: [line('A', 1_500)] };
    const { of: _, ...withoutReceipt } = bare;
    expect(code(shop.run(withoutReceipt))).toBe('WHOLE_PIECES');
    expect(code(shop.run(back('return-03', 2_000, 201)))).toBe('record');
  });

  it('a part of a piece that was recorded all the same comes back as it is, and no smaller part of it', () => {
    const shop = till();
    shop.run(sale([line('A', 1_500)], cash(1_000)));
    expect(code(shop.run(back('return-01', 1_500, 151)))).toBe('record');
  });

  it('what is weighed comes back in any part', () => {
    const shop = new SampleTill([sampleProduct('A', 10_050, { weighed: true })]);
    shop.run(sale([line('A', 3_000)], cash(1_000)));
    expect(code(shop.run(back('return-01', 500, 50)))).toBe('record');
  });

  it('above the limit of the store a receipt is not paid back by a cashier, also not in steps', () => {
    const shop = till({ ...sampleSettings, returnLimitMinor: 201 });
    shop.run(sale([line('A', 3_000), line('B')], cash(10_000)));
    expect(shop.run(back('return-01', 3_000, 302))).toMatchObject({
      kind: 'refused',
      refusal: { code: 'RETURN_LIMIT', about: 'EUR 2.01' },
    });
    expect(code(shop.run(back('return-02', 2_000, 201)))).toBe('record');
    expect(code(shop.run(back('return-03', 1_000, 101)))).toBe('RETURN_LIMIT');
    expect(code(shop.run(back('return-04', 1_000, 101, 'sue')))).toBe('record');
  });

  it('says why, where a reason was given', () => {
    const why = { ...back('return-01', 1_000, 101), reason: 'damaged' };
    expect(sold().run(why)).toMatchObject({ body: { reason: 'damaged' } });
  });

  it('after an over-refund on tills that were apart nothing is left', () => {
    class OverReturned extends SampleTill {
      override receipt(key: typeof of) {
        const known = super.receipt(key);
        return known === undefined ? undefined : { ...known, returnedMilli: [6_000, 0] };
      }
    }
    const shop = new OverReturned(products);
    shop.run(sale([line('A', 3_000), line('B')], cash(10_000)));
    expect(code(shop.run(back('return-01', 1, 0)))).toBe('OVER_REFUND');
  });

  it.each([
    [
      'an unknown receipt',
      { ...back('return-01', 1_000, 101), of: { ...of, seq: 99 } },
      'RECEIPT_UNKNOWN',
    ],
    [
      'an unknown line',
      { ...back('return-01', 1_000, 101), lines: [{ ofLine: 7, quantityMilli: 1 }] },
      'RECEIPT_LINE_UNKNOWN',
    ],
    ['too little money back', back('return-01', 1_000, 100), 'TENDERS_SHORT'],
    ['too much money back', back('return-01', 1_000, 102), 'TENDERS_EXCEED'],
  ])('%s is refused', (_, command, expected) => {
    expect(code(sold().run(command))).toBe(expected);
  });

  it('without a receipt needs a senior, and takes today’s price', () => {
    const without = (by: string) => ({
      kind: 'CompleteReturn' as const,
      command: 'return-01',
      by,
      lines: [line('A')],
      tenders: [{ kind: 'cash', amountMinor: 101 }],
      restock: false,
    });
    expect(code(till().run(without('ann')))).toBe('NOT_PERMITTED');
    expect(till().run(without('sue'))).toMatchObject({
      body: {
        totalMinor: -101,
        restock: false,
        lines: [{ quantityMilli: -1_000, amountMinor: -101 }],
        tenders: [{ amountMinor: -101 }],
      },
    });
  });

  it('cash goes back in coins, as it came', () => {
    const shop = till({ ...sampleSettings, cashRounding: { incrementMinor: 5 } });
    expect(shop.run(sale([line('A', 3_000)], cash(1_000)))).toMatchObject({
      body: {
        totalMinor: 302,
        roundingMinor: -2,
        tenders: [{ amountMinor: 300, changeMinor: 700 }],
      },
    });
    expect(shop.run(back('return-01', 3_000, 300))).toMatchObject({
      body: { totalMinor: -302, roundingMinor: 2, tenders: [{ amountMinor: -300 }] },
    });
  });

  it('cash in many steps gives back what it took, and not half a coin more at each', () => {
    const shop = till({ ...sampleSettings, cashRounding: { incrementMinor: 100 } });
    expect(shop.run(sale([line('B', 10_000)], cash(5_000)))).toMatchObject({
      body: { totalMinor: 2_550, tenders: [{ amountMinor: 2_600 }] },
    });
    const steps = [300, 200, 300, 200, 300, 200, 300, 200, 300, 300];
    expect(steps.reduce((sum, step) => sum + step)).toBe(2_600);
    for (const [n, step] of steps.entries()) {
      expect(code(shop.run(back(`too-much-0${n}`, 1_000, step + 100)))).toBe('TENDERS_EXCEED');
      expect(code(shop.run(back(`return-0${n}`, 1_000, step)))).toBe('record');
    }
  });
});
