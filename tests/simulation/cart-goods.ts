/** What is in the carts of the simulated shop and what it costs: computed here, not asked of the product. */
import type { Sku } from '#lib/domain/ids.ts';
import type { CartView } from '#lib/host/till-services.ts';
import { cents, goods, type Good } from './goods.ts';
import { effectOfSale, type Order } from './orders.ts';

/** Thousandths by product, in the order in which they came. */
export type Goods = ReadonlyMap<Sku, number>;

export function withMore(
  held: Goods,
  { good, quantityMilli }: { good: Good; quantityMilli: number },
): Goods {
  return new Map([...held, [good.sku, (held.get(good.sku) ?? 0) + quantityMilli]]);
}

export const goodsOf = ({ lines }: CartView): Goods =>
  new Map(lines.map(({ sku, quantityMilli }) => [sku, quantityMilli]));

export const textOfGoods = (held: Goods): string =>
  [...held].map(([sku, milli]) => `${milli} ${sku}`).join(', ') || 'nothing';

const lineOf = ([sku, quantityMilli]: [Sku, number]) => {
  const good = goods.find((each) => each.sku === sku);
  if (!good) throw new Error(`no ${sku}`);
  return { good, quantityMilli, amountMinor: cents(quantityMilli, good.priceE4) };
};

export const totalOf = (held: Goods): number =>
  [...held].reduce((sum, one) => sum + lineOf(one).amountMinor, 0);

/** The sale that a cart makes, under the command that its id makes. */
export function orderOf(cart: string, held: Goods): Order {
  const lines = [...held].map(lineOf);
  return {
    kind: 'sale',
    command: { kind: 'CompleteSale', by: 'ann', command: `pay-${cart}` },
    effect: effectOfSale(lines),
  };
}

export const tendersOf = ({ effect: { totalMinor } }: Order) =>
  totalMinor > 0 ? [{ kind: 'cash', amountMinor: totalMinor }] : [];
