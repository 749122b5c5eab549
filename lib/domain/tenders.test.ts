import { describe, expect, it } from 'vitest';
import { plainSettings, type StoreSettings } from './settings.ts';
import { refundOf, settle } from './tenders.ts';

const exact = plainSettings('EUR');
const coins: StoreSettings = { ...exact, cashRounding: { incrementMinor: 5 } };

describe('P9: tenders cover what is due', () => {
  it.each<[string, number, Parameters<typeof settle>[1], StoreSettings, unknown]>([
    [
      'cash with change',
      1_003,
      [{ kind: 'cash', givenMinor: 2_000 }],
      exact,
      {
        tenders: [{ kind: 'cash', amountMinor: 1_003, givenMinor: 2_000, changeMinor: 997 }],
        roundingMinor: 0,
      },
    ],
    [
      'cash in coins',
      1_003,
      [{ kind: 'cash', givenMinor: 2_000 }],
      coins,
      {
        tenders: [{ kind: 'cash', amountMinor: 1_005, givenMinor: 2_000, changeMinor: 995 }],
        roundingMinor: 2,
      },
    ],
    [
      'a card is never rounded',
      1_003,
      [{ kind: 'card', amountMinor: 1_003 }],
      coins,
      {
        tenders: [{ kind: 'card', amountMinor: 1_003 }],
        roundingMinor: 0,
      },
    ],
    [
      'only the cash part is rounded',
      1_003,
      [
        { kind: 'card', amountMinor: 501 },
        { kind: 'cash', amountMinor: 500 },
      ],
      coins,
      {
        tenders: [
          { kind: 'card', amountMinor: 501 },
          { kind: 'cash', amountMinor: 500 },
        ],
        roundingMinor: -2,
      },
    ],
    [
      'cash on top of a card that takes the odd cents',
      1_003,
      [
        { kind: 'cash', amountMinor: 500 },
        { kind: 'card', amountMinor: 503 },
      ],
      coins,
      {
        tenders: [
          { kind: 'cash', amountMinor: 500 },
          { kind: 'card', amountMinor: 503 },
        ],
        roundingMinor: 0,
      },
    ],
    [
      'two cents in cash cost nothing',
      2,
      [{ kind: 'cash', givenMinor: 0 }],
      coins,
      {
        tenders: [{ kind: 'cash', amountMinor: 0, givenMinor: 0, changeMinor: 0 }],
        roundingMinor: -2,
      },
    ],
    ['nothing is due', 0, [], exact, { tenders: [], roundingMinor: 0 }],
  ])('%s', (_, total, requests, settings, value) => {
    expect(settle(total, requests, settings)).toStrictEqual({ ok: true, value });
  });

  it.each<[string, number, Parameters<typeof settle>[1], string]>([
    ['TENDERS_SHORT', 100, [], 'EUR 1.00'],
    ['TENDERS_SHORT', 100, [{ kind: 'cash', givenMinor: 99 }], 'EUR 0.01'],
    ['TENDERS_SHORT', 100, [{ kind: 'card', amountMinor: 99 }], 'EUR 0.01'],
    ['TENDERS_EXCEED', 100, [{ kind: 'card', amountMinor: 101 }], 'EUR 0.01'],
    ['TENDERS_EXCEED', 100, [{ kind: 'cash', amountMinor: 105 }], 'EUR 0.05'],
    [
      'CASH_TWICE',
      100,
      [
        { kind: 'cash', amountMinor: 50 },
        { kind: 'cash', amountMinor: 50 },
      ],
      '',
    ],
    ['GIVEN_TOO_LARGE', 829, [{ kind: 'cash', givenMinor: 999_999_999_900 }], 'EUR 9999999999.00'],
    [
      'GIVEN_TOO_LARGE',
      829,
      [
        { kind: 'card', amountMinor: 500 },
        { kind: 'cash', givenMinor: 100_330 },
      ],
      'EUR 1003.30',
    ],
    ['CHANGE_WITHOUT_CASH', 100, [{ kind: 'card', givenMinor: 200 }], 'card'],
  ])('refuses with %s: %d by %j', (code, total, requests, about) => {
    const outcome = settle(total, requests, exact);
    expect(outcome).toMatchObject({ ok: false, refusal: { code } });
    if (!outcome.ok) expect(outcome.refusal.message).toContain(about);
  });

  it('takes only the ways to pay that are set up', () => {
    const settings = { ...exact, tenders: ['cash'] };
    expect(settle(100, [{ kind: 'card', amountMinor: 100 }], settings)).toMatchObject({
      refusal: { code: 'TENDER_UNKNOWN' },
    });
    expect(settle(100, [{ kind: 'cash', amountMinor: 100 }], settings).ok).toBe(true);
  });

  it('a refund of nothing has no negative zero', () => {
    expect(
      refundOf({ tenders: [{ kind: 'cash', amountMinor: 0 }], roundingMinor: 0 }),
    ).toStrictEqual({
      tenders: [{ kind: 'cash', amountMinor: 0 }],
      roundingMinor: 0,
    });
  });
});
