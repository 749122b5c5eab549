/**
 * Splits one amount over several parts so that nothing is lost and nothing is made: the largest remainder method.
 * Used to lay a document's discount on its lines, so that each line's tax knows its share.
 */
import { assert } from './errors.ts';

/**
 * Shares of `totalMinor` in proportion to `weights` (whole, ≥ 0); they add up to `totalMinor` exactly. What is
 * left after rounding down goes one unit each to the largest remainders, earlier parts first where these are equal.
 * When the total is at most the sum of the weights no share passes its weight. Throws INVARIANT for a negative
 * total or weight, or a total with nothing to lay it on.
 */
export function splitByLargestRemainder(totalMinor: number, weights: readonly number[]): number[] {
  assert(Number.isSafeInteger(totalMinor) && totalMinor >= 0, 'a split needs a whole total ≥ 0');
  const whole = weights.reduce((sum, weight) => {
    assert(Number.isSafeInteger(weight) && weight >= 0, 'a split needs whole weights ≥ 0');
    return sum + BigInt(weight);
  }, 0n);
  if (totalMinor === 0) return weights.map(() => 0);
  assert(whole > 0n, 'a split needs something to lay the total on');

  const parts = weights.map((weight, index) => {
    const product = BigInt(totalMinor) * BigInt(weight);
    return { index, share: Number(product / whole), remainder: product % whole };
  });
  let left = totalMinor - parts.reduce((sum, part) => sum + part.share, 0);
  const byRemainder = [...parts].sort((a, b) =>
    a.remainder === b.remainder ? a.index - b.index : a.remainder > b.remainder ? -1 : 1,
  );
  for (const part of byRemainder) {
    if (left === 0) break;
    part.share += 1;
    left -= 1;
  }
  return parts.map((part) => part.share);
}
