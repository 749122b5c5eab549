/** The cart of a real till on a real directory: whatever happens between the first scan and the receipt, one sale. */
import * as A from '@automerge/automerge';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { catalogShards, documentIdOf, names } from '../documents/names.ts';
import type { Sku } from '../domain/ids.ts';
import type { CartChange, CartView } from '../host/till-services.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import type { Disk, OpenFile } from '../storage/disk.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { SampleCompany, sampleNowMs } from '../trust/sample-company.ts';
import { TillCart } from './cart.ts';
import type { Register } from './register.ts';
import {
  carryOver,
  openRegister,
  prepareDirectory,
  sampleClock,
  sampleHeadOffice,
  type SampleRegisterOptions,
} from './sample-register.ts';

const dayMs = 24 * 3_600_000;
const cash = [{ kind: 'cash', givenMinor: 100_000 }];
const add = (line: string, sku: string, quantityMilli = 1_000): CartChange => ({
  kind: 'add',
  line,
  sku: sku as Sku,
  quantityMilli,
});

let company: SampleCompany;
let office: SampleHeadOffice;
let root: string;
const running: Till[] = [];

/** One process of a till. */
class Till {
  readonly register: Register;
  readonly cart: TillCart;
  readonly problems: unknown[] = [];
  readonly #power: { isOn: boolean };

  private constructor(register: Register, power: { isOn: boolean }) {
    this.register = register;
    this.#power = power;
    this.cart = new TillCart({
      register,
      execute: (command) => register.execute(command),
      onProblem: (error) => this.problems.push(error),
    });
  }

  static async start(
    options: SampleRegisterOptions,
    { isFull = () => false }: { isFull?: () => boolean } = {},
  ): Promise<Till> {
    const power = { isOn: true };
    const register = await openRegister({
      ...options,
      // Another process draws other random numbers.
      seed: `${options.directory} ${starts++}`,
      disk: limitedDisk(power, isFull),
      onFatal: () => undefined,
    });
    const till = new Till(register, power);
    running.push(till);
    return till;
  }

  /** Nothing reaches the disk any more; nobody says goodbye. */
  kill(): void {
    this.#power.isOn = false;
  }

  async stop(): Promise<void> {
    running.splice(running.indexOf(this), 1);
    await this.register.stop();
  }

  async change(change: CartChange, by = 'ann'): Promise<CartView> {
    const answer = await this.cart.changeCart(by, change);
    if (answer.outcome === 'refused') throw new Error(answer.message);
    return answer.cart;
  }

  async code(change: CartChange, by = 'ann'): Promise<string> {
    const answer = await this.cart.changeCart(by, change);
    return answer.outcome === 'refused' ? answer.code : answer.outcome;
  }

  pay({ cart, totalMinor }: Pick<CartView, 'cart' | 'totalMinor'>, tenders = cash) {
    return this.cart.pay('ann', cart, totalMinor, tenders);
  }

  sales(): number {
    return this.register.models.totals().documents;
  }

  stateOf(cart: string) {
    return this.register.replica.desks.cart(cart)?.state;
  }
}
let starts = 0;

/** After a kill it takes nothing; where it is full, it takes no documents (desks), and journals all the same. */
function limitedDisk(power: { isOn: boolean }, isFull: () => boolean): Disk {
  const check = (path: string): void => {
    if (!power.isOn || (isFull() && path.includes('/documents/')))
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  const gate =
    <Rest extends unknown[], Result>(run: (path: string, ...rest: Rest) => Result) =>
    (path: string, ...rest: Rest): Result => {
      check(path);
      return run(path, ...rest);
    };
  const opening = (open: (path: string) => OpenFile) =>
    gate((path) => {
      const file = open(path);
      const append = (bytes: Uint8Array): number => {
        check(path);
        return file.append(bytes);
      };
      return new Proxy(file, {
        get(target, name: keyof OpenFile) {
          return name === 'append' ? append : target[name].bind(target);
        },
      });
    });
  return {
    ...nodeDisk,
    create: opening((path) => nodeDisk.create(path)),
    openAppend: opening((path) => nodeDisk.openAppend(path)),
    rename: gate((from, to: string) => nodeDisk.rename(from, to)),
    makeDirectory: gate((path) => nodeDisk.makeDirectory(path)),
  };
}

const linesOf = ({ lines }: CartView) =>
  lines.map(({ id, sku, quantityMilli }) => [id, sku, quantityMilli]);

beforeAll(async () => {
  company = await SampleCompany.create('cart');
});
let options: SampleRegisterOptions;
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'tillmesh-cart-'));
  office = await sampleHeadOffice(company);
  options = await prepare('T1');
});
afterEach(async () => {
  for (const till of [...running]) await till.stop();
  rmSync(root, { recursive: true, force: true });
});

