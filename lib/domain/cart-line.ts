/**
 * From what was scanned or typed to a line of the cart: name, price of the business day, tax, kit contents.
 * Decides whether a typed price or an unknown item is in order; never looks at stock, which blocks nothing.
 */
import type { CartLine } from './cart.ts';
import type { ItemLine } from './commands.ts';
import type { StoreId } from './ids.ts';
import { may, type Role } from './operator.ts';
import { priceAt, type Product } from './product.ts';
import { done, refused, type Outcome } from './refusals.ts';
import type { StoreSettings } from './settings.ts';

export type LineContext = {
  readonly store: StoreId;
  readonly businessDay: string;
  readonly settings: StoreSettings;
  readonly operator: { readonly roles: readonly Role[] };
};

export function cartLine(
  request: ItemLine,
  product: Product | undefined,
  context: LineContext,
): Outcome<CartLine> {
  if ((request.discountMinor ?? 0) > 0 && !may(context.operator, 'giveDiscount')) {
    return refused('DISCOUNT_NOT_PERMITTED', request.sku);
  }
  return product === undefined
    ? openItem(request, context)
    : catalogueItem(request, product, context);
}

/** What a line carries over from the request whatever the product. */
const carried = ({ sku, quantityMilli, batch, discountMinor }: ItemLine) => ({
  sku,
  quantityMilli,
  ...(batch === undefined ? {} : { batch }),
  ...(discountMinor === undefined || discountMinor === 0 ? {} : { discountMinor }),
});

function openItem(request: ItemLine, { operator, settings }: LineContext): Outcome<CartLine> {
  const { sku, name, unitPriceE4 } = request;
  if (name === undefined || unitPriceE4 === undefined || !may(operator, 'overridePrice')) {
    return refused('PRODUCT_UNKNOWN', sku);
  }
  return done({
    ...carried(request),
    name,
    unitPriceE4,
    override: request.override ?? 'open item',
    ...(settings.openItemTax === undefined ? {} : { tax: settings.openItemTax }),
  });
}

function catalogueItem(
  request: ItemLine,
  product: Product,
  { store, businessDay, settings, operator }: LineContext,
): Outcome<CartLine> {
  const { sku, unitPriceE4: typedE4, override } = request;
  const senior = may(operator, 'overridePrice');
  if (!product.active && !senior) return refused('PRODUCT_INACTIVE', sku);
  const listedE4 = priceAt(product, store, businessDay);
  const unitPriceE4 = typedE4 ?? listedE4;
  if (unitPriceE4 === undefined) return refused('PRICE_MISSING', sku);
  const overridden = unitPriceE4 !== listedE4;
  const explained = settings.overrideByReason === true && override !== undefined;
  if (overridden && !senior && !explained) return refused('OVERRIDE_NOT_PERMITTED', sku);
  return done({
    ...carried(request),
    name: product.names,
    unitPriceE4,
    ...(product.tax === undefined ? {} : { tax: product.tax }),
    ...(product.components === undefined ? {} : { components: contents(product.components) }),
    ...(overridden ? { override: override ?? 'price typed' } : {}),
  });
}

// Field by field: what a later version added to the catalogue does not belong in a document of this one.
const contents = (components: NonNullable<Product['components']>) =>
  components.map(({ sku, quantityMilli }) => ({ sku, quantityMilli }));
