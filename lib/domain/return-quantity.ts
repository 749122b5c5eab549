/** In which quantities goods of a receipt may come back: by the piece, or in parts where they are weighed. Pure. */
import type { Product } from './product.ts';

/** A piece, in thousandths. */
export const pieceMilli = 1_000;

/**
 * Whether parts of a piece can come back of a sold line. What the catalogue no longer knows is judged by what was
 * sold: a part of a piece was weighed.
 */
export const returnsInParts = (product: Product | undefined, soldMilli: number): boolean =>
  product?.weighed === true || soldMilli % pieceMilli !== 0;

/** All that is left may always come back, whatever was recorded before. */
export const isReturnable = (
  quantityMilli: number,
  { inParts, leftMilli }: { readonly inParts: boolean; readonly leftMilli: number },
): boolean => inParts || quantityMilli % pieceMilli === 0 || quantityMilli === leftMilli;
