/**
 * The one rounding rule of the product: half away from zero, as people round on paper.
 * Everything that rounds money or quantities divides here, over whole numbers; floats never take part.
 */
import { assert } from './errors.ts';

/**
 * `numerator / denominator`, rounded half away from zero: 5/2 → 3, −5/2 → −3.
 * Odd in the numerator, so a refund is exactly the negative of its sale. Throws INVARIANT for a denominator of 0.
 */
export function divideHalfAway(numerator: bigint, denominator: bigint): bigint {
  assert(denominator !== 0n, 'division by zero');
  const negative = numerator < 0n !== denominator < 0n;
  const above = numerator < 0n ? -numerator : numerator;
  const below = denominator < 0n ? -denominator : denominator;
  const rounded = (2n * above + below) / (2n * below);
  return negative ? -rounded : rounded;
}
