/** Carts that lie in the store, between real tills: parked ones, and what stood open at a till that is gone. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { CartAnswer, CartView } from '../host/till-services.ts';
import { addLine } from './sample-cart.ts';
import { LinkedTills, type LinkedTill } from './sample-linked-tills.ts';

let tills: LinkedTills;
beforeAll(async () => {
  tills = await LinkedTills.create('store-carts');
});
afterAll(() => tills.close());

const cash = [{ kind: 'cash', givenMinor: 100_000 }];
const cartOf = (answer: CartAnswer): CartView => {
  if (answer.outcome === 'refused') throw new Error(answer.code);
  return answer.cart;
};
const codeOf = (answer: CartAnswer): string =>
  answer.outcome === 'refused' ? answer.code : answer.outcome;
let lines = 0;
const ring = async ({ cart }: LinkedTill): Promise<CartView> =>
  cartOf(await cart.changeCart('ann', addLine(`line-${lines++}`, 'TEA', 2_000)));
const knows = (till: LinkedTill, cart: string, state: string) =>
  vi.waitFor(() => expect(till.desks.cart(cart)?.state).toBe(state), 10_000);
const twice = ({ register }: LinkedTill) => register.models.flagCounts()['duplicate-sale'] ?? 0;
const linked = (till: LinkedTill, count: number) =>
  vi.waitFor(() => expect(till.register.replica.mesh.peers).toHaveLength(count), 10_000);

describe('the carts of the store', () => {
  it('one that is parked goes on at another till; the next sale has room meanwhile', async () => {
    const one = await tills.open('T1', []);
    const two = await tills.open('T2', [one.port]);
    await linked(two, 1);
    const { cart, totalMinor } = await ring(one);
    expect(await two.cart.storeCarts('ann')).toEqual([]);
    const next = cartOf(await one.cart.parkCart('ann', cart));
    expect(next).toMatchObject({ lines: [], others: 1 });
    // The second press of a double one: it is parked, and what was begun since stays.
    expect(codeOf(await one.cart.parkCart('ann', cart))).toBe('done');
    expect(codeOf(await one.cart.parkCart('ann', next.cart))).toBe('CART_NOT_HERE');
    await knows(two, cart, 'parked');
    expect(await two.cart.storeCarts('ann')).toMatchObject([
      { cart, state: 'parked', terminal: 'T1', operator: 'Ann', lines: 1, totalMinor },
    ]);
    const other = await ring(two);
    expect(codeOf(await two.cart.recallCart('ann', cart))).toBe('CART_NOT_EMPTY');
    await two.cart.changeCart('ann', { kind: 'clear' });
    expect(cartOf(await two.cart.recallCart('ann', cart))).toMatchObject({ cart, totalMinor });
    expect(codeOf(await two.cart.recallCart('ann', cart))).toBe('done');
    await knows(one, cart, 'open');
    expect(await one.cart.storeCarts('ann')).toEqual([]);
    expect(codeOf(await one.cart.recallCart('max', cart))).toBe('CART_ELSEWHERE');
    expect((await two.cart.pay('ann', cart, totalMinor, cash)).outcome).toBe('done');
    await knows(one, cart, 'paid');
    expect(codeOf(await one.cart.recallCart('max', cart))).toBe('CART_NOT_HERE');
    expect(two.desks.cart(other.cart)?.state).toBe('cleared');
    await one.stop();
    await two.stop();
  }, 30_000);

  it('what stood open at a till that is gone is taken over by a supervisor, once; two sales of it are flagged', async () => {
    const one = await tills.open('T3', []);
    const two = await tills.open('T4', [one.port]);
    const three = await tills.open('T5', [one.port, two.port]);
    await linked(three, 2);
    const { cart, totalMinor } = await ring(one);
    await knows(two, cart, 'open');
    await knows(three, cart, 'open');
    expect(await two.cart.storeCarts('max')).toEqual([]);
    expect(codeOf(await two.cart.recallCart('max', cart))).toBe('CART_ELSEWHERE');

    // The last that it does is to take the money; nobody hears of it.
    for (const peer of ['S01-T4', 'S01-T5']) one.register.replica.mesh.cut(peer);
    await linked(one, 0);
    const paid = await one.cart.pay('ann', cart, totalMinor, cash);
    if (paid.outcome !== 'done') throw new Error(paid.outcome);
    await one.stop();

    await linked(two, 1);
    const left = { cart, state: 'left', terminal: 'T3', totalMinor };
    expect(await two.cart.storeCarts('ann')).toMatchObject([{ ...left, mayRecall: false }]);
    expect(await two.cart.storeCarts('max')).toMatchObject([{ ...left, mayRecall: true }]);
    expect(codeOf(await two.cart.recallCart('ann', cart))).toBe('TAKE_OVER_NOT_PERMITTED');
    // At both at once: one of them has it in the end.
    const [here, there] = [two.cart, three.cart].map((till) => till.recallCart('max', cart));
    expect(await here).toMatchObject({ outcome: 'done', cart: { cart, totalMinor } });
    if (there) await there;
    await vi.waitFor(() => {
      const holders = [two, three].map(({ desks }) => desks.cart(cart)?.terminal);
      expect(['T4', 'T5']).toContain(holders[0]);
      expect(holders[1]).toBe(holders[0]);
    }, 10_000);
    const [holder, other] = two.desks.cart(cart)?.terminal === 'T4' ? [two, three] : [three, two];
    expect(codeOf(await other.cart.recallCart('max', cart))).toBe('CART_ELSEWHERE');
    const again = await other.cart.pay('max', cart, totalMinor, cash);
    expect(again.outcome === 'refused' && again.code).toMatch(/^CART_(EMPTY|NOT_HERE)$/);
    expect((await holder.cart.pay('max', cart, totalMinor, cash)).outcome).toBe('done');
    expect(twice(holder)).toBe(0);

    // The dead one is found, with its sale: both are kept, and a person has to look at them.
    const back = await tills.open('T3', [two.port, three.port]);
    for (const till of [back, two, three]) {
      await vi.waitFor(() => expect(twice(till)).toBe(1), 10_000);
      expect(till.register.models.totals().documents).toBe(2);
    }
    // Neither asks for the money a third time.
    for (const till of [back, two, three]) {
      expect((await till.cart.pay('ann', cart, totalMinor, cash)).outcome).toBe('repeated');
      expect(await till.cart.storeCarts('max')).toEqual([]);
    }
  }, 60_000);

  it('N9: two devices of one name have a cart each; one passes when the other is not linked any more', async () => {
    const one = await tills.open('T8', []);
    const two = await tills.open('T8', [one.port], 'T8-second');
    await linked(two, 1);
    const { cart, totalMinor } = await ring(one);
    await knows(two, cart, 'open');
    expect(await two.cart.cart('ann')).toMatchObject({ lines: [] });
    expect(await two.cart.storeCarts('max')).toEqual([]);
    expect(codeOf(await two.cart.recallCart('max', cart))).toBe('CART_ELSEWHERE');
    expect(await two.cart.pay('max', cart, totalMinor, cash)).toMatchObject({
      outcome: 'refused',
    });
    await one.stop();
    await linked(two, 0);
    expect(await two.cart.cart('ann')).toMatchObject({ cart, totalMinor });
    expect((await two.cart.pay('ann', cart, totalMinor, cash)).outcome).toBe('done');
    await two.stop();
  }, 30_000);

  it('the till that takes the place of a lost one finds its open cart before it', async () => {
    const one = await tills.open('T6', []);
    const lost = await tills.open('T7', [one.port]);
    await linked(lost, 1);
    const first = await ring(lost);
    expect((await lost.cart.pay('ann', first.cart, first.totalMinor, cash)).outcome).toBe('done');
    const { cart, totalMinor } = await ring(lost);
    await knows(one, cart, 'open');
    const lostLife = lost.register.living.identity;
    const lostKey = lost.register.replica.own.key;
    await lost.stop();
    // Another key, the same name, nothing on its disk.
    const fresh = await tills.open('T7', [one.port], 'T7-anew');
    const began = await ring(fresh);
    await vi.waitFor(() => expect(fresh.desks.cart(cart)).toBeDefined(), 10_000);
    // What was begun meanwhile is not mixed with it.
    expect(await fresh.cart.cart('ann')).toMatchObject({ cart: began.cart, others: 1 });
    expect((await fresh.cart.pay('ann', began.cart, began.totalMinor, cash)).outcome).toBe('done');
    expect(cartOf(await fresh.cart.recallCart('ann', cart))).toMatchObject({ totalMinor });
    expect((await fresh.cart.pay('ann', cart, totalMinor, cash)).outcome).toBe('done');
    await knows(one, cart, 'paid');

    // The day of the terminal has both lives in it, said apart; closed once more, neither counts again.
    await vi.waitFor(() => expect(fresh.register.models.totals().documents).toBe(3), 10_000);
    const closing = { kind: 'CloseDay', command: 'close-both-lives', by: 'ann' };
    expect(fresh.register.execute(closing).outcome).toBe('done');
    const [row] = fresh.register.models.newestDocuments(1);
    const { incarnation } = lostLife;
    const lives = [{ incarnation, documents: 1, totalMinor, upTo: 2 }];
    expect(row && fresh.register.models.bodyOf(row)).toMatchObject({
      documents: 3,
      totalMinor: 3 * totalMinor,
      lives,
    });
    expect(fresh.register.models.toClose([lostKey])).toEqual({
      documents: 0,
      totalMinor: 0,
      lives: [],
    });
  }, 30_000);
});