async function prepare(terminal: string): Promise<SampleRegisterOptions> {
  const directory = join(root, terminal);
  const made = { directory, company, terminal: await company.terminal('S01', terminal) };
  prepareDirectory(office, made);
  return made;
}

/** A release that reaches a running till. */
async function publish(
  { register }: Till,
  n: number,
  products: Readonly<Record<string, object | undefined>>,
): Promise<void> {
  office.writeProducts(products);
  const shards = Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard));
  office.release(n, [names.org(), ...shards]);
  for (const name of [...shards, names.releases()]) {
    const rule = register.replica.registry.rule(documentIdOf(name));
    if (!rule) throw new Error(name);
    const handle = await register.replica.documents.open(rule);
    handle.update((doc) => A.applyChanges(doc, A.getAllChanges(office.doc(name)))[0]);
  }
  await vi.waitFor(() => expect(register.release).toBe(n));
}

const tea = (unitPriceE4: number) => ({
  sku: 'TEA',
  names: 'Sample tea',
  barcodes: [],
  tax: 'std',
  prices: [{ unitPriceE4 }],
  active: true,
});

describe('a cart', () => {
  it('is empty at first, and keeps the id that it was shown with', async () => {
    const till = await Till.start(options);
    const empty = await till.cart.cart('ann');
    expect(empty).toMatchObject({ lines: [], totalMinor: 0, cashDueMinor: 0, currency: 'EUR' });
    expect((await till.cart.cart('ann')).cart).toBe(empty.cart);
    expect((await till.change(add('a', 'TEA'))).cart).toBe(empty.cart);
    expect(empty.tenders[0]).toBe('cash');
  });

  it('P9: costs what is charged', async () => {
    const till = await Till.start(options);
    await till.change(add('a', 'TEA', 2_000));
    const shown = await till.change(add('b', 'CUP'));
    expect(shown).toMatchObject({
      totalMinor: 398 + 322,
      netMinor: 600,
      taxes: [{ rate: 'std', name: 'std', taxMinor: 120 }],
      lines: [{ amountMinor: 398 }, { amountMinor: 322 }],
    });
    const paid = await till.pay(shown);
    expect(paid).toMatchObject({
      outcome: 'done',
      number: 'S01-T1A-S-1',
      totalMinor: 720,
      changeMinor: 100_000 - 720,
      cart: { lines: [], totalMinor: 0 },
    });
    expect(paid.outcome === 'done' && paid.cart.cart).not.toBe(shown.cart);
    expect(till.stateOf(shown.cart)).toBe('paid');
  });

  it('survives a reload, a restart and a kill, line by line', async () => {
    const first = await Till.start(options);
    await first.change(add('a', 'TEA'));
    const shown = await first.change(add('b', 'CUP', 3_000));
    expect(await first.cart.cart('ann')).toEqual(shown);
    await first.stop();
    const second = await Till.start(options);
    expect(await second.cart.cart('ann')).toEqual(shown);
    const more = await second.change(add('c', 'PEN'));
    second.kill();
    const third = await Till.start(options);
    expect(await third.cart.cart('ann')).toEqual(more);
    expect((await third.pay(more)).outcome).toBe('done');
  });

  it('the same line sent twice is one, also after a kill', async () => {
    const first = await Till.start(options);
    await first.change(add('a', 'TEA'));
    const shown = await first.change(add('b', 'TEA', 2_000));
    expect(linesOf(shown)).toEqual([['a', 'TEA', 3_000]]);
    first.kill();
    const second = await Till.start(options);
    expect(linesOf(await second.change(add('b', 'TEA', 2_000)))).toEqual([['a', 'TEA', 3_000]]);
    expect(linesOf(await second.change(add('a', 'TEA')))).toEqual([['a', 'TEA', 3_000]]);
  });

  it('goes on where the disk is full', async () => {
    let isFull = false;
    const till = await Till.start(options, { isFull: () => isFull });
    await till.change(add('a', 'TEA'));
    isFull = true;
    const shown = await till.change(add('b', 'CUP'));
    expect(linesOf(shown)).toHaveLength(2);
    expect((await till.pay(shown)).outcome).toBe('done');
    isFull = false;
  });

  it('a till between two lives says so, and has its cart in the next one', async () => {
    const till = await Till.start(options);
    const shown = await till.change(add('a', 'TEA'));
    const { replica } = till.register;
    const { key } = replica.own;
    const rule = replica.registry.journalRule(key, 1);
    if (rule) replica.journals.segments.unload(rule);
    const path = join(options.directory, 'journals', key, '1.changes');
    const bytes = readFileSync(path);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    writeFileSync(path, bytes);
    expect(() => [...replica.journals.reader.entriesFrom(key, 1)]).toThrow();
    await expect(till.cart.cart('ann')).rejects.toMatchObject({ code: 'BEGINNING_ANEW' });
    await expect(till.pay(shown)).rejects.toMatchObject({ code: 'BEGINNING_ANEW' });
    await vi.waitFor(() => expect(till.register.replica.own.key).not.toBe(key));
    expect(await till.cart.cart('ann')).toEqual(shown);
    expect(await till.pay(shown)).toMatchObject({ outcome: 'done' });
    expect(till.sales()).toBe(1);
  });

  it('lies in the desk of the clock’s day, however old the business day is', async () => {
    const first = await Till.start(options);
    await first.pay(await first.change(add('a', 'TEA')));
    await first.stop();
    const clock = sampleClock(sampleNowMs + 40 * dayMs);
    const second = await Till.start({ ...options, clock });
    const shown = await second.change(add('a', 'TEA'));
    const { register } = second;
    expect(register.businessDay).toBe('2026-01-15');
    expect(register.replica.desks.dayOf(shown.cart)).toBe('2026-02-24');
    expect((await second.pay(shown)).outcome).toBe('done');
  });

  it('of yesterday goes on with its lines; an empty one is left behind', async () => {
    const first = await Till.start(options);
    const shown = await first.change(add('a', 'TEA'));
    await first.stop();
    const clock = sampleClock(sampleNowMs + dayMs);
    const second = await Till.start({ ...options, clock });
    expect((await second.cart.cart('ann')).cart).toBe(shown.cart);
    await second.change({ kind: 'remove', line: 'a' });
    const next = await second.change(add('b', 'CUP'));
    expect(next.cart).not.toBe(shown.cart);
    expect(second.register.replica.desks.dayOf(next.cart)).toBe('2026-01-16');
    expect(second.stateOf(shown.cart)).toBe('cleared');
  });

  it('a second open one of this till is parked, not lost and not shown with the next sale', async () => {
    const till = await Till.start(options);
    const shown = await till.change(add('a', 'TEA'));
    const { desks } = till.register.replica;
    const line = { sku: 'CUP' as Sku, quantityMilli: 1_000, order: 0 };
    desks.write({ cart: desks.newCartId(), by: 'ann', state: 'open', lines: { x: line } });
    expect(await till.cart.cart('ann')).toEqual(shown);
    expect([...desks.carts()].map(({ state }) => state)).toEqual(['open', 'parked']);
    await till.pay(shown);
    expect((await till.cart.cart('ann')).lines).toEqual([]);
  });
});

