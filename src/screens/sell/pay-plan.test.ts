import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainSettings } from '#lib/domain/settings.ts';
import { settle } from '#lib/domain/tenders.ts';
import { dueBy, payStep, restMinor, type PartTaken } from './pay-plan.ts';

const coins = { incrementMinor: 5 };
const due = { totalMinor: 888, currency: 'EUR' };
const rounded = { ...due, cashRounding: coins };
const card = (amountMinor: number): PartTaken => ({ kind: 'card', amountMinor });
const cash = (amountMinor: number): PartTaken => ({ kind: 'cash', amountMinor });

describe('P9: what is asked of the till', () => {
  test.each([
    ['exact cash', due, [], 'cash', undefined, [{ kind: 'cash', amountMinor: 888 }]],
    ['a note', due, [], 'cash', 1_000, [{ kind: 'cash', givenMinor: 1_000 }]],
    ['cash to the coin', rounded, [], 'cash', undefined, [{ kind: 'cash', amountMinor: 890 }]],
    ['card', rounded, [], 'card', undefined, [{ kind: 'card', amountMinor: 888 }]],
    [
      'the rest of a card in cash, to the coin',
      rounded,
      [card(500)],
      'cash',
      undefined,
      [
        { kind: 'card', amountMinor: 500 },
        { kind: 'cash', amountMinor: 390 },
      ],
    ],
    [
      'cash twice is one tender',
      due,
      [cash(500)],
      'cash',
      500,
      [{ kind: 'cash', givenMinor: 1_000 }],
    ],
    ['two cards are one line', due, [card(400)], 'card', 488, [{ kind: 'card', amountMinor: 888 }]],
    ['nothing to pay', { ...due, totalMinor: 0 }, [], 'cash', undefined, []],
    [
      'less than half a coin',
      { ...rounded, totalMinor: 2 },
      [],
      'cash',
      undefined,
      [{ kind: 'cash', amountMinor: 0 }],
    ],
  ] as const)('%s', (_name, cart, parts, kind, typed, tenders) => {
    expect(payStep(cart, parts, kind, typed)).toEqual({ kind: 'complete', tenders });
  });

  test.each([
    ['more by card or voucher', [], 'voucher', 1_000, 'tooMuch'],
    ['more cash than anybody hands over', [], 'cash', 999_999_999_900, 'tooMuchCash'],
    ['nothing at all', [], 'card', 0, 'nothing'],
    ['goods taken out after a part was paid', [card(900)], 'cash', undefined, 'overpaid'],
  ] as const)('P9: %s is refused with its cause', (_name, parts, kind, typed, why) => {
    expect(payStep(due, parts, kind, typed)).toEqual({ kind: 'refused', why });
  });

  test('less than what is due is a part', () => {
    expect(payStep(due, [], 'card', 500)).toEqual({ kind: 'part', part: card(500) });
    expect(payStep(due, [], 'cash', 500)).toEqual({ kind: 'part', part: cash(500) });
    expect(restMinor(due, [card(500)])).toBe(388);
    expect(dueBy(rounded, [card(500)], 'cash')).toBe(390);
  });

  test('property: what is complete here is settled by the domain', () => {
    const kind = fc.constantFrom('cash', 'card', 'voucher');
    const step = fc.record({ kind, typed: fc.option(fc.integer({ min: 1, max: 3_000 })) });
    const rule = fc.constantFrom(undefined, coins, { incrementMinor: 10, half: 'down' as const });
    const total = fc.integer({ min: 0, max: 3_000 });
    fc.assert(
      fc.property(total, rule, fc.array(step, { maxLength: 6 }), (totalMinor, rounding, steps) => {
        const cart = { totalMinor, currency: 'EUR', ...(rounding && { cashRounding: rounding }) };
        const parts: PartTaken[] = [];
        for (const { kind, typed } of steps) {
          // Part of the cash in coins that do not exist: the till itself says what is missing.
          if (kind === 'cash' && typed !== null && rounding && typed % rounding.incrementMinor)
            continue;
          const next = payStep(cart, parts, kind, typed ?? undefined);
          if (next.kind === 'part') parts.push(next.part);
          if (next.kind !== 'complete') continue;
          const settings = { ...plainSettings('EUR'), ...cart };
          expect(
            settle(
              totalMinor,
              next.tenders.map((tender) => ({ ...tender })),
              settings,
            ).ok,
          ).toBe(true);
          return;
        }
      }),
    );
  });
});
