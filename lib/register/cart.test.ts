/** The cart of a real till on a real directory: what is in it, and that it stays. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Sku } from '../domain/ids.ts';
import type { CartChange } from '../host/till-services.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import { SampleCompany, sampleNowMs } from '../trust/sample-company.ts';
import { addLine, shownLines, stopTills, Till } from './sample-cart.ts';
import {
  prepareDirectory,
  sampleClock,
  sampleHeadOffice,
  type SampleRegisterOptions,
} from './sample-register.ts';

const dayMs = 24 * 3_600_000;

let company: SampleCompany;
let office: SampleHeadOffice;
let root: string;

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
  await stopTills();
  rmSync(root, { recursive: true, force: true });
});

async function prepare(terminal: string): Promise<SampleRegisterOptions> {
  const directory = join(root, terminal);
  const made = { directory, company, terminal: await company.terminal('S01', terminal) };
  prepareDirectory(office, made);
  return made;
}

describe('a cart', () => {
  it('is empty at first, and keeps the id that it was shown with', async () => {
    const till = await Till.start(options);
    const empty = await till.cart.cart('ann');
    expect(empty).toMatchObject({ lines: [], totalMinor: 0, cashDueMinor: 0, currency: 'EUR' });
    expect((await till.cart.cart('ann')).cart).toBe(empty.cart);
    expect((await till.change(addLine('a', 'TEA'))).cart).toBe(empty.cart);
    expect(empty.tenders[0]).toBe('cash');
  });

  it('P9: costs what is charged', async () => {
    const till = await Till.start(options);
    await till.change(addLine('a', 'TEA', 2_000));
    const shown = await till.change(addLine('b', 'CUP'));
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
    await first.change(addLine('a', 'TEA'));
    const shown = await first.change(addLine('b', 'CUP', 3_000));
    expect(await first.cart.cart('ann')).toEqual(shown);
    await first.stop();
    const second = await Till.start(options);
    expect(await second.cart.cart('ann')).toEqual(shown);
    const more = await second.change(addLine('c', 'PEN'));
    second.kill();
    const third = await Till.start(options);
    expect(await third.cart.cart('ann')).toEqual(more);
    expect((await third.pay(more)).outcome).toBe('done');
  });

  it('the same line sent twice is one, also after a kill', async () => {
    const first = await Till.start(options);
    await first.change(addLine('a', 'TEA'));
    const shown = await first.change(addLine('b', 'TEA', 2_000));
    expect(shownLines(shown)).toEqual([['a', 'TEA', 3_000]]);
    first.kill();
    const second = await Till.start(options);
    expect(shownLines(await second.change(addLine('b', 'TEA', 2_000)))).toEqual([
      ['a', 'TEA', 3_000],
    ]);
    expect(shownLines(await second.change(addLine('a', 'TEA')))).toEqual([['a', 'TEA', 3_000]]);
  });

  it('goes on where the disk is full', async () => {
    let isFull = false;
    const till = await Till.start(options, { isFull: () => isFull });
    await till.change(addLine('a', 'TEA'));
    isFull = true;
    const shown = await till.change(addLine('b', 'CUP'));
    expect(shownLines(shown)).toHaveLength(2);
    expect((await till.pay(shown)).outcome).toBe('done');
    isFull = false;
  });

  it('a till between two lives says so, and has its cart in the next one', async () => {
    const till = await Till.start(options);
    const shown = await till.change(addLine('a', 'TEA'));
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
    await first.pay(await first.change(addLine('a', 'TEA')));
    await first.stop();
    const clock = sampleClock(sampleNowMs + 40 * dayMs);
    const second = await Till.start({ ...options, clock });
    const shown = await second.change(addLine('a', 'TEA'));
    const { register } = second;
    expect(register.businessDay).toBe('2026-01-15');
    expect(register.replica.desks.dayOf(shown.cart)).toBe('2026-02-24');
    expect((await second.pay(shown)).outcome).toBe('done');
  });

  it('of yesterday goes on with its lines; an empty one is left behind', async () => {
    const first = await Till.start(options);
    const shown = await first.change(addLine('a', 'TEA'));
    await first.stop();
    const clock = sampleClock(sampleNowMs + dayMs);
    const second = await Till.start({ ...options, clock });
    expect((await second.cart.cart('ann')).cart).toBe(shown.cart);
    await second.change({ kind: 'remove', line: 'a' });
    const next = await second.change(addLine('b', 'CUP'));
    expect(next.cart).not.toBe(shown.cart);
    expect(second.register.replica.desks.dayOf(next.cart)).toBe('2026-01-16');
    expect(second.stateOf(shown.cart)).toBe('cleared');
  });

  it('a second open one of this till is parked, not lost and not shown with the next sale', async () => {
    const till = await Till.start(options);
    const shown = await till.change(addLine('a', 'TEA'));
    const { desks } = till.register.replica;
    const line = { sku: 'CUP' as Sku, quantityMilli: 1_000, order: 0 };
    desks.write({ cart: desks.newCartId(), by: 'ann', state: 'open', lines: { x: line } });
    expect(await till.cart.cart('ann')).toEqual({ ...shown, others: 1 });
    expect([...desks.carts()].map(({ state }) => state)).toEqual(['open', 'parked']);
    await till.pay(shown);
    expect((await till.cart.cart('ann')).lines).toEqual([]);
  });
});

describe('a change', () => {
  it('that is not allowed to the operator changes nothing', async () => {
    const till = await Till.start(options);
    const shown = await till.change(addLine('a', 'TEA'));
    const price: CartChange = { kind: 'price', line: 'a', unitPriceE4: 1, override: 'gift' };
    expect(await till.code(price)).toBe('OVERRIDE_NOT_PERMITTED');
    expect(await till.code({ kind: 'discount', line: 'a', discountMinor: 1 })).toBe(
      'DISCOUNT_NOT_PERMITTED',
    );
    expect(await till.code(addLine('b', 'NOPE'))).toBe('PRODUCT_UNKNOWN');
    expect(await till.code(addLine('b', 'TEA'), 'nobody')).toBe('OPERATOR_UNKNOWN');
    expect(await till.cart.cart('ann')).toEqual(shown);
    expect((await till.change(price, 'max')).totalMinor).toBe(0);
  });

  it('of a long cart is written in edits that fit, and undone line by line', async () => {
    const till = await Till.start(options);
    for (let n = 0; n < 60; n++) {
      await till.change(addLine(`line-${n}`, 'TEA'), 'max');
      const override = `${'long reason '.repeat(16)}${n}`;
      await till.change({ kind: 'price', line: `line-${n}`, unitPriceE4: 10_000, override }, 'max');
    }
    expect((await till.change({ kind: 'clear' })).lines).toEqual([]);
    const back = await till.change({ kind: 'restore', line: 'line-7' }, 'max');
    expect(shownLines(back)).toEqual([['line-7', 'TEA', 1_000]]);
    till.kill();
    const after = await Till.start(options);
    expect(await after.cart.cart('ann')).toEqual(back);
  });
});
