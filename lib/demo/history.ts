/**
 * Some days of a made-up shop's life as commands: opening stock, sales, returns, breakages, day closings.
 * Whoever replays them sends each to its till in order; they bring no document numbers and no clock of their own.
 */
import { barcodeKey } from '../domain/gtin.ts';
import type { Command, ItemLine } from '../domain/commands.ts';
import type { StoreId } from '../domain/ids.ts';
import { priceAt, type Product } from '../domain/product.ts';
import { addDays } from './calendar.ts';
import type { SampleCustomer } from './customers.ts';
import type { StockBatch } from './products.ts';
import type { SeededRandom } from './seeded-random.ts';

export type HistoryStep = {
  /** Index of the till, from 0. */
  readonly till: number;
  readonly command: Command;
};

export type HistoryPlan = {
  readonly seed: string;
  readonly days: number;
  readonly firstDay: string;
  readonly tills: number;
  readonly products: readonly Product[];
  readonly batches: readonly StockBatch[];
  readonly customers: readonly SampleCustomer[];
};

/** Opening stock is entered for this many products at most: a demo of 100,000 should start within seconds. */
const STOCKED_PRODUCTS = 2_500;
const LINES_PER_DELIVERY = 250;
const SALES_PER_DAY = { min: 20, max: 40 } as const;

export function generateHistory(random: SeededRandom, plan: HistoryPlan): HistoryStep[] {
  const steps: HistoryStep[] = [];
  let count = 0;
  // The seed is part of the id: another shop's history is other commands, this one's again is the same.
  const commandId = (): string => {
    count += 1;
    return `demo-${fingerprint(plan.seed)}-${String(count).padStart(6, '0')}`;
  };
  const context: DayContext = { random, plan, commandId, ...rangeOf(plan) };
  if (plan.days > 0) steps.push(...openingStock(context));
  for (let day = 0; day < plan.days; day++) {
    steps.push(...oneDay(context, addDays(plan.firstDay, day)));
  }
  return steps;
}

type DayContext = {
  readonly random: SeededRandom;
  readonly plan: HistoryPlan;
  readonly commandId: () => string;
  /** What has stock and is sold: the first products of an even spread over all departments. */
  readonly stocked: readonly Product[];
  readonly batchesOf: ReadonlyMap<string, readonly StockBatch[]>;
};

function rangeOf(plan: HistoryPlan): Pick<DayContext, 'stocked' | 'batchesOf'> {
  const sellable = plan.products.filter((product) => product.active);
  const step = Math.max(1, Math.floor(sellable.length / STOCKED_PRODUCTS));
  const stocked = sellable.filter((_, index) => index % step === 0).slice(0, STOCKED_PRODUCTS);
  const batchesOf = Map.groupBy(plan.batches, (batch) => batch.sku);
  return { stocked, batchesOf };
}

function openingStock({ random, plan, commandId, stocked, batchesOf }: DayContext): HistoryStep[] {
  const lines = stocked
    // A kit has no stock of its own: its parts have.
    .filter((product) => product.components === undefined)
    .flatMap((product) => {
      const batches: readonly { readonly batch?: string }[] = batchesOf.get(product.sku) ?? [{}];
      return batches.map(({ batch }) => ({
        sku: product.sku,
        quantityMilli: random.between(6, 80) * 1_000,
        ...(batch === undefined ? {} : { batch }),
      }));
    });
  const deliveries: HistoryStep[] = [];
  for (let at = 0; at < lines.length; at += LINES_PER_DELIVERY) {
    deliveries.push({
      till: deliveries.length % plan.tills,
      command: {
        kind: 'AdjustStock',
        command: commandId(),
        by: 'manager',
        reason: 'Opening stock',
        lines: lines.slice(at, at + LINES_PER_DELIVERY),
      },
    });
  }
  return deliveries;
}

function oneDay(context: DayContext, day: string): HistoryStep[] {
  const { random, plan, commandId } = context;
  const steps: HistoryStep[] = [];
  const sales = random.between(SALES_PER_DAY.min, SALES_PER_DAY.max) * plan.tills;
  for (let n = 0; n < sales; n++) {
    const till = n % plan.tills;
    // Shops open at eight; the times are what a person sees in the list, nothing is ordered by them.
    const at = `${day}T${timeOfDay(8 * 60 + Math.floor((n * 12 * 60) / sales))}`;
    const sale = randomSale(context, day, at);
    if (sale !== undefined) steps.push({ till, command: sale });
    if (random.chance(3)) steps.push({ till, command: randomReturn(context, day, at) });
    if (random.chance(1)) steps.push({ till, command: breakage(context) });
  }
  for (let till = 0; till < plan.tills; till++) {
    steps.push({ till, command: { kind: 'CloseDay', command: commandId(), by: 'supervisor' } });
  }
  return steps;
}

function randomSale(context: DayContext, day: string, at: string): Command | undefined {
  const { random, plan, commandId } = context;
  const wanted = random.chance(60) ? random.between(1, 4) : random.between(3, 14);
  const chosen = new Map<string, ItemLine>();
  for (let n = 0; n < wanted; n++) {
    const line = randomLine(context, day);
    if (line !== undefined) chosen.set(line.sku, line);
  }
  const lines = [...chosen.values()];
  if (lines.length === 0) return undefined;
  const totalMinor = lines.reduce((sum, line) => sum + amountMinor(line), 0);
  const card = random.chance(55);
  const customer = random.chance(20) ? random.pick(plan.customers) : undefined;
  return {
    kind: 'CompleteSale',
    command: commandId(),
    by: 'cashier',
    lines,
    tenders: [card ? { kind: 'card', amountMinor: totalMinor } : cashFor(totalMinor)],
    ...(customer === undefined ? {} : { customer: customer.id }),
    external: { system: 'demo', id: at, at },
  };
}

function randomLine({ random, plan, stocked, batchesOf }: DayContext, day: string) {
  const product = random.pick(stocked);
  const unitPriceE4 = priceAt(product, 'S01' as StoreId, plan.firstDay);
  if (unitPriceE4 === undefined) return undefined;
  const weighed = product.weighed === true;
  const quantityMilli = weighed ? random.between(80, 2_400) : random.between(1, 3) * 1_000;
  // First expired, first out.
  const batch = batchesOf.get(product.sku)?.find(({ expires }) => expires >= day)?.batch;
  return {
    sku: product.sku,
    quantityMilli,
    // The price of its day, whatever day it is when the history is replayed.
    unitPriceE4,
    override: 'price of the day',
    ...(batch === undefined ? {} : { batch }),
  } satisfies ItemLine;
}
