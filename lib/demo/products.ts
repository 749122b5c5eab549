/**
 * Makes up the sample shop's products: codes, names, barcodes and prices that look like a real shop's.
 * Barcodes begin with 952, the prefix that GS1 keeps for demonstrations, so none is anybody's.
 */
import { gtinCheckDigit } from '../domain/gtin.ts';
import type { Sku } from '../domain/ids.ts';
import type { Product } from '../domain/product.ts';
import { brands, departments, kitNames, type DepartmentPlan, type Family } from './assortment.ts';
import { addDays } from './calendar.ts';
import type { SeededRandom } from './seeded-random.ts';

/** One delivery of a batch-tracked product. */
export type StockBatch = {
  readonly sku: Sku;
  readonly batch: string;
  /** Last day on which it may be sold. */
  readonly expires: string;
};

export type ProductRange = {
  readonly products: readonly Product[];
  readonly batches: readonly StockBatch[];
};

/** Digits between the prefix 952 and the check digit of an EAN-13. */
const ITEM_NUMBERS = 1_000_000_000;
/** Coprime with 10⁹: neighbours get numbers far apart, and no number comes twice. */
const ITEM_STRIDE = 618_033_989;
/** The item digits of a scale label: weighed goods beyond these have no label of their own. */
const SCALE_ITEMS = 100_000;

/** `count` products on sale on `firstDay`, in the order of their departments, kits last. */
export function generateProducts(
  random: SeededRandom,
  count: number,
  firstDay: string,
): ProductRange {
  const names = new Set<string>();
  const firstItem = random.between(0, ITEM_NUMBERS - 1);
  const products: Product[] = [];
  const batches: StockBatch[] = [];
  const kitCount = count >= 20 ? Math.max(1, Math.floor(count / 100)) : 0;
  for (const [plan, share] of shares(count - kitCount)) {
    for (let n = 1; n <= share; n++) {
      const barcode = eanOf(firstItem, products.length);
      const product = makeProduct(random, plan, n, barcode, firstDay, names);
      products.push(product);
      if (plan.kind === 'batches') batches.push(...makeBatches(random, product.sku, firstDay));
    }
  }
  const parts = products.filter((product) => product.weighed !== true && product.active);
  for (let n = 1; n <= kitCount; n++) {
    products.push(makeKit(random, n, eanOf(firstItem, products.length), parts, names));
  }
  return { products, batches };
}

/** Splits `count` over the departments by their shares; what rounding leaves goes to the first ones. */
function shares(count: number): [DepartmentPlan, number][] {
  const whole = departments.reduce((sum, plan) => sum + plan.share, 0);
  const parts = departments.map((plan): [DepartmentPlan, number] => [
    plan,
    Math.floor((count * plan.share) / whole),
  ]);
  let left = count - parts.reduce((sum, [, share]) => sum + share, 0);
  return parts.map(([plan, share]) => [plan, left-- > 0 ? share + 1 : share]);
}

function makeProduct(
  random: SeededRandom,
  plan: DepartmentPlan,
  n: number,
  barcode: string,
  firstDay: string,
  names: Set<string>,
): Product {
  const family = random.pick(plan.families);
  const sizeIndex = random.between(0, family.sizes.length - 1);
  const unitPriceE4 = priceE4(random, family, sizeIndex);
  const weighed = plan.kind === 'weighed';
  const barcodes = weighed ? scaleLabel(n, plan.prefix) : [barcode];
  return {
    sku: `${plan.prefix}${String(n).padStart(5, '0')}` as Sku,
    names: uniqueName(random, family, family.sizes[sizeIndex] ?? '', names),
    barcodes,
    department: plan.id,
    tax: plan.tax,
    prices: withPromotion(random, unitPriceE4, firstDay),
    ...(plan.kind === 'batches' ? { batchTracked: true } : {}),
    ...(weighed ? { weighed: true } : {}),
    active: !random.chance(1),
  };
}

/** EAN-13: 952, nine digits that are different for each index, check digit. */
function eanOf(firstItem: number, index: number): string {
  const item = (BigInt(firstItem) + BigInt(index) * BigInt(ITEM_STRIDE)) % BigInt(ITEM_NUMBERS);
  const body = `952${String(item).padStart(9, '0')}`;
  return `${body}${gtinCheckDigit(body)}`;
}

