/** A right request for each row of the table, and what has to be there for it to be done. */
import type { Principal, Sku } from '#lib/domain/ids.ts';
import { pins, type RealTill } from './real-till.ts';

type Sample = {
  /** The address, where the route's own is a pattern. */
  readonly path?: (till: RealTill) => string;
  readonly body?: (till: RealTill) => object | Promise<object>;
  readonly prepare?: (till: RealTill) => Promise<void>;
};

let n = 0;
const command = (): string => `authorised-${++n}`;
const line = (): string => `line-${++n}`;
const tea = { sku: 'TEA', quantityMilli: 1_000 };
const cash = [{ kind: 'cash', givenMinor: 100_000 }];

/** Somebody's cart with two pieces of something in line `held`. */
async function fill({ services }: RealTill): Promise<void> {
  await services.changeCart('max', { kind: 'clear' });
  held = line();
  const sku = 'CUP' as Sku;
  await services.changeCart('max', { kind: 'add', line: held, sku, quantityMilli: 2_000 });
}
let held = '';

const sellOnce = (till: RealTill, quantityMilli = 1_000) => {
  const lines = [{ sku: 'TEA', quantityMilli }];
  const done = till.register.execute({
    kind: 'CompleteSale',
    command: command(),
    by: 'ann',
    lines,
    tenders: cash,
  });
  if (done.outcome !== 'done') throw new Error(JSON.stringify(done));
  return done;
};

const soldOnce = (till: RealTill) => {
  const { journal, seq } = sellOnce(till);
  return { journal, seq };
};

const returned = (till: RealTill, quantityMilli: number, amountMinor: number) => {
  const { journal, seq } = sellOnce(till, quantityMilli);
  return {
    kind: 'CompleteReturn',
    of: { journal, seq },
    lines: [{ ofLine: 0, quantityMilli }],
    tenders: [{ kind: 'cash', amountMinor }],
  };
};

/** Without `command` and `by`. */
const commands: Readonly<Record<string, (till: RealTill) => object>> = {
  CompleteSale: () => ({ kind: 'CompleteSale', lines: [tea], tenders: cash }),
  ReturnOfReceipt: (till) => returned(till, 1_000, 199),
  ReturnWithoutReceipt: () => ({
    kind: 'CompleteReturn',
    lines: [tea],
    tenders: [{ kind: 'cash', amountMinor: 199 }],
  }),
  AdjustStock: () => ({ kind: 'AdjustStock', reason: 'found', lines: [tea] }),
  AdjustLedger: () => ({
    kind: 'AdjustLedger',
    reason: 'rounding',
    lines: [{ ...tea, unitPriceE4: 100 }],
  }),
  CountStock: () => ({ kind: 'CountStock', lines: [{ sku: 'PEN', quantityMilli: 5_000 }] }),
  CloseDay: () => ({ kind: 'CloseDay' }),
  OpenDrawer: () => ({ kind: 'OpenDrawer', reason: 'change' }),
  CancelCart: () => ({
    kind: 'CancelCart',
    cart: 'T1-00000000000000000001',
    lines: [{ ...tea, name: 'Tea', amountMinor: 199 }],
  }),
  VoidCartLine: () => ({
    kind: 'VoidCartLine',
    cart: 'T1-00000000000000000001',
    line: 'line-1',
    ...tea,
    name: 'Tea',
    amountMinor: 199,
  }),
  ReprintReceipt: (till) => ({ kind: 'ReprintReceipt', of: soldOnce(till) }),
  'CompleteSale with a discount': () => ({
    kind: 'CompleteSale',
    lines: [tea],
    discountMinor: 10,
    tenders: cash,
  }),
  'CompleteSale with a discount on a line': () => ({
    kind: 'CompleteSale',
    lines: [{ ...tea, discountMinor: 10 }],
    tenders: cash,
  }),
  'CompleteSale at a typed price': () => ({
    kind: 'CompleteSale',
    lines: [{ ...tea, unitPriceE4: 100, override: 'dented' }],
    tenders: cash,
  }),
  'CompleteSale of what the catalogue does not know': () => ({
    kind: 'CompleteSale',
    lines: [{ ...tea, sku: 'ODD', name: 'Something', unitPriceE4: 10_000 }],
    tenders: cash,
  }),
  'CompleteSale of what is no longer sold': () => ({
    kind: 'CompleteSale',
    lines: [{ ...tea, sku: 'OLD' }],
    tenders: cash,
  }),
  'ReturnOfReceipt above the store’s limit': (till) => returned(till, 4_000, 796),
};