describe('paying', () => {
  it('asked for twice, one after the other, is one sale with one number', async () => {
    const till = await Till.start(options);
    const shown = await till.change(add('a', 'TEA'));
    const paid = await till.pay(shown);
    // Another way to pay and another total: what was paid stays as it was.
    const again = await till.pay({ ...shown, totalMinor: 1 }, [{ kind: 'card', givenMinor: 1 }]);
    expect(again).toEqual({ ...paid, outcome: 'repeated' });
    expect(till.sales()).toBe(1);
  });

  it('asked for by two tabs at once is one sale; what was scanned since stays', async () => {
    const till = await Till.start(options);
    const shown = await till.change(add('a', 'TEA'));
    const asked = await Promise.all([
      till.pay(shown),
      till.pay(shown),
      till.change(add('b', 'CUP')),
      till.pay(shown),
    ]);
    const paid = asked.flatMap((one) => ('outcome' in one ? [one] : []));
    expect(paid.map(({ outcome }) => outcome)).toEqual(['done', 'repeated', 'repeated']);
    expect(till.sales()).toBe(1);
    expect(linesOf(await till.cart.cart('ann'))).toEqual([['b', 'CUP', 1_000]]);
  });

  it('after a kill between the sale and the desk is the same sale, and the cart is closed', async () => {
    let isFull = false;
    const first = await Till.start(options, { isFull: () => isFull });
    await first.change(add('a', 'TEA'));
    isFull = true;
    // The desk on the disk never hears of this line, and not of the sale.
    const shown = await first.change(add('b', 'CUP'));
    const paid = await first.pay(shown);
    first.kill();
    const second = await Till.start(options);
    await second.register.replica.desks.begin();
    expect(second.stateOf(shown.cart)).toBe('open');
    const again = await second.pay(shown);
    expect(again).toMatchObject({
      outcome: 'repeated',
      number: paid.outcome === 'done' && paid.number,
      totalMinor: shown.totalMinor,
      cart: { lines: [] },
    });
    expect(second.stateOf(shown.cart)).toBe('paid');
    expect(second.sales()).toBe(1);
  });

  it('a reload after such a kill shows an empty cart, not what is paid', async () => {
    let isFull = false;
    const first = await Till.start(options, { isFull: () => isFull });
    const shown = await first.change(add('a', 'TEA'));
    isFull = true;
    await first.pay(shown);
    first.kill();
    const second = await Till.start(options);
    const next = await second.cart.cart('ann');
    expect(next.lines).toEqual([]);
    expect(next.cart).not.toBe(shown.cart);
    expect(second.stateOf(shown.cart)).toBe('paid');
  });

  it('after a kill before the sale is the first time', async () => {
    const first = await Till.start(options);
    const shown = await first.change(add('a', 'TEA'));
    first.kill();
    await expect(first.pay(shown)).rejects.toThrow();
    const second = await Till.start(options);
    expect(await second.pay(shown)).toMatchObject({ outcome: 'done' });
    expect(second.sales()).toBe(1);
  });

  it('in a new life of the till finds the sale of the old one', async () => {
    let isFull = false;
    const first = await Till.start(options, { isFull: () => isFull });
    const shown = await first.change(add('a', 'TEA'));
    const { letter } = first.register.living;
    isFull = true;
    const paid = await first.pay(shown);
    first.kill();
    // Another machine: the directory is a copy, so another series of numbers begins.
    const second = await Till.start({ ...options, machineId: 'another' });
    expect(second.register.living.letter).not.toBe(letter);
    expect((await second.cart.cart('ann')).lines).toEqual([]);
    expect(await second.pay(shown)).toMatchObject({
      outcome: 'repeated',
      number: paid.outcome === 'done' && paid.number,
    });
    expect(second.sales()).toBe(1);
  });

  it('in a new life goes on with an unpaid cart', async () => {
    const first = await Till.start(options);
    const shown = await first.change(add('a', 'TEA'));
    first.kill();
    const second = await Till.start({ ...options, machineId: 'another' });
    expect(await second.cart.cart('ann')).toEqual(shown);
    expect(await second.pay(shown)).toMatchObject({ outcome: 'done' });
  });

  it('another price since the total was shown is refused, and looked at it is paid', async () => {
    const till = await Till.start(options);
    const shown = await till.change(add('a', 'TEA'));
    await publish(till, 2, { TEA: tea(29_900) });
    expect(await till.pay(shown)).toMatchObject({ outcome: 'refused', code: 'CART_CHANGED' });
    const now = await till.cart.cart('ann');
    expect(now).toMatchObject({ cart: shown.cart, totalMinor: 299 });
    expect(await till.pay(now)).toMatchObject({ outcome: 'done', totalMinor: 299 });
  });

  it('what left the catalogue is shown with its cause, and keeps the others from nothing', async () => {
    const till = await Till.start(options);
    await till.change(add('a', 'TEA'));
    await till.change(add('b', 'CUP'));
    await publish(till, 2, { TEA: undefined });
    const shown = await till.cart.cart('ann');
    expect(shown).toMatchObject({
      totalMinor: 322,
      lines: [{ id: 'a', amountMinor: 0, problem: { code: 'PRODUCT_UNKNOWN' } }, { id: 'b' }],
    });
    expect(await till.pay(shown)).toMatchObject({ outcome: 'refused', code: 'PRODUCT_UNKNOWN' });
    expect(await till.code(add('c', 'PEN'))).toBe('done');
    const without = await till.change({ kind: 'remove', line: 'a' });
    expect(await till.pay(without)).toMatchObject({ outcome: 'done' });
  });

  it('refuses an empty cart, another cart, and what does not cover it', async () => {
    const till = await Till.start(options);
    const empty = await till.cart.cart('ann');
    expect(await till.pay(empty)).toMatchObject({ code: 'CART_EMPTY' });
    const shown = await till.change(add('a', 'TEA'));
    expect(await till.pay({ cart: 'f'.repeat(20), totalMinor: 199 })).toMatchObject({
      code: 'CART_NOT_HERE',
    });
    expect(await till.pay(shown, [{ kind: 'cash', givenMinor: 1 }])).toMatchObject({
      code: 'TENDERS_SHORT',
    });
    expect(await till.cart.cart('ann')).toEqual(shown);
    const removed = await till.change({ kind: 'remove', line: 'a' });
    expect(await till.pay(removed)).toMatchObject({ code: 'CART_EMPTY' });
    expect(till.sales()).toBe(0);
  });

  it('a cart at another till is that till’s; paid there, the number is said here', async () => {
    const [one, two] = [await Till.start(options), await Till.start(await prepare('T2'))];
    const shown = await one.change(add('a', 'TEA'));
    expect(await two.pay(shown)).toMatchObject({ outcome: 'refused', code: 'CART_NOT_HERE' });
    const paid = await one.pay(shown);
    carryOver(one.register, two.register);
    expect(await two.pay(shown)).toMatchObject({
      outcome: 'repeated',
      number: paid.outcome === 'done' && paid.number,
      cart: { lines: [] },
    });
    expect(two.sales()).toBe(1);
  });
});

