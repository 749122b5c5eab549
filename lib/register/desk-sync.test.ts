/** Desks between two real tills: real repos, real TLS on loopback. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Sku } from '../domain/ids.ts';
import { LinkedTills } from './sample-linked-tills.ts';

let tills: LinkedTills;
beforeAll(async () => {
  tills = await LinkedTills.create('desk-sync');
});
afterAll(() => tills.close());

it('a parked cart is recalled and paid at another till, once; its own till says the number', async () => {
  const one = await tills.open('T1', []);
  // Nobody sells at the second till: its desk is not open when the first change comes.
  const two = await tills.open('T2', [one.port]);
  await vi.waitFor(() => expect(two.register.replica.mesh.peers).toHaveLength(1), 10_000);
  const sku = 'TEA' as Sku;
  const rung = await one.cart.changeCart('ann', {
    kind: 'add',
    line: 'a',
    sku,
    quantityMilli: 2_000,
  });
  if (rung.outcome !== 'done') throw new Error(rung.code);
  const { cart: id, totalMinor } = rung.cart;
  one.desks.write({ cart: id, by: 'ann', state: 'parked' });
  await vi.waitFor(() => expect(two.desks.cart(id)?.state).toBe('parked'), 10_000);
  expect(two.desks.cart(id)).toEqual(one.desks.cart(id));

  await two.desks.begin();
  two.desks.write({ cart: id, by: 'max', state: 'open' });
  const shown = await two.cart.cart('max');
  expect(shown).toMatchObject({ cart: id, totalMinor, lines: [{ quantityMilli: 2_000 }] });
  const tenders = [{ kind: 'cash', givenMinor: 10_000 }];
  const paid = await two.cart.pay('max', id, totalMinor, tenders);
  if (paid.outcome !== 'done') throw new Error(paid.outcome);
  await vi.waitFor(async () => {
    const again = await one.cart.pay('ann', id, totalMinor, tenders);
    expect(again).toMatchObject({ outcome: 'repeated', number: paid.number });
    expect(one.desks.cart(id)).toMatchObject({
      terminal: 'T2',
      state: 'paid',
      number: paid.number,
    });
  }, 10_000);
  expect(one.register.models.totals().documents).toBe(1);
}, 30_000);
