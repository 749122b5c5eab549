/**
 * Decimal text ↔ integers with a declared scale, and the arithmetic of a document's line.
 * Amounts are safe JavaScript integers in minor units; products that could pass that go through BigInt.
 * No decimal library: with the scale declared, whole numbers and one rounding rule are all that money needs.
 */
import { assert, TillmeshError } from './errors.ts';
import { limits } from './limits.ts';
import { divideHalfAway } from './rounding.ts';

export type ParsedScaled =
  { readonly ok: true; readonly value: number } | { readonly ok: false; readonly problem: string };

export type ScaledShape = {
  /** Digits after the point that the integer holds: 4 for unit prices, 3 for quantities. */
  readonly scale: number;
  /** Largest magnitude of the resulting integer. */
  readonly max?: number;
  /** Whether a minus sign is allowed; it is unless said otherwise. */
  readonly negative?: boolean;
};

/**
 * Strict decimal text to a scaled integer: `12.345` at scale 4 → 123450. Refuses exponents, NaN, blanks, signs
 * other than one minus, leading zeros, a bare point, grouping and more decimals than the scale holds.
 */
export function parseScaled(text: string, shape: ScaledShape): ParsedScaled {
  const { scale, max = limits.unitPriceE4, negative = true } = shape;
  // Longer text cannot be within any limit, and a regular expression need not walk it.
  if (text.length > 32) return refuse('too long for a number');
  const match = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text);
  if (match === null) return refuse('not a plain decimal number such as 12.34');
  const [, minus = '', whole = '', fraction = ''] = match;
  if (fraction.length > scale) return refuse(`more than ${scale} decimals`);
  const magnitude = BigInt(whole + fraction.padEnd(scale, '0'));
  if (magnitude > BigInt(max)) return refuse('too large');
  if (minus !== '' && !negative && magnitude !== 0n) return refuse('negative');
  return { ok: true, value: minus === '' ? Number(magnitude) : negate(Number(magnitude)) };
}

const refuse = (problem: string): ParsedScaled => ({ ok: false, problem });

/** A scaled integer as plain decimal text with exactly `digits` decimals: (−5, 2) → `-0.05`, (5, 0) → `5`. */
export function formatScaled(value: number, digits: number): string {
  assert(Number.isSafeInteger(value), 'not a safe integer');
  const text = String(Math.abs(value)).padStart(digits + 1, '0');
  const cut = text.length - digits;
  const sign = value < 0 ? '-' : '';
  return digits === 0 ? sign + text : `${sign}${text.slice(0, cut)}.${text.slice(cut)}`;
}

/** The negative of an integer, without JavaScript's −0, which would not survive JSON. */
export const negate = (value: number): number => (value === 0 ? 0 : -value);

/** Adds integers. Throws INVARIANT as soon as an exact sum is no longer certain. */
export function sumExact(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) {
    sum += value;
    assert(
      Number.isSafeInteger(value) && Number.isSafeInteger(sum),
      'a sum left the safe integers',
    );
  }
  return sum;
}

export type LineFigures = {
  readonly quantityMilli: number;
  readonly unitPriceE4: number;
  /** Of the currency's minor unit. */
  readonly digits: number;
};

/** Quantity × unit price in minor units, rounded half away from zero; unbounded, hence BigInt. */
export function grossMinor({ quantityMilli, unitPriceE4, digits }: LineFigures): bigint {
  // thousandths × ten-thousandths = 10^-7; a currency has at most 4 digits, so the exponent stays positive.
  return divideHalfAway(BigInt(quantityMilli) * BigInt(unitPriceE4), 10n ** BigInt(7 - digits));
}

/**
 * What a line costs in minor units: quantity × unit price, rounded half away from zero, less the discount.
 * Throws OVER_LIMIT beyond `limits.amountMinor`; whoever may refuse politely checks `grossMinor` first.
 */
export function lineAmountMinor(line: LineFigures & { readonly discountMinor?: number }): number {
  const amount = grossMinor(line) - BigInt(line.discountMinor ?? 0);
  if (!isAmount(amount)) throw new TillmeshError('OVER_LIMIT', 'line amount');
  return Number(amount);
}

/** Whether a figure is within what a document may hold. */
export const isAmount = (amount: bigint | number): boolean =>
  amount <= limits.amountMinor && amount >= -limits.amountMinor;

/** `part / whole` of an amount, rounded half away from zero. Exact at both ends: 0 → 0, whole → the amount. */
export function prorate(amountMinor: number, part: number, whole: number): number {
  return Number(divideHalfAway(BigInt(amountMinor) * BigInt(part), BigInt(whole)));
}
