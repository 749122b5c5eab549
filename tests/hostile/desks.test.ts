/**
 * Desks of a register and a relay, whole, against peers with a certificate of the company: what is no honest edit closes the
 * link, what is one changes its writer's own carts at most, and nobody takes the room or the carts of the others.
 */
import * as A from '@automerge/automerge';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ListDocument } from '#lib/documents/genesis.ts';
import type { DeskRule } from '#lib/documents/registry.ts';
import { limits } from '#lib/domain/limits.ts';
import { TillCart } from '#lib/register/cart.ts';
import { changeHash } from '#lib/storage/chunks.ts';
import { nodeTools } from '#lib/storage/node-chunks.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import { store } from '../simulation/goods.ts';
import { until } from '../system/until.ts';
import { deskAttacks, idleEdits, type DeskTarget } from './desk-attacks.ts';
import { deskOf, DeskScribe } from './desk-scribe.ts';
import { Ground, roles } from './ground.ts';
import type { Intruder } from './intruder.ts';
import { memoryInUse } from './memory.ts';

const mebibyte = 1024 * 1024;

let ground: Ground;
let rogue: NewIncarnation;
let foreign: NewIncarnation;
let hq: NewIncarnation;
let theirs: DeskScribe;
const consoleLog = vi.spyOn(console, 'log').mockImplementation(() => undefined);

beforeAll(async () => {
  ground = await Ground.open();
  rogue = await (await SampleCompany.create('rogue')).incarnation(store, 'T8');
  foreign = await ground.network.company.incarnation('S02', 'T1');
  hq = await ground.network.company.incarnation('HQ', 'HQ7');
  for (const { replica } of [ground.network.register, ground.network.honest])
    await replica.desks.begin();
  theirs = new DeskScribe(ground.theirs.who, { rule: desk() });
  theirs.open(3);
  const link = await ground.linkTo('register', theirs.who);
  send(link, theirs.rule, theirs.changes);
  await until('their cart', () => desks().cart(theirs.cart)?.lines.size === 3 || undefined);
  ground.leave();
});
afterAll(() => ground.close());
afterEach(async () => {
  ground.leave();
  expect(consoleLog, 'nothing malformed reached the repo').not.toHaveBeenCalled();
  for (const role of roles)
    expect(ground.network.node(role).faults.filter(({ kind }) => kind !== 'storm')).toEqual([]);
  await ground.network.settled();
});

const desks = () => ground.replica('register').desks;
const desk = () => deskOf(desks().today ?? '');
const carts = () => [...desks().carts()].map((cart) => ({ ...cart, lines: [...cart.lines] }));
const send = (link: Intruder, rule: DeskRule, changes: readonly Uint8Array[]) =>
  link.sync(rule.id, changes, changes.length > 0 ? headsOf(changes) : []);

/** What an honest repo with these says are its heads; garbage has none. Not by Automerge, which would unfold a bomb. */
function headsOf(changes: readonly Uint8Array[]): string[] {
  const last = changes.at(-1);
  const hash = last && changeHash(last, nodeTools);
  return hash === undefined ? [] : [hash];
}

async function target(): Promise<DeskTarget> {
  const handle = await ground.replica('register').repo.find<ListDocument>(desk().id);
  const mine = new DeskScribe(await ground.newcomer(), { rule: desk() });
  return { mine, theirs, rogue, foreign, hq, doc: A.clone(handle.doc()) };
}

describe('N6, D8: what is no edit of a desk', () => {
  it.each(deskAttacks)('%s: barred with %s, nothing taken', async (_name, code, make) => {
    const at = await target();
    const link = await ground.linkTo('register', at.mine.who);
    link.introduce();
    await link.answered();
    const [before, cartsBefore] = [ground.picture('register', desk().id), carts()];
    send(link, desk(), make(at));
    await ground.expectBarred('register', link, code);
    expect(ground.picture('register', desk().id)).toEqual(before);
    expect(carts()).toEqual(cartsBefore);
    ground.expectSelling('register');
  });
});