describe('a change', () => {
  it('that is not allowed to the operator changes nothing', async () => {
    const till = await Till.start(options);
    const shown = await till.change(add('a', 'TEA'));
    const price: CartChange = { kind: 'price', line: 'a', unitPriceE4: 1, override: 'gift' };
    expect(await till.code(price)).toBe('OVERRIDE_NOT_PERMITTED');
    expect(await till.code({ kind: 'discount', line: 'a', discountMinor: 1 })).toBe(
      'DISCOUNT_NOT_PERMITTED',
    );
    expect(await till.code(add('b', 'NOPE'))).toBe('PRODUCT_UNKNOWN');
    expect(await till.code(add('b', 'TEA'), 'nobody')).toBe('OPERATOR_UNKNOWN');
    expect(await till.cart.cart('ann')).toEqual(shown);
    expect((await till.change(price, 'max')).totalMinor).toBe(0);
  });

  it('of a long cart is written in edits that fit, and undone line by line', async () => {
    const till = await Till.start(options);
    for (let n = 0; n < 60; n++) {
      await till.change(add(`line-${n}`, 'TEA'), 'max');
      const override = `${'long reason '.repeat(16)}${n}`;
      await till.change({ kind: 'price', line: `line-${n}`, unitPriceE4: 10_000, override }, 'max');
    }
    expect((await till.change({ kind: 'clear' })).lines).toEqual([]);
    const back = await till.change({ kind: 'restore', line: 'line-7' }, 'max');
    expect(linesOf(back)).toEqual([['line-7', 'TEA', 1_000]]);
    till.kill();
    const after = await Till.start(options);
    expect(await after.cart.cart('ann')).toEqual(back);
  });
});