/**
 * The label of a counter scale with its weight at zero: `28 IIIII 00000 C`. Odd item numbers belong to one
 * counter, even ones to the other, so the two never meet.
 */
function scaleLabel(n: number, prefix: string): string[] {
  const item = n * 2 + (prefix === 'DC' ? 1 : 0);
  if (item >= SCALE_ITEMS) return [];
  const body = `28${String(item).padStart(5, '0')}00000`;
  return [`${body}${gtinCheckDigit(body)}`];
}

function uniqueName(
  random: SeededRandom,
  family: Family,
  size: string,
  names: Set<string>,
): string {
  for (let tries = 0; tries < 8; tries++) {
    const name = `${random.pick(brands)} ${random.pick(family.varieties)} ${family.noun}, ${size}`;
    if (!names.has(name)) {
      names.add(name);
      return name;
    }
  }
  // A large shop has the same thing in several editions.
  const plain = `${random.pick(brands)} ${random.pick(family.varieties)} ${family.noun}`;
  const name = `${plain} No. ${names.size}, ${size}`;
  names.add(name);
  return name;
}

/** Larger sizes cost more, but less than in proportion; most prices end in 9 or 5. */
function priceE4(random: SeededRandom, family: Family, sizeIndex: number): number {
  const [low, high] = family.cents;
  const cents = random.between(low, high) * (1 + sizeIndex * 0.7);
  const ending = random.chance(70) ? 9 : 5;
  return (Math.floor(cents / 10) * 10 + ending) * 100;
}

/** One product in twelve has a week of a lower price soon: future prices live in from–to data. */
function withPromotion(
  random: SeededRandom,
  unitPriceE4: number,
  firstDay: string,
): Product['prices'] {
  const regular = { unitPriceE4 };
  if (random.between(1, 12) !== 1) return [regular];
  const from = addDays(firstDay, random.between(-3, 14));
  const lower = Math.max(900, Math.floor((unitPriceE4 * 0.8) / 1_000) * 1_000 + 900);
  const promotion = { unitPriceE4: lower, from, to: addDays(from, 6) };
  return lower < unitPriceE4 ? [regular, promotion] : [regular];
}

function makeBatches(random: SeededRandom, sku: Sku, firstDay: string): StockBatch[] {
  return Array.from({ length: random.between(1, 3) }, (_, index) => ({
    sku,
    batch: `L${String(random.between(0, 9_999)).padStart(4, '0')}${'ABC'.charAt(index)}`,
    // A few are close to their day, so that the warning has something to warn of.
    expires: addDays(firstDay, random.between(2, 40) + index * 30),
  }));
}

function makeKit(
  random: SeededRandom,
  n: number,
  barcode: string,
  parts: readonly Product[],
  names: Set<string>,
): Product {
  const chosen = new Map<Sku, Product>();
  const wanted = Math.min(random.between(2, 5), parts.length);
  while (chosen.size < wanted) {
    const part = random.pick(parts);
    chosen.set(part.sku, part);
  }
  const components = [...chosen.keys()].map((sku) => ({
    sku,
    quantityMilli: random.between(1, 3) * 1_000,
  }));
  const sumE4 = components.reduce((sum, component) => {
    const part = chosen.get(component.sku);
    return sum + ((part?.prices[0]?.unitPriceE4 ?? 0) * component.quantityMilli) / 1_000;
  }, 0);
  const title = `${random.pick(brands)} ${random.pick(kitNames)}`;
  const name = names.has(title) ? `${title} No. ${n}` : title;
  names.add(name);
  return {
    sku: `KT${String(n).padStart(5, '0')}` as Sku,
    names: name,
    barcodes: [barcode],
    department: 'gifts',
    tax: 'standard',
    // Dearer than one part, cheaper than all: nobody would buy it otherwise.
    prices: [{ unitPriceE4: Math.floor((sumE4 * 0.9) / 10_000) * 10_000 + 9_900 }],
    components,
    active: true,
  };
}