/** Undefined where a row has no sample: then it cannot be seen to work. */
export const commandSample = (row: string, till: RealTill): object | undefined => {
  const make = commands[row];
  return make && { ...make(till), command: command() };
};

export const cartSamples: Readonly<Record<string, () => object>> = {
  add: () => ({ kind: 'add', line: line(), ...tea }),
  scan: () => ({ kind: 'scan', line: line(), code: 'TEA', quantityMilli: 1_000 }),
  quantity: () => ({ kind: 'quantity', line: held, quantityMilli: 3_000 }),
  price: () => ({ kind: 'price', line: held, unitPriceE4: 777, override: 'dented' }),
  discount: () => ({ kind: 'discount', line: held, discountMinor: 5 }),
  remove: () => ({ kind: 'remove', line: held }),
  restore: () => ({ kind: 'restore', line: held }),
  clear: () => ({ kind: 'clear' }),
};
export async function prepareCart(till: RealTill, kind: string): Promise<void> {
  await fill(till);
  if (kind === 'restore') await till.services.changeCart('max', { kind: 'remove', line: held });
}

/** A route that has none is asked with an empty body: whoever may gets as far as being told what is missing. */
export const routeSamples: Readonly<Record<string, Sample>> = {
  'POST /screen/session': { body: () => ({ operator: 'sue', pin: pins['sue'] }) },
  'DELETE /screen/session': {},
  'POST /screen/sessions/end': { body: () => ({ others: 'own' }) },
  'POST /screen/sessions/end of a colleague': {
    body: ({ gate }) => ({ session: gate.sessions.idOf(gate.begin('max', undefined)) }),
  },
  'POST /screen/unlock': { body: () => ({ operator: 'ann' }) },
  'POST /screen/cart': { prepare: fill, body: () => ({ kind: 'add', line: line(), ...tea }) },
  'POST /screen/approvals': {
    prepare: fill,
    body: () => ({
      operator: 'sue',
      pin: pins['sue'],
      change: { kind: 'discount', line: held, discountMinor: 7 },
    }),
  },
  'POST /screen/pay': {
    prepare: fill,
    body: async ({ services }) => {
      const { cart, totalMinor } = await services.cart('max');
      return { cart, totalMinor, tenders: cash };
    },
  },
  'POST /screen/carts/:act': {
    prepare: fill,
    path: () => '/screen/carts/park',
    body: async ({ services }) => ({ cart: (await services.cart('max')).cart }),
  },
  'POST /screen/prints': { body: (till) => ({ of: soldOnce(till), command: command() }) },
  'GET /screen/journal': { path: () => '/screen/journal?limit=5' },
  'POST /screen/commands': { body: () => ({ kind: 'CloseDay', command: command() }) },
  'GET /screen/stock/:sku': { path: () => '/screen/stock/TEA' },
  'GET /screen/receipts/:number': { path: (till) => `/screen/receipts/${sellOnce(till).number}` },
  'POST /screen/mesh/pardons': {
    prepare: async ({ register: { replica } }) => {
      replica.mesh.accuse('S01-T3-00000000000000aa' as Principal, 'NOT_THE_WRITER', 'a price');
      // What was seen becomes an entry in a turn of its own.
      await new Promise(setImmediate);
    },
    body: () => ({ terminal: 'S01-T3' }),
  },
  'POST /screen/mesh/:act': {
    path: () => `/screen/mesh/${++n % 2 ? 'cut' : 'heal'}`,
    body: () => ({ peer: 'HQ-HQ1' }),
  },
};
