/** What a quantity on the shelf calls for, in words beside the figure. Pure. */
import { texts } from '../../texts/english.ts';

/** Empty where there is enough. */
export function stockWarning(quantityMilli: number): string {
  if (quantityMilli < 0) return texts.stock.negative;
  return quantityMilli === 0 ? texts.stock.none : '';
}