describe('D9: what a till may write', () => {
  it.each(idleEdits)('%s: nobody else’s cart changes, nobody is barred', async (_name, make) => {
    const at = await target();
    const link = await ground.linkTo('register', at.mine.who);
    const before = carts();
    send(link, desk(), make(at));
    await link.answered();
    expect(link.closedWith).toBeUndefined();
    const own = at.mine.who.identity.terminal;
    expect(carts().filter(({ terminal }) => terminal !== own)).toEqual(before);
    ground.expectSelling('register');
  });

  it('it may park, and what it parked is recalled and grows here, whatever numbers it wrote', async () => {
    const { mine } = await target();
    const link = await ground.linkTo('register', mine.who);
    const last = { sku: 'TEA' as never, quantityMilli: 1_000, order: Number.MAX_SAFE_INTEGER };
    mine.write({ state: 'parked', lines: { last } });
    send(link, desk(), mine.changes);
    await until('the parked cart', () => desks().cart(mine.cart));
    const register = ground.network.register.running;
    const cart = new TillCart({
      register,
      execute: (command) => register.execute(command),
      onProblem: (error) => {
        throw error;
      },
    });
    desks().write({ cart: mine.cart, by: 'ann', state: 'open' });
    const added = await cart.changeCart('ann', {
      kind: 'add',
      line: 'more',
      sku: 'CUP' as never,
      quantityMilli: 1_000,
    });
    expect(added).toMatchObject({ outcome: 'done', cart: { cart: mine.cart } });
    expect(added.outcome === 'done' && added.cart.lines).toHaveLength(2);
    const totalMinor = added.outcome === 'done' ? added.cart.totalMinor : 0;
    const paid = await cart.pay('ann', mine.cart, totalMinor, [
      { kind: 'cash', amountMinor: totalMinor },
    ]);
    expect(paid).toMatchObject({ outcome: 'done' });
    // Whoever parked it cannot take it back, by whatever clock.
    mine.write({ state: 'open', at: 'ffffffffffffffff' as never });
    send(link, desk(), mine.changes.slice(-1));
    await link.answered();
    expect(desks().cart(mine.cart)?.state).toBe('paid');
  });
});

describe('D3, D8: desks that are not to be had', () => {
  const elsewhere = (): [string, DeskRule][] => [
    ['a desk of years ago', deskOf('2020-01-01')],
    ['a desk of the year 9999', deskOf('9999-12-31')],
    ['a day that is none', deskOf('2026-02-31')],
    ['another store’s desk of today', deskOf(desks().today ?? '', 'S02' as never)],
  ];

  it('days that nobody can have reached, other stores’ desks: "unavailable", without handle or end', async () => {
    const who = await ground.newcomer();
    const link = await ground.linkTo('register', who);
    const handles = Object.keys(ground.replica('register').repo.handles).length;
    for (const [name, rule] of elsewhere()) {
      const scribe = new DeskScribe(who, { rule });
      scribe.open(2);
      send(link, rule, scribe.changes);
      await link.answered();
      expect(link.unavailable(rule.id), name).toBe(true);
    }
    expect(link.closedWith).toBeUndefined();
    expect(Object.keys(ground.replica('register').repo.handles)).toHaveLength(handles);
  });

  it.each([
    ['a till of another store', () => foreign],
    ['a relay', () => hq],
  ])('%s gets nothing of a desk and brings nothing', async (_name, who) => {
    const link = await ground.linkTo('register', who());
    const before = carts();
    const scribe = new DeskScribe(who(), { rule: desk() });
    scribe.open(2);
    for (const changes of [[], theirs.changes, scribe.changes]) {
      send(link, desk(), changes);
      await link.answered();
    }
    expect(link.unavailable(desk().id)).toBe(true);
    const told = link.received.filter(
      ({ documentId, type }) => documentId === desk().id && type !== 'doc-unavailable',
    );
    expect(told).toEqual([]);
    expect(carts()).toEqual(before);
  });

  it('head office has no desk', async () => {
    const { mine } = await target();
    const link = await ground.linkTo('relay', mine.who);
    mine.open(2);
    send(link, desk(), mine.changes);
    await link.answered();
    expect(link.unavailable(desk().id)).toBe(true);
    expect(ground.replica('relay').repo.handles[desk().id]).toBeUndefined();
  });
});

