/**
 * What a change of the cart writes into the desk, or why not: the one place that knows which goods become one line.
 * Pure; nothing is written here.
 */
import { hasCardNumber } from '../domain/card-number.ts';
import { priceCart } from '../domain/cart.ts';
import type { Operator } from '../domain/decision.ts';
import { isPlainLine, linesOf, type DeskLine, type HeldLine } from '../domain/desk-cart.ts';
import { limits } from '../domain/limits.ts';
import type { Product } from '../domain/product.ts';
import { done, refused, type Outcome } from '../domain/refusals.ts';
import type { CartChange } from '../host/till-services.ts';
import { anyone, lineFor, priceHeld } from './cart-prices.ts';
import { readScanned, type Scanned, type ScanShop } from './scanned.ts';

/** Who makes the change. */
export type OperatorHere = { readonly id: string; readonly operator: Operator };

type Lines = ReadonlyMap<string, DeskLine>;

export type Changed = {
  /** By line id, each as it is from now on; none where nothing changes. */
  readonly lines: Readonly<Record<string, DeskLine>>;
  /** Where the goods of `add` and `scan` went. */
  readonly line?: string;
};

const nothing: Changed = { lines: {} };

export function changeHeld(
  shop: ScanShop,
  by: OperatorHere,
  lines: Lines,
  asked: CartChange,
): Outcome<Changed> {
  const changed = change(shop, lines, asked);
  // As it was allowed: what is undone is what was approved.
  if (!changed.ok || asked.kind === 'remove' || asked.kind === 'clear') return changed;
  if ('quantityMilli' in asked && Object.values(changed.value.lines).some(isTooMany)) {
    return refused('QUANTITY_TOO_LARGE');
  }
  const written: [string, DeskLine][] = [];
  for (const [id, line] of Object.entries(changed.value.lines)) {
    const approved = 'into' in line ? done(line) : approve(shop, by, line, asked.kind);
    if (!approved.ok) return approved;
    written.push([id, approved.value]);
  }
  if (written.length === 0) return changed;
  const next = linesOf({ lines: new Map([...lines, ...written]) });
  if (next.length > limits.linesPerDocument) return refused('DOCUMENT_TOO_LARGE');
  const { problem } = priceHeld(shop, next);
  return problem?.code === 'AMOUNT_TOO_LARGE'
    ? { ok: false, refusal: problem }
    : done({ ...changed.value, lines: Object.fromEntries(written) });
}

const isTooMany = (line: DeskLine): boolean =>
  !('into' in line) && line.quantityMilli > limits.cartLineMilli;

const cashier: Operator = { roles: ['cashier'] };

/**
 * Whoever changes a line must be allowed to sell it as it is from now on; where a cashier is not, his name goes with the
 * line, so that any colleague can take the money. A cashier who changes an approved line in any way is judged anew.
 */
function approve(
  shop: ScanShop,
  { id, operator }: OperatorHere,
  line: HeldLine,
  kind: CartChange['kind'],
): Outcome<HeldLine> {
  const { approvedBy, ...rest } = line;
  // What comes back was judged when it went in, and the approver is judged once more when it is paid.
  const isApproved = kind === 'restore' && approvedBy !== undefined;
  const judged = lineFor(shop, rest, isApproved ? anyone : operator);
  if (!judged.ok) return judged;
  const alone = priceCart([judged.value], shop.settings);
  if (!alone.ok) return alone;
  if (isApproved) return done(line);
  return done(lineFor(shop, rest, cashier).ok ? rest : { ...rest, approvedBy: id });
}

