/** What the simulated shop sells and who works there, and the arithmetic of it a second time: nothing here is the product's. */
import { orgKeys } from '#lib/documents/org-keys.ts';
import type { Sku, StoreId } from '#lib/domain/ids.ts';
import type { WantedState } from '#relay/publisher.ts';

export const store = 'S01' as StoreId;

export type Good = {
  readonly sku: Sku;
  readonly priceE4: number;
  readonly components?: readonly { readonly sku: Sku; readonly quantityMilli: number }[];
};

const sku = (text: string) => text as Sku;
export const goods: readonly Good[] = [
  { sku: sku('TEA'), priceE4: 19_900 },
  { sku: sku('CUP'), priceE4: 100_500 },
  { sku: sku('NAIL'), priceE4: 3_330 },
  { sku: sku('LAMP'), priceE4: 1_299_900 },
  { sku: sku('CHEESE'), priceE4: 227_777 },
  {
    sku: sku('SET'),
    priceE4: 209_900,
    components: [
      { sku: sku('CUP'), quantityMilli: 2_000 },
      { sku: sku('TEA'), quantityMilli: 1_000 },
    ],
  },
];

export const operators = [
  { id: 'ann', name: 'Ann', roles: ['cashier'] },
  { id: 'sue', name: 'Sue', roles: ['supervisor'] },
];

export function wanted(): WantedState {
  const settings = {
    name: 'Simulated shop',
    currency: 'EUR',
    taxMode: 'inclusive',
    taxRounding: 'document',
    taxes: { std: { percentE4: 200_000 } },
  };
  return {
    org: new Map<string, object>([
      [orgKeys.settings(store), settings],
      ...operators.map((one) => [orgKeys.operator(store, one.id), one] as const),
    ]),
    products: new Map(
      goods.map(({ sku, priceE4, components }) => [
        sku,
        {
          sku,
          names: `Good ${sku}`,
          barcodes: [],
          tax: 'std',
          prices: [{ unitPriceE4: priceE4 }],
          active: true,
          ...(components ? { components } : {}),
        },
      ]),
    ),
    customerTerms: new Map(),
  };
}

/** Cents of a line: quantity in thousandths, price in ten-thousandths, half away from zero. */
export function cents(quantityMilli: number, priceE4: number): number {
  const exact = BigInt(quantityMilli) * BigInt(priceE4);
  const [size, sign] = exact < 0n ? [-exact, -1] : [exact, 1];
  return sign * Number((size + 50_000n) / 100_000n) || 0;
}

/** What leaves the shelf for so much of a good. */
export function shelfOf(good: Good, quantityMilli: number): [Sku, number][] {
  if (!good.components) return [[good.sku, quantityMilli]];
  return good.components.map((part) => [part.sku, (quantityMilli * part.quantityMilli) / 1_000]);
}
