import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseCommand } from '#lib/domain/commands.ts';
import type { Sku } from '#lib/domain/ids.ts';
import { fakeProducts, fakeSettings } from '#lib/host/fake-shop.ts';
import { fakeTillServices } from '#lib/host/fake-till-services.ts';
import type { Receipt } from '#lib/host/till-services.ts';
import { firstTender, refundFor, returnCommand, type ReturnChoice } from './return-plan.ts';
import { leftMilli } from './receipt-words.ts';

const rounding = { incrementMinor: 5 };

/** A till of the real rules that has sold 3 of the first, 1 of the second and 0.75 kg of the third. */
function sold(tender = 'card') {
  const settings = { ...fakeSettings, cashRounding: rounding };
  const till = fakeTillServices({ settings });
  const weighed = fakeProducts.find((product) => product.weighed);
  const goods: readonly (readonly [Sku | undefined, number])[] = [
    [fakeProducts[0]?.sku, 3_000],
    [fakeProducts[1]?.sku, 1_000],
    [weighed?.sku, 750],
  ];
  const lines = goods.map(([sku, quantityMilli]) => ({ sku, quantityMilli }));
  const totalMinor = 3 * 1339 + 255 + 149;
  const money = tender === 'cash' ? { givenMinor: 10_000 } : { amountMinor: totalMinor };
  const sale = till.execute({
    kind: 'CompleteSale',
    command: 'sale-0001',
    by: 'ann',
    lines,
    tenders: [{ kind: tender, ...money }],
  });
  if (sale.outcome !== 'done') throw new Error(JSON.stringify(sale));
  const receipt = (): Receipt => {
    const found = till.receipt(sale.number);
    if (!found) throw new Error('no receipt');
    return found;
  };
  return { till, receipt };
}

test('P9: what the page says it pays back is what the till records, in any steps, to the cent', () => {
  let back = 0;
  const quantity = (most: number) => fc.integer({ min: 0, max: most });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(quantity(3), quantity(1), fc.constantFrom(0, 250, 500)), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.constantFrom('cash', 'card'),
      (steps, tender) => {
        const { till, receipt } = sold();
        for (const [n, [a, b, c]] of steps.entries()) {
          const now = receipt();
          const left = leftMilli(now);
          const milli = [a * 1_000, b * 1_000, c].map((wanted, i) =>
            Math.min(wanted, left[i] ?? 0),
          );
          if (milli.every((one) => one === 0)) continue;
          const choice: ReturnChoice = { milli, tender, restock: true, reason: 'damaged' };
          const refund = refundFor(now, choice, rounding);
          const command = { ...returnCommand(now, choice, refund, `return-000${n}`), by: 'ann' };
          expect(parseCommand(command).ok).toBe(true);
          const done = till.execute(command);
          if (done.outcome !== 'done') throw new Error(JSON.stringify(done));
          const recorded = till.receipt(done.number);
          expect(recorded?.totalMinor).toBe(-refund.totalMinor);
          expect(recorded?.body).toMatchObject({ reason: 'damaged' });
          expect(recorded?.body.lines.map(({ amountMinor }) => 0 - amountMinor)).toEqual(
            refund.amountsMinor.filter((_, line) => (milli[line] ?? 0) > 0),
          );
          expect(recorded?.body.tenders).toEqual([
            { kind: tender, amountMinor: -refund.paidMinor },
          ]);
          back += 1;
        }
      },
    ),
    { seed: 11, numRuns: 60 },
  );
  expect(back).toBeGreaterThan(60);
});

test('P9: everything back is the whole receipt, in cash rounded to coins', () => {
  const { receipt } = sold();
  const all = { milli: leftMilli(receipt()) };
  const amountsMinor = receipt().body.lines.map(({ amountMinor }) => amountMinor);
  const total = receipt().totalMinor;
  expect(refundFor(receipt(), { ...all, tender: 'card' }, rounding)).toEqual({
    amountsMinor,
    totalMinor: total,
    paidMinor: total,
  });
  const cash = refundFor(receipt(), { ...all, tender: 'cash' }, rounding);
  expect(cash.paidMinor % 5).toBe(0);
  expect(Math.abs(cash.paidMinor - total)).toBeLessThanOrEqual(2);
});

test('money goes back the way it came where this shop still takes that', () => {
  const { receipt } = sold('card');
  expect(firstTender(receipt(), ['cash', 'card'])).toBe('card');
  expect(firstTender(receipt(), ['cash', 'voucher'])).toBe('cash');
  expect(firstTender(receipt(), [])).toBe('cash');
});
