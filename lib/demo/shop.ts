/**
 * The sample shop as one value: everything that head office would have set up, and some days of sales.
 * A function of its arguments alone: the same seed is the same shop, byte for byte, on every machine.
 */
import type { Role } from '../domain/operator.ts';
import type { Product } from '../domain/product.ts';
import type { StoreSettings } from '../domain/settings.ts';
import { departments } from './assortment.ts';
import { generateCustomers, type SampleCustomer } from './customers.ts';
import { generateHistory, type HistoryStep } from './history.ts';
import { generateProducts, type StockBatch } from './products.ts';
import { SeededRandom } from './seeded-random.ts';

export type SampleOperator = {
  readonly id: string;
  readonly name: string;
  /** In the clear: a demo prints it. Whoever stores an operator stores a hash. */
  readonly pin: string;
  readonly roles: readonly Role[];
};

export type Department = { readonly id: string; readonly name: string; readonly tax: string };

export type Shop = {
  readonly company: string;
  readonly store: string;
  readonly settings: StoreSettings;
  readonly departments: readonly Department[];
  readonly operators: readonly SampleOperator[];
  readonly products: readonly Product[];
  readonly batches: readonly StockBatch[];
  readonly customers: readonly SampleCustomer[];
  /** In order per till. */
  readonly history: readonly HistoryStep[];
};

export type ShopPlan = {
  readonly seed: string;
  readonly products?: number;
  readonly customers?: number;
  readonly days?: number;
  readonly tills?: number;
  /** First day of the history; prices and expiry dates lie around it. */
  readonly firstDay?: string;
};

export function generateShop({
  seed,
  products = 2_000,
  customers = 300,
  days = 7,
  tills = 3,
  firstDay = '2026-11-02',
}: ShopPlan): Shop {
  // One stream each: ten more products must not rename every customer.
  const range = generateProducts(new SeededRandom(`${seed}/products`), products, firstDay);
  const people = generateCustomers(new SeededRandom(`${seed}/customers`), customers);
  const history = generateHistory(new SeededRandom(`${seed}/history`), {
    seed,
    days,
    firstDay,
    tills,
    ...range,
    customers: people,
  });
  return {
    company: 'Harbour Lane Stores (sample)',
    store: 'Harbour Lane',
    settings: sampleSettings,
    departments: departments.map(({ id, name, tax }) => ({ id, name, tax })),
    operators: sampleOperators,
    ...range,
    customers: people,
    history,
  };
}

const sampleSettings: StoreSettings = {
  currency: 'EUR',
  taxMode: 'inclusive',
  taxRounding: 'document',
  taxes: {
    standard: { name: 'Standard 20 %', percentE4: 200_000 },
    reduced: { name: 'Reduced 10 %', percentE4: 100_000 },
    zero: { name: 'Zero', percentE4: 0 },
  },
  openItemTax: 'standard',
  // Above it a supervisor takes the goods back.
  returnLimitMinor: 3_000,
  tenders: ['cash', 'card', 'voucher'],
  // Scale labels of the counters: item and weight in grams.
  inStoreBarcodes: [{ pattern: '28 IIIII WWWWW C', decimals: 3 }],
};

const sampleOperators: readonly SampleOperator[] = [
  { id: 'cashier', name: 'Amina Testerley', pin: '1111', roles: ['cashier'] },
  { id: 'supervisor', name: 'Omar Samplewood', pin: '2222', roles: ['cashier', 'supervisor'] },
  { id: 'manager', name: 'Ines Candlethorpe', pin: '3333', roles: ['supervisor', 'manager'] },
];
