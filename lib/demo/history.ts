/**
 * Some days of a made-up shop's life as commands: opening stock, sales, returns, breakages.
 * Whoever replays them sends each to its till in order; they bring no document numbers and no clock of their own.
 */
import type { Command, ItemLine } from '../domain/commands.ts';
import { lineAmountMinor } from '../domain/money.ts';
import type { Product } from '../domain/product.ts';
import { addDays } from './calendar.ts';
import type { SampleCustomer } from './customers.ts';
import type { StockBatch } from './products.ts';
import { SeededRandom } from './seeded-random.ts';

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
  /** What has stock and is sold: an even spread over all departments. */
  readonly stocked: readonly Product[];
  readonly batchesOf: ReadonlyMap<string, readonly StockBatch[]>;
  readonly priceOf: ReadonlyMap<string, number>;
};

function rangeOf(plan: HistoryPlan): Pick<DayContext, 'stocked' | 'batchesOf' | 'priceOf'> {
  // Only what costs the same on every day: nobody knows on which day a history is replayed.
  const sellable = plan.products.filter(({ active, prices }) => active && prices.length === 1);
  const step = Math.max(1, Math.floor(sellable.length / STOCKED_PRODUCTS));
  const stocked = sellable.filter((_, index) => index % step === 0).slice(0, STOCKED_PRODUCTS);
  const batchesOf = Map.groupBy(plan.batches, (batch) => batch.sku);
  const priceOf = new Map(stocked.map(({ sku, prices }) => [sku, prices[0]?.unitPriceE4 ?? 0]));
  return { stocked, batchesOf, priceOf };
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
  const { random, plan } = context;
  const steps: HistoryStep[] = [];
  const sales = random.between(SALES_PER_DAY.min, SALES_PER_DAY.max) * plan.tills;
  for (let n = 0; n < sales; n++) {
    const till = n % plan.tills;
    // From eight to eight; the time is for people, nothing is ordered by it.
    const at = `${day}T${timeOfDay(8 * 60 + Math.floor((n * 12 * 60) / sales))}`;
    const lines = randomLines(context, day);
    if (lines.length === 0) continue;
    steps.push({ till, command: saleOf(context, lines, at) });
    if (random.chance(3)) steps.push({ till, command: returnOf(context, lines, at) });
    if (random.chance(1)) steps.push({ till, command: breakageOf(context, lines) });
  }
  return steps;
}

function randomLines({ random, stocked, batchesOf }: DayContext, day: string): ItemLine[] {
  // Most people buy a few things, some a trolley; the same product is one line.
  const wanted = random.chance(60) ? random.between(1, 4) : random.between(3, 14);
  const chosen = new Map<string, ItemLine>();
  for (let n = 0; n < wanted && stocked.length > 0; n++) {
    const product = random.pick(stocked);
    const pieces = random.between(1, 3) * 1_000;
    const quantityMilli = product.weighed === true ? random.between(80, 2_400) : pieces;
    // First expired, first out.
    const batch = batchesOf.get(product.sku)?.find(({ expires }) => expires >= day)?.batch;
    chosen.set(product.sku, {
      sku: product.sku,
      quantityMilli,
      ...(batch === undefined ? {} : { batch }),
    });
  }
  return [...chosen.values()];
}

function saleOf(context: DayContext, lines: ItemLine[], at: string): Command {
  const { random, plan, commandId } = context;
  const totalMinor = totalMinorOf(context, lines);
  const customer =
    random.chance(20) && plan.customers.length > 0 ? random.pick(plan.customers) : undefined;
  const command = commandId();
  return {
    kind: 'CompleteSale',
    command,
    by: 'cashier',
    lines,
    tenders: [
      random.chance(55)
        ? { kind: 'card', amountMinor: totalMinor }
        : { kind: 'cash', givenMinor: handedOver(totalMinor) },
    ],
    ...(customer === undefined ? {} : { customer: customer.id }),
    external: { system: 'demo', id: command, at },
  };
}

function returnOf(context: DayContext, sold: readonly ItemLine[], at: string): Command {
  const lines = [context.random.pick(sold)];
  const command = context.commandId();
  return {
    kind: 'CompleteReturn',
    command,
    by: 'supervisor',
    lines,
    tenders: [{ kind: 'cash', amountMinor: totalMinorOf(context, lines) }],
    external: { system: 'demo', id: command, at },
  };
}

function breakageOf({ random, commandId }: DayContext, shelf: readonly ItemLine[]): Command {
  const { sku, quantityMilli, batch } = random.pick(shelf);
  return {
    kind: 'AdjustStock',
    command: commandId(),
    by: 'supervisor',
    reason: random.pick(['Broken', 'Past its date', 'Shop use']),
    lines: [{ sku, quantityMilli: -quantityMilli, ...(batch === undefined ? {} : { batch }) }],
  };
}

function totalMinorOf({ priceOf }: DayContext, lines: readonly ItemLine[]): number {
  return lines.reduce(
    (sum, { sku, quantityMilli }) =>
      sum + lineAmountMinor({ quantityMilli, unitPriceE4: priceOf.get(sku) ?? 0, digits: 2 }),
    0,
  );
}

/** The next round sum in notes. */
function handedOver(totalMinor: number): number {
  const note = [500, 1_000, 2_000, 5_000].find((value) => value >= totalMinor);
  return note ?? Math.ceil(totalMinor / 5_000) * 5_000;
}

function timeOfDay(minutes: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}:00`;
}

/** Eight hex digits that stand for a text. */
function fingerprint(text: string): string {
  return new SeededRandom(text).next().toString(16).padStart(8, '0');
}
