/**
 * What a scanned code is: a barcode of a product, a label of a scale with weight or price inside, a product code. Pure.
 */
import { isSku } from '../domain/ids.ts';
import { composeInStoreCode, readInStoreCode } from '../domain/in-store-barcode.ts';
import { priceAt, type Product } from '../domain/product.ts';
import { divideHalfAway } from '../domain/rounding.ts';
import { done, refused, type Outcome } from '../domain/refusals.ts';
import type { Shop } from './cart-prices.ts';

export type Scanned = {
  readonly product: Product;
  /** Of a label: what is in the package. Absent: as many as the cashier says. */
  readonly label?: {
    readonly code: string;
    readonly quantityMilli: number;
    /** Of a label with a price that is not the catalogue's to the last digit. */
    readonly unitPriceE4?: number;
  };
};

export type ScanShop = Shop & { byBarcode(code: string): readonly Product[] };

export function readScanned(shop: ScanShop, code: string): Outcome<Scanned> {
  const text = code.trim();
  const [product] = shop.byBarcode(text);
  if (product) return done({ product });
  const labelled = readLabel(shop, text);
  if (labelled) return done(labelled);
  const typed = [text, text.toUpperCase()].filter(isSku);
  const found = typed.map((sku) => shop.product(sku)).find((one) => one !== undefined);
  return found ? done({ product: found }) : refused('PRODUCT_UNKNOWN', text);
}

/** HQ gives the label with its value at zero, or the item's digits alone, as a barcode of the product. */
function readLabel(shop: ScanShop, text: string): Scanned | undefined {
  for (const pattern of shop.settings.inStoreBarcodes ?? []) {
    const read = readInStoreCode(text, [pattern]);
    if (!read || read.value === 0) continue;
    const atZero = composeInStoreCode(pattern, read.item, 0);
    const [product] = [
      ...(atZero === undefined ? [] : shop.byBarcode(atZero)),
      ...shop.byBarcode(read.item),
    ];
    if (!product) continue;
    const scaled = (digits: number): number => scale(read.value, digits - read.decimals);
    const label =
      read.kind === 'weight'
        ? { code: text, quantityMilli: scaled(3) }
        : { code: text, ...byPrice(shop, product, scaled(4)) };
    if (label.quantityMilli > 0) return { product, label };
  }
  return undefined;
}

/** A piece at the price of its label; of weighed goods the weight that the price pays for, so that stock is right. */
function byPrice(shop: ScanShop, product: Product, priceE4: number) {
  const listedE4 = priceAt(product, shop.store, shop.businessDay);
  if (product.weighed !== true || listedE4 === undefined || listedE4 === 0)
    return { quantityMilli: 1_000, ...(priceE4 !== listedE4 && { unitPriceE4: priceE4 }) };
  const milliE4 = BigInt(priceE4) * 1_000n;
  const quantityMilli = Math.max(1, Number(divideHalfAway(milliE4, BigInt(listedE4))));
  const unitPriceE4 = Number(divideHalfAway(milliE4, BigInt(quantityMilli)));
  return { quantityMilli, ...(unitPriceE4 !== listedE4 && { unitPriceE4 }) };
}

const scale = (value: number, by: number): number =>
  by >= 0 ? value * 10 ** by : Number(divideHalfAway(BigInt(value), 10n ** BigInt(-by)));
