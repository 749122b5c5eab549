/** Paying the cart of a real till on a real directory: whatever happens in between, one sale. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { addLine, publishTo, shownLines, stopTills, Till } from './sample-cart.ts';
import {
  carryOver,
  prepareDirectory,
  sampleHeadOffice,
  type SampleRegisterOptions,
} from './sample-register.ts';

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

const tea = (unitPriceE4: number) => ({
  sku: 'TEA',
  names: 'Sample tea',
  barcodes: [],
  tax: 'std',
  prices: [{ unitPriceE4 }],
  active: true,
});

describe('D11: approvals', () => {
  const discount = { kind: 'discount', line: 'a', discountMinor: 50 } as const;

  it('what a manager took off is paid by the cashier, and the sale says who allowed it', async () => {
    const till = await Till.start(options);
    await till.change(addLine('a', 'TEA'));
    await till.change(addLine('b', 'MILK'));
    expect(await till.code(discount)).toBe('DISCOUNT_NOT_PERMITTED');
    const shown = await till.change(discount, 'max');
    expect(shown.lines.map(({ approvedBy }) => approvedBy)).toEqual(['Max', undefined]);
    // A cashier undoes what he removed, and can change nothing of what was allowed but take it out.
    await till.change({ kind: 'remove', line: 'a' });
    const back = await till.change({ kind: 'restore', line: 'a' });
    expect(back.lines[0]).toMatchObject({ approvedBy: 'Max', discountMinor: 50 });
    expect(await till.code({ kind: 'quantity', line: 'a', quantityMilli: 9_000 })).toBe(
      'DISCOUNT_NOT_PERMITTED',
    );
    expect(await till.pay(back)).toMatchObject({ outcome: 'done' });
    const { body } = till.lastSale();
    expect(body.lines).toMatchObject([{ sku: 'TEA', discountMinor: 50, approvedBy: 'max' }, {}]);
    expect(body.lines[1]).not.toHaveProperty('approvedBy');
  });

  it('what a manager allows with a PIN at the cashier’s till is the cashier’s sale, and by nobody else’s rights', async () => {
    const till = await Till.start(options);
    await till.change(addLine('a', 'TEA'));
    for (const approver of ['ann', 'nobody']) {
      const answer = await till.cart.changeCart('ann', discount, approver);
      expect([approver, answer.outcome]).toEqual([approver, 'refused']);
    }
    const answer = await till.cart.changeCart('ann', discount, 'max');
    expect(answer).toMatchObject({ cart: { lines: [{ approvedBy: 'Max', discountMinor: 50 }] } });
    // What a cashier may do is approved by nobody, whoever typed a PIN.
    await till.cart.changeCart('ann', addLine('b', 'MILK'), 'max');
    const shown = await till.cart.cart('ann');
    expect(shown.lines.map(({ approvedBy }) => approvedBy)).toEqual(['Max', undefined]);
    expect(await till.pay(shown)).toMatchObject({ outcome: 'done' });
    expect(till.lastSale().body.lines.map(({ approvedBy }) => approvedBy)).toEqual([
      'max',
      undefined,
    ]);
  });

  it('survives a kill, ends with the discount, and is not written where the seller may do it himself', async () => {
    const till = await Till.start(options);
    await till.change(addLine('a', 'TEA'));
    await till.change(discount, 'max');
    till.kill();
    await till.stop().catch(() => undefined);
    const again = await Till.start(options);
    const shown = await again.cart.cart('ann');
    expect(shown.lines[0]).toMatchObject({ approvedBy: 'Max' });
    const plain = await again.change({ ...discount, discountMinor: 0 });
    expect(plain.lines[0]).not.toHaveProperty('approvedBy');
    const own = await again.change(discount, 'max');
    expect(await again.pay(own, undefined, 'max')).toMatchObject({ outcome: 'done' });
    expect(again.lastSale().body.lines[0]).not.toHaveProperty('approvedBy');
  });

  it('what was allowed for one customer is not put back among the goods of the next', async () => {
    const till = await Till.start(options);
    const first = await till.change(addLine('a', 'TEA'));
    await till.change(discount, 'max');
    await till.change({ kind: 'clear' });
    // Undone at once it is the same sale, as it was allowed.
    const undone = await till.change({ kind: 'restore', line: 'a' });
    expect(undone).toMatchObject({ cart: first.cart, lines: [{ approvedBy: 'Max' }] });
    await till.change({ kind: 'clear' });
    const next = await till.change(addLine('b', 'CUP'));
    expect(next.cart).not.toBe(first.cart);
    expect(await till.code({ kind: 'restore', line: 'a' })).toBe('CART_LINE_UNKNOWN');
  });

  it('no command from outside brings an approval along', async () => {
    const till = await Till.start(options);
    const command = {
      kind: 'CompleteSale',
      command: 'outside-1',
      by: 'ann',
      lines: [{ sku: 'TEA', quantityMilli: 1_000, discountMinor: 50 }],
      tenders: [{ kind: 'cash', givenMinor: 100_000 }],
    };
    expect(till.register.execute(command)).toMatchObject({ code: 'DISCOUNT_NOT_PERMITTED' });
    const claimed = { ...command, lines: [{ ...command.lines[0], approvedBy: 'max' }] };
    expect(till.register.execute(claimed)).toMatchObject({ outcome: 'invalid' });
    // Nor does one of somebody who may not, or whom nobody knows.
    for (const approver of ['ann', 'nobody', undefined])
      expect(till.register.execute(command, [approver])).toMatchObject({
        code: 'DISCOUNT_NOT_PERMITTED',
      });
  });
});

describe('paying', () => {
  it('asked for twice, one after the other, is one sale with one number', async () => {
    const till = await Till.start(options);
    const shown = await till.change(addLine('a', 'TEA'));
    const paid = await till.pay(shown);
    // Another way to pay and another total: what was paid stays as it was.
    const again = await till.pay({ ...shown, totalMinor: 1 }, [{ kind: 'card', givenMinor: 1 }]);
    expect(again).toEqual({ ...paid, outcome: 'repeated' });
    expect(till.sales()).toBe(1);
  });

  it('is one sale whatever another till has done by the command of the cart', async () => {
    const till = await Till.start(options);
    const other = await Till.start(await prepare('T2'));
    const shown = await till.change(addLine('a', 'TEA'));
    const command = `pay-${shown.cart}`;
    const drawer = { kind: 'OpenDrawer', command, by: 'ann', reason: 'change' };
    expect(other.register.execute(drawer)).toMatchObject({ outcome: 'done' });
    carryOver(other.register, till.register);
    expect(await till.pay(shown)).toMatchObject({ outcome: 'done' });
    expect(await till.pay(shown)).toMatchObject({ outcome: 'repeated' });
    const next = await till.change(addLine('b', 'TEA'));
    const closing = { kind: 'CloseDay', command: `pay-${next.cart}`, by: 'ann' };
    expect(other.register.execute(closing)).toMatchObject({ outcome: 'done' });
    carryOver(other.register, till.register);
    expect(await till.pay(next)).toMatchObject({ outcome: 'done' });
    expect(till.register.models.totals().byType).toMatchObject({ SaleCompleted: { documents: 2 } });
  });

  it('goes on with the next cart where this till itself did something else by the command of this one', async () => {
    const till = await Till.start(options);
    const shown = await till.change(addLine('a', 'TEA'));
    const spent = { kind: 'CloseDay', command: `pay-${shown.cart}`, by: 'ann' };
    expect(till.register.execute(spent)).toMatchObject({ outcome: 'done' });
    expect(await till.pay(shown)).toMatchObject({ code: 'COMMAND_REUSED' });
    await till.change({ kind: 'clear' });
    const next = await till.change(addLine('b', 'CUP'));
    expect(next.cart).not.toBe(shown.cart);
    expect(await till.pay(next)).toMatchObject({ outcome: 'done' });
  });

  it('asked for by two tabs at once is one sale; what was scanned since stays', async () => {
    const till = await Till.start(options);
    const shown = await till.change(addLine('a', 'TEA'));
    const asked = await Promise.all([
      till.pay(shown),
      till.pay(shown),
      till.change(addLine('b', 'CUP')),
      till.pay(shown),
    ]);
    const paid = asked.flatMap((one) => ('outcome' in one ? [one] : []));
    expect(paid.map(({ outcome }) => outcome)).toEqual(['done', 'repeated', 'repeated']);
    expect(till.sales()).toBe(1);
    expect(shownLines(await till.cart.cart('ann'))).toEqual([['b', 'CUP', 1_000]]);
  });

  it('after a kill between the sale and the desk is the same sale, and the cart is closed', async () => {
    let isFull = false;
    const first = await Till.start(options, { isFull: () => isFull });
    await first.change(addLine('a', 'TEA'));
    isFull = true;
    // The desk on the disk never hears of this line, and not of the sale.
    const shown = await first.change(addLine('b', 'CUP'));
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
    const shown = await first.change(addLine('a', 'TEA'));
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
    const shown = await first.change(addLine('a', 'TEA'));
    first.kill();
    await expect(first.pay(shown)).rejects.toThrow();
    const second = await Till.start(options);
    expect(await second.pay(shown)).toMatchObject({ outcome: 'done' });
    expect(second.sales()).toBe(1);
  });

  it('in a new life of the till finds the sale of the old one', async () => {
    let isFull = false;
    const first = await Till.start(options, { isFull: () => isFull });
    const shown = await first.change(addLine('a', 'TEA'));
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
    const shown = await first.change(addLine('a', 'TEA'));
    first.kill();
    const second = await Till.start({ ...options, machineId: 'another' });
    expect(await second.cart.cart('ann')).toEqual(shown);
    expect(await second.pay(shown)).toMatchObject({ outcome: 'done' });
  });

  it('in a new life an emptied cart’s id, which may be paid where this till does not know it, takes no other goods', async () => {
    const first = await Till.start(options);
    const shown = await first.change(addLine('a', 'TEA'));
    first.kill();
    const second = await Till.start({ ...options, machineId: 'another' });
    await second.change({ kind: 'clear' });
    const next = await second.change(addLine('b', 'TEA'));
    expect(next.cart).not.toBe(shown.cart);
    expect(second.stateOf(shown.cart)).toBe('cleared');
    await second.change({ kind: 'clear' });
    expect((await second.change(addLine('c', 'TEA'))).cart).toBe(next.cart);
    expect(await second.pay(shown)).toMatchObject({ outcome: 'refused', code: 'CART_NOT_HERE' });
  });

  it('another price since the total was shown is refused, and looked at it is paid', async () => {
    const till = await Till.start(options);
    const shown = await till.change(addLine('a', 'TEA'));
    await publishTo(till, office, 2, { TEA: tea(29_900) });
    expect(await till.pay(shown)).toMatchObject({ outcome: 'refused', code: 'CART_CHANGED' });
    const now = await till.cart.cart('ann');
    expect(now).toMatchObject({ cart: shown.cart, totalMinor: 299 });
    expect(await till.pay(now)).toMatchObject({ outcome: 'done', totalMinor: 299 });
  });

  it('what left the catalogue is shown with its cause, and keeps the others from nothing', async () => {
    const till = await Till.start(options);
    await till.change(addLine('a', 'TEA'));
    await till.change(addLine('b', 'CUP'));
    await publishTo(till, office, 2, { TEA: undefined });
    const shown = await till.cart.cart('ann');
    expect(shown).toMatchObject({
      totalMinor: 322,
      lines: [{ id: 'a', amountMinor: 0, problem: { code: 'PRODUCT_UNKNOWN' } }, { id: 'b' }],
    });
    expect(await till.pay(shown)).toMatchObject({ outcome: 'refused', code: 'PRODUCT_UNKNOWN' });
    expect(await till.code(addLine('c', 'PEN'))).toBe('done');
    const without = await till.change({ kind: 'remove', line: 'a' });
    expect(await till.pay(without)).toMatchObject({ outcome: 'done' });
  });

  it('refuses an empty cart, another cart, and what does not cover it', async () => {
    const till = await Till.start(options);
    const empty = await till.cart.cart('ann');
    expect(await till.pay(empty)).toMatchObject({ code: 'CART_EMPTY' });
    const shown = await till.change(addLine('a', 'TEA'));
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
    const shown = await one.change(addLine('a', 'TEA'));
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