function change(shop: ScanShop, lines: Lines, asked: CartChange): Outcome<Changed> {
  switch (asked.kind) {
    case 'add': {
      const product = shop.product(asked.sku);
      if (!product) return refused('PRODUCT_UNKNOWN', asked.sku);
      return add(lines, asked.line, asked.quantityMilli, { product });
    }
    case 'scan': {
      // Before the code is looked up: what it means may have changed since the first time.
      const known = whereIs(lines, asked.line);
      if (known !== undefined) return done({ lines: {}, line: known });
      const scanned = readScanned(shop, asked.code);
      return scanned.ok ? add(lines, asked.line, asked.quantityMilli, scanned.value) : scanned;
    }
    case 'quantity':
      return edit(lines, asked.line, (line) =>
        line.label === undefined
          ? done({ ...line, quantityMilli: asked.quantityMilli })
          : refused('LABEL_FIXED', line.label),
      );
    case 'price':
      if (hasCardNumber(asked.override)) return refused('CARD_NUMBER', 'override');
      return edit(lines, asked.line, (line) =>
        done({ ...line, unitPriceE4: asked.unitPriceE4, override: asked.override }),
      );
    case 'discount':
      return edit(lines, asked.line, (line) => {
        const { discountMinor: _, ...rest } = line;
        const { discountMinor } = asked;
        return done(discountMinor === 0 ? rest : { ...rest, discountMinor });
      });
    case 'remove':
      return setRemoved(lines, asked.line, true);
    case 'restore':
      return setRemoved(lines, asked.line, false);
    case 'clear':
      return done({
        lines: Object.fromEntries(
          linesOf({ lines }).map(({ id, line }) => [id, { ...line, removed: true }]),
        ),
      });
  }
}

/** The line in which the goods of an earlier `add` or `scan` are. */
function whereIs(lines: Lines, id: string): string | undefined {
  const line = lines.get(id);
  return line && ('into' in line ? line.into : id);
}

function add(
  lines: Lines,
  id: string,
  asked: number,
  { product, label }: Scanned,
): Outcome<Changed> {
  const known = whereIs(lines, id);
  if (known !== undefined) return done({ lines: {}, line: known });
  if (lines.size >= limits.cartRecords) return refused('DOCUMENT_TOO_LARGE');
  if (label && asked !== 1_000) return refused('LABEL_FIXED', label.code);
  const same = label || product.weighed === true ? undefined : sameGoods(lines, product);
  if (same) {
    const quantityMilli = same.line.quantityMilli + asked;
    return done({
      lines: { [same.id]: { ...same.line, quantityMilli }, [id]: { into: same.id } },
      line: same.id,
    });
  }
  const line: HeldLine = {
    sku: product.sku,
    quantityMilli: label?.quantityMilli ?? asked,
    ...(label && { label: label.code }),
    ...(label?.unitPriceE4 !== undefined && {
      unitPriceE4: label.unitPriceE4,
      override: `label ${label.code}`,
    }),
    // Above the last, also where another till wrote the largest number there is.
    order: Math.min(lastOrder(lines) + 1, Number.MAX_SAFE_INTEGER),
  };
  return done({ lines: { [id]: line }, line: id });
}

const sameGoods = (lines: Lines, { sku }: Product) =>
  linesOf({ lines }).findLast(({ line }) => line.sku === sku && isPlainLine(line));

function lastOrder(lines: Lines): number {
  let last = -1;
  for (const line of lines.values()) if (!('into' in line)) last = Math.max(last, line.order);
  return last;
}

/** Changes a line that is in the cart. */
function edit(
  lines: Lines,
  id: string,
  next: (line: HeldLine) => Outcome<HeldLine>,
): Outcome<Changed> {
  const line = lines.get(id);
  if (!line || 'into' in line || line.removed === true) return refused('CART_LINE_UNKNOWN');
  const edited = next(line);
  return edited.ok ? done({ lines: { [id]: edited.value } }) : edited;
}

function setRemoved(lines: Lines, id: string, removed: boolean): Outcome<Changed> {
  const line = lines.get(id);
  if (!line || 'into' in line) return refused('CART_LINE_UNKNOWN');
  if ((line.removed === true) === removed) return done(nothing);
  const { removed: _, ...rest } = line;
  return done({ lines: { [id]: removed ? { ...rest, removed } : rest } });
}