describe('X10: a till that fills the desk', () => {
  /** ~0.35 KB an edit. */
  const inShare = Math.ceil(limits.deskTerminalBytes / 350);

  it(`${inShare} tiny edits and 20,000 beyond its share: bounded, and the others’ carts come and go`, async () => {
    const { mine } = await target();
    const link = await ground.linkTo('register', mine.who);
    const room = { by: 'e', lines: { l: { sku: 'TEA' as never, quantityMilli: 1, order: 1 } } };
    mine.write({ state: 'parked', ...room });
    send(link, desk(), mine.changes);
    await link.answered();
    const before = await memoryInUse();
    for (let n = 0; n < inShare; n += 500) {
      const batch = Array.from({ length: 500 }, () => mine.write(room).bytes);
      send(link, desk(), batch);
      await link.answered();
    }
    const handle = await ground.replica('register').repo.find<ListDocument>(desk().id);
    const taken = handle.doc().entries.length;
    expect(taken).toBeGreaterThan(inShare / 2);
    const beyond = Array.from({ length: 1_000 }, () => mine.write(room).bytes);
    const cpu = process.cpuUsage();
    for (let n = 0; n < 20; n++) {
      send(link, desk(), beyond);
      ground.network.sellOnce('register');
      // One at a time: what a loaded machine does not answer for seconds, it hangs up on.
      await link.answered();
    }
    const { user, system } = process.cpuUsage(cpu);
    // Not one signature is looked at.
    expect((user + system) / 1_000).toBeLessThan(20 * 400);
    expect(handle.doc().entries.length).toBe(taken);
    expect(link.closedWith).toBeUndefined();
    mine.written.length = 1;
    link.received.length = 0;
    // Two tills of this process hold them, and as text, bytes, cart and place.
    expect((await memoryInUse()) - before).toBeLessThan(200 * mebibyte);

    const { honest } = ground.network;
    const cart = honest.replica.desks.newCartId();
    honest.replica.desks.write({ cart, by: 'ann', state: 'parked', lines: room.lines });
    await until('an honest till’s cart', () => desks().cart(cart)?.state === 'parked' || undefined);
    desks().write({ cart, by: 'ann', state: 'open' });
    await until(
      'its recall',
      () => honest.replica.desks.cart(cart)?.terminal === 'T1' || undefined,
    );
    expect(ground.isBarred('register', honest.replica.me.principal)).toBe(false);
  }, 240_000);

  it('what a till left waiting takes no room from the others', async () => {
    const { mine } = await target();
    const link = await ground.linkTo('register', mine.who);
    link.introduce();
    await link.answered();
    // Each follows one that is nowhere.
    const flood = Array.from({ length: 10_000 }, (_, n) => {
      const after = { ...mine.start, actor: mine.actor, actorSeq: n + 4, op: n + 5 };
      const edit = { lines: { ['x'.repeat(64)]: { into: 'y'.repeat(64) } } };
      return mine.forge({ after: { ...after, hash: n.toString(16).padStart(64, 'f') }, edit });
    });
    for (let n = 0; n < flood.length; n += 1_000) {
      const part = flood.slice(n, n + 1_000).map(({ bytes }) => bytes);
      send(link, desk(), part);
      await link.answered();
    }
    expect(link.unavailable(desk().id)).toBe(true);
    expect(link.closedWith).toBeUndefined();
    const late = new DeskScribe(await ground.newcomer(), { rule: desk() });
    late.open(3);
    const carrier = await ground.linkTo('register', late.who);
    carrier.introduce();
    await carrier.answered();
    for (const change of late.changes.toReversed()) {
      send(carrier, desk(), [change]);
      await carrier.answered();
    }
    await until('the cart', () => desks().cart(late.cart)?.lines.size === 3 || undefined);
    expect(carrier.closedWith).toBeUndefined();
  });

  it('P4: after all of it everybody agrees, and a restart brings every cart back', async () => {
    await ground.network.agreed();
    const before = carts().filter(({ state }) => state === 'open' || state === 'parked');
    await desks().save();
    await ground.network.restart('register');
    await desks().begin();
    const after = new Map(carts().map((cart) => [cart.id, cart]));
    for (const cart of before) expect(after.get(cart.id)).toEqual(cart);
  });
});
