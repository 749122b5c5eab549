import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { limits } from '../domain/limits.ts';
import type { Clock } from '../domain/clock.ts';
import { SignInDesk } from '../host/sign-in.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import { nodeDisk } from '../storage/node-disk.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { MeshLog } from './mesh-log.ts';
import { RegisterMetrics } from './metrics.ts';
import type { Register } from './register.ts';
import { addLine, stopTills, Till } from './sample-cart.ts';
import {
  carryOver,
  openRegister,
  prepareDirectory,
  sampleClock,
  sampleHeadOffice,
  sell,
  type SampleRegisterOptions,
} from './sample-register.ts';
import { HandClock } from './sample-sign-in.ts';
import { SelfTest } from './self-test.ts';
import { registerServices } from './services.ts';
import { verifyDirectory } from './verify.ts';

let root: string;
let company: SampleCompany;
let office: SampleHeadOffice;
let options: SampleRegisterOptions;
let n = 0;

beforeAll(async () => {
  root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-acts-test-'));
  company = await SampleCompany.create('acts');
  office = await sampleHeadOffice(company);
});
afterAll(() => fs.rmSync(root, { recursive: true }));

async function till(name: string): Promise<SampleRegisterOptions> {
  const directory = `${root}/${(n += 1)}`;
  const made = { directory, company, terminal: await company.terminal('S01', name) };
  prepareDirectory(office, made);
  return made;
}

beforeEach(async () => {
  options = await till('T1');
});
afterEach(stopTills);

/** Acts of the register's own journal, the oldest first. */
const actsOf = (register: Register) =>
  register.models
    .newestEntries(1_000)
    .filter(({ body }) => body !== undefined)
    .map(({ type, by, body }) => ({ type, by, body: body as Record<string, unknown> }))
    .filter(({ type }) => type !== 'IncarnationBegun')
    .toReversed();

describe('carts', () => {
  test('a cleared cart, a removed line and one less are entries with their goods and amounts; an empty cart is none', async () => {
    const one = await Till.start(options);
    await one.change({ kind: 'clear' });
    await one.change(addLine('l1', 'TEA', 3_000));
    const before = await one.change(addLine('l2', 'CUP'));
    expect(actsOf(one.register)).toEqual([]);
    await one.change({ kind: 'quantity', line: 'l1', quantityMilli: 5_000 });
    await one.change({ kind: 'quantity', line: 'l1', quantityMilli: 2_000 });
    await one.change({ kind: 'remove', line: 'l2' });
    await one.change({ kind: 'remove', line: 'l2' });
    await one.change({ kind: 'restore', line: 'l2' });
    const { cart, lines, totalMinor } = await one.change(addLine('l3', 'PEN'));
    await one.change({ kind: 'clear' }, 'max');
    await one.change({ kind: 'clear' }, 'max');
    const cup = before.lines[1]?.amountMinor ?? 0;
    expect(actsOf(one.register)).toMatchObject([
      {
        type: 'CartLineVoided',
        by: 'ann',
        body: { cart, line: 'l1', sku: 'TEA', name: 'Sample tea', quantityMilli: 3_000 },
      },
      { type: 'CartLineVoided', body: { line: 'l2', quantityMilli: 1_000, amountMinor: cup } },
      // "Undo": or an honest cashier would seem to have voided what he sold.
      { type: 'CartLineVoided', body: { line: 'l2', quantityMilli: -1_000, amountMinor: -cup } },
      {
        type: 'CartCancelled',
        by: 'max',
        body: {
          cart,
          totalMinor,
          lines: lines.map(({ sku, amountMinor }) => ({ sku, amountMinor })),
        },
      },
    ]);
    expect(one.problems).toEqual([]);
  });

  test('P1: a till that dies between the entry and the desk shows the cart again, and clearing it again is the same entry', async () => {
    let isFull = false;
    const one = await Till.start(options, { isFull: () => isFull });
    await one.change(addLine('l1', 'TEA'));
    isFull = true;
    // The journal takes it, the desk's file does not.
    expect((await one.change({ kind: 'remove', line: 'l1' })).lines).toEqual([]);
    one.kill();
    await one.stop();
    const two = await Till.start(options);
    expect((await two.cart.cart('ann')).lines).toHaveLength(1);
    await two.change({ kind: 'remove', line: 'l1' });
    expect(actsOf(two.register)).toMatchObject([{ type: 'CartLineVoided' }]);
    await two.change({ kind: 'restore', line: 'l1' });
    // Other goods in its place are another entry, never a refusal.
    await two.change(addLine('l2', 'CUP'));
    await two.change({ kind: 'remove', line: 'l2' });
    expect(actsOf(two.register)).toHaveLength(3);
    expect(two.problems).toEqual([]);
  });

  test('a line whose id reads like a card leaves one, too: ids are what a browser makes them', async () => {
    const one = await Till.start(options);
    await one.change(addLine('4111111111111111', 'TEA', 2_000));
    await one.change(addLine('4111-1111-1111-1111', 'CUP'));
    await one.change({ kind: 'remove', line: '4111111111111111' });
    await one.change({ kind: 'clear' });
    expect(actsOf(one.register)).toMatchObject([
      { type: 'CartLineVoided', body: { line: '4111111111111111', sku: 'TEA' } },
      { type: 'CartCancelled', body: { lines: [{ sku: 'CUP' }] } },
    ]);
  });

  test('a trace that cannot be written holds nobody up', async () => {
    const one = await Till.start(options);
    await one.change(addLine('l1', 'TEA'));
    one.register.replica.own.append = () => {
      throw new Error('the disk is full');
    };
    expect((await one.change({ kind: 'clear' })).lines).toEqual([]);
    expect(one.problems).toMatchObject([{ message: 'the disk is full' }]);
  });
});

