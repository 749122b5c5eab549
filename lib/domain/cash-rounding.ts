/**
 * Cash rounding: where the smallest coins are gone, what is paid in cash is rounded to the next coin.
 * Only the cash part of a document's total, never a line and never a card; the difference is a figure of its own.
 */
import { assert } from './errors.ts';
import { divideHalfAway } from './rounding.ts';

export type CashRounding = {
  /** The smallest coin, in minor units: 5 in AU, CA, FI, BE, CH; 10 in NZ; 50 in DK; 100 in SE and NO. */
  readonly incrementMinor: number;
  /**
   * Which way exactly half a coin goes, in amount and not in sign: `up` (away from zero, the default) or `down`.
   * New Zealand leaves it to the merchant.
   */
  readonly half?: 'up' | 'down';
};

/** The cash amount that coins can pay. Symmetric: 10.03 → 10.05 and −10.03 → −10.05. */
export function roundCash(amountMinor: number, rule: CashRounding): number {
  const { incrementMinor, half = 'up' } = rule;
  assert(Number.isSafeInteger(incrementMinor) && incrementMinor > 0, 'a coin is a whole amount');
  const remainder = Math.abs(amountMinor % incrementMinor);
  if (half === 'down' && remainder * 2 === incrementMinor) {
    return amountMinor - Math.sign(amountMinor) * remainder;
  }
  const coins = divideHalfAway(BigInt(amountMinor), BigInt(incrementMinor));
  return Number(coins) * incrementMinor;
}

/** What rounding adds to (or takes from) a cash amount; 0 without a rule. */
export function cashRoundingMinor(cashMinor: number, rule: CashRounding | undefined): number {
  return rule === undefined ? 0 : roundCash(cashMinor, rule) - cashMinor;
}
