/** What head office may want, as it arrives: the shapes of stores, operators and customers. Products and settings are the domain's. */
import type { StoreId } from '../lib/domain/ids.ts';
import { z } from 'zod';
import { hasCardNumber } from '../lib/domain/card-number.ts';
import { readWith, type Crossing } from '../lib/domain/border.ts';
import { amountField, idField, nameField, textField } from '../lib/domain/fields.ts';
import type { Role } from '../lib/domain/operator.ts';
import { roleField } from '../lib/domain/role-field.ts';
import { readProduct, type Product } from '../lib/domain/product.ts';
import { readSettings, type StoreSettings } from '../lib/domain/settings.ts';

/** As it is kept and published. */
export type WantedOperator = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** See `lib/trust/pin-hash.ts`. */
  readonly pinHash: string;
};

/** As it is given: with the PIN, or without it to keep the one there is. */
export type GivenOperator = Omit<WantedOperator, 'pinHash'> & { readonly pin?: string };

export type WantedCustomer = {
  readonly id: string;
  readonly name: string;
  readonly group?: string;
  readonly creditLimitMinor?: number;
  readonly blocked?: boolean;
  readonly taxExempt?: boolean;
};

export type WantedStore = { readonly name: string; readonly settings: StoreSettings };

const operator: z.ZodType<GivenOperator> = z.strictObject({
  id: idField,
  name: nameField,
  roles: z.array(roleField).min(1).max(8),
  pin: z
    .string()
    .regex(/^[0-9]{4,12}$/, 'a PIN is 4 to 12 digits')
    .exactOptional(),
});

/** Contact fields and what a later version adds are kept as they are. */
const customer: z.ZodType<WantedCustomer> = z.looseObject({
  // A till could not tell such an id from a card that somebody typed, and would refuse its sales.
  id: idField.refine((id) => !hasCardNumber(id), 'reads like the number of a payment card'),
  name: nameField,
  phone: textField(40).exactOptional(),
  mail: textField(120).exactOptional(),
  group: idField.exactOptional(),
  creditLimitMinor: amountField.exactOptional(),
  blocked: z.boolean().exactOptional(),
  taxExempt: z.boolean().exactOptional(),
});

export const readOperators = (values: readonly unknown[]): Crossing<GivenOperator[]> =>
  readEach(
    values,
    (value) => readWith(operator, value),
    (each) => each.id,
  );

export const readCustomers = (values: readonly unknown[]): Crossing<WantedCustomer[]> =>
  readEach(
    values,
    (value) => readWith(customer, value),
    (each) => each.id,
  );

export const readProducts = (values: readonly unknown[]): Crossing<Product[]> =>
  readEach(values, readProduct, (each) => each.sku);

/** The store's name beside its settings, as one object. */
export function readStore(value: unknown): Crossing<WantedStore> {
  const named = readWith(z.looseObject({ name: nameField }), value);
  if (!named.ok) return named;
  const { name, ...rest } = named.value;
  const settings = readSettings(rest);
  return settings.ok ? { ok: true, value: { name, settings: settings.value } } : settings;
}

const problemsShown = 20;

/** All of them or none: half a catalogue is worse than yesterday's. Problems name the item by its place. */
function readEach<Item>(
  values: readonly unknown[],
  read: (value: unknown) => Crossing<Item>,
  keyOf: (item: Item) => string,
): Crossing<Item[]> {
  const items: Item[] = [];
  const problems: string[] = [];
  const keys = new Set<string>();
  for (const [index, value] of values.entries()) {
    const item = read(value);
    if (!item.ok) {
      problems.push(...item.problems.map((problem) => `${index}: ${problem}`));
    } else if (keys.has(keyOf(item.value))) {
      problems.push(`${index}: ${keyOf(item.value)} is there twice`);
    } else {
      keys.add(keyOf(item.value));
      items.push(item.value);
    }
    if (problems.length >= problemsShown) break;
  }
  return problems.length === 0 ? { ok: true, value: items } : { ok: false, problems };
}

/** The rows that a release was made of. `customers` lack what is not published: see `WantedState.refill`. */
export type WantedRows = {
  readonly stores: readonly (WantedStore & { readonly store: StoreId })[];
  readonly operators: readonly { readonly store: StoreId; readonly operator: WantedOperator }[];
  readonly products: readonly Product[];
  readonly customers: readonly WantedCustomer[];
};