/** The services of a register, and a clock for them that is set by hand. */
function servicesOf(register: Register, directory: string) {
  const hand = new HandClock();
  const clock: Clock = { ...sampleClock(), monotonicMs: hand.monotonicMs };
  const fail = (error: unknown): never => {
    throw error;
  };
  const services = registerServices(register, {
    version: '0',
    metrics: new RegisterMetrics(),
    clock,
    signIn: new SignInDesk({
      people: register.org,
      disk: nodeDisk,
      path: `${directory}/wrong-pins.json`,
      clock: hand,
      onProblem: fail,
      onFatal: fail,
      onLocked: (operator) =>
        register.note('OperatorLocked', { businessDay: register.businessDay, operator }, 'system'),
    }),
    meshLog: new MeshLog(clock),
    selfTest: new SelfTest(clock, []),
    onProblem: fail,
  });
  return { services, hand };
}

describe('the till', () => {
  test('drawer, copies, refusals and locks leave entries that every till reads, and `verify` agrees', async () => {
    const one = await openRegister(options);
    const { services, hand } = servicesOf(one, options.directory);
    const sale = services.execute({
      kind: 'CompleteSale',
      command: 'sale-0001',
      by: 'ann',
      lines: [{ sku: 'TEA', quantityMilli: 1_000 }],
      tenders: [{ kind: 'cash', givenMinor: 100_000 }],
    });
    if (!('number' in sale)) throw new Error(JSON.stringify(sale));
    const of = { journal: sale.journal, seq: sale.seq };
    const drawer = { kind: 'OpenDrawer', command: 'drawer-0001', by: 'ann', reason: 'change' };
    expect(services.execute(drawer)).toMatchObject({ outcome: 'done', number: 'S01-T1A-J-3' });
    expect(services.execute(drawer)).toMatchObject({ outcome: 'repeated', number: 'S01-T1A-J-3' });

    // The first printout of a fresh sale is the receipt.
    expect(services.receipt(sale.number)).toMatchObject({ copiesPrinted: 0, isUnprinted: true });
    expect(services.print('ann', of, 'print-0001')).toEqual({ outcome: 'done', copy: 0 });
    expect(services.receipt(sale.number)).toMatchObject({ copiesPrinted: 0, isUnprinted: false });
    expect(services.print('ann', of, 'print-0002')).toEqual({ outcome: 'done', copy: 1 });
    expect(services.print('ann', of, 'print-0002')).toEqual({ outcome: 'done', copy: 1 });

    const forbidden = { kind: 'AdjustStock', by: 'ann', reason: 'broken', command: 'adjust-0001' };
    const lines = [{ sku: 'TEA', quantityMilli: -1_000 }];
    for (let times = 0; times < 3; times++)
      expect(services.execute({ ...forbidden, lines })).toMatchObject({ code: 'NOT_PERMITTED' });
    services.permissionRefused?.('ann', 'switchLinks');
    for (let tries = 0; tries < limits.pinTries; tries++) {
      hand.pass(limits.pinDelayMs * 2 ** tries);
      await services.signIn('ann', '9999');
    }
    expect(await services.signIn('ann', '9999')).toMatchObject({ code: 'PIN_LOCKED' });
    expect(services.unlock('ann', 'max')).toBe(true);
    // Nobody waited: nothing was lifted.
    expect(services.unlock('ann', 'max')).toBe(true);
    services.stop();

    expect(
      actsOf(one).map(({ type, by, body }) => [type, by, body['permission'] ?? body['operator']]),
    ).toEqual([
      ['DrawerOpened', 'ann', undefined],
      ['ReceiptReprinted', 'ann', undefined],
      ['PermissionRefused', 'ann', 'adjustStock'],
      ['PermissionRefused', 'ann', 'switchLinks'],
      ['OperatorLocked', 'system', 'ann'],
      ['OperatorUnlocked', 'max', 'ann'],
      ['PermissionRefused', 'ann', 'adjustStock'],
    ]);
    const page = services.journal(100);
    expect(page.counts).toContainEqual({ operator: 'ann', type: 'PermissionRefused', count: 4 });
    expect(services.journal(100, { type: 'DrawerOpened', operator: 'ann' }).entries).toMatchObject([
      { number: 'S01-T1A-J-3', terminal: 'T1', isDocument: false, detail: { reason: 'change' } },
    ]);

    const other = await till('T2');
    const two = await openRegister(other);
    carryOver(one, two);
    expect(actsOf(two)).toEqual(actsOf(one));
    const there = servicesOf(two, other.directory).services;
    expect(there.receipt(sale.number)).toMatchObject({ copiesPrinted: 1, isUnprinted: false });
    expect(there.print('max', of, 'print-0003')).toEqual({ outcome: 'done', copy: 2 });
    expect(there.print('max', { ...of, seq: 99 }, 'print-0004')).toMatchObject({
      code: 'DOCUMENT_UNKNOWN',
    });
    await two.stop();
    await one.stop();
    expect((await verifyDirectory(options.directory)).problems).toEqual([]);
  });

  test('N5: a drawer that is opened after the close opens no day, nor does a clock that was changed', async () => {
    let aheadMs = 0;
    const base = sampleClock();
    const clock: Clock = { ...base, wallMs: () => base.wallMs() + aheadMs };
    const one = await openRegister({ ...options, clock });
    sell(one, 'sale-0001', [{ sku: 'TEA', quantityMilli: 1_000 }]);
    const day = one.businessDay;
    aheadMs = 3 * 86_400_000;
    one.execute({ kind: 'OpenDrawer', command: 'drawer-0001', by: 'ann', reason: 'count' });
    expect(one.businessDay).toBe(day);
    one.execute({ kind: 'CloseDay', command: 'close-0001', by: 'ann' });
    one.execute({ kind: 'OpenDrawer', command: 'drawer-0002', by: 'ann', reason: 'count' });
    aheadMs = 4 * 86_400_000;
    const next = one.businessDay;
    expect(next).not.toBe(day);
    await one.stop();

    aheadMs = 0;
    const again = await openRegister({ ...options, clock });
    // No day is open: the calendar names the next one, as wrong as it may be.
    expect(again.businessDay).toBe(day);
    sell(again, 'sale-0002', [{ sku: 'TEA', quantityMilli: 1_000 }]);
    expect(
      actsOf(again).map(({ type, body }) => [type, body['while'] ?? body['businessDay']]),
    ).toEqual([
      ['ClockChanged', 'running'],
      ['DrawerOpened', day],
      ['DrawerOpened', expect.any(String)],
      ['ClockChanged', 'stopped'],
    ]);
    expect(again.models.flags({ kind: 'clock-changed' })).toMatchObject([
      {
        subject: [again.living.principal],
        cause: { seen: [{ toMs: expect.any(Number) }, { toMs: expect.any(Number) }] },
      },
    ]);
    await again.stop();
  });
});
