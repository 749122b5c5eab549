/**
 * Between rows of the wanted state and records of HQ's documents, both ways: what is published is made of rows, and rows
 * that a database has lost are made again of what is in force.
 */
import { orgKeys } from '../lib/documents/org-keys.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { StoreId } from '../lib/domain/ids.ts';
import { readProduct } from '../lib/domain/product.ts';
import type { WantedState as PublishedState } from './publisher.ts';
import { readCustomers, readStore } from './wanted-shapes.ts';
import type { WantedOperator, WantedRows } from './wanted-shapes.ts';
import type { WantedState } from './wanted-state.ts';

/** Everything that HQ wants to be in force, as the publisher writes it. */
export async function wantedState(wanted: WantedState): Promise<PublishedState> {
  const org = new Map<string, object>();
  for (const { store, name } of await wanted.stores()) {
    const settings = await wanted.settings(store);
    if (settings) org.set(orgKeys.settings(store), { ...settings, name });
    for (const operator of await wanted.operators(store))
      org.set(orgKeys.operator(store, operator.id), operator);
  }
  const products = new Map(
    (await wanted.products()).map((product) => [product.sku as string, product]),
  );
  const customerTerms = new Map(
    (await wanted.customers()).map(({ id, group, creditLimitMinor, blocked, taxExempt }) => [
      id,
      { id, group, creditLimitMinor, blocked, taxExempt },
    ]),
  );
  return { org, products, customerTerms };
}

/** @throws INVARIANT for what this relay cannot have published */
export function rowsOf({ org, products, customerTerms }: PublishedState): WantedRows {
  const keys = [...org].map(([key, record]) => ({ parts: key.split('/'), record }));
  const of = (kind: string) => keys.filter(({ parts }) => parts[0] === kind);
  return {
    stores: of('settings').map(({ parts, record }) => ({
      store: parts[1] as StoreId,
      ...must(readStore(record)),
    })),
    operators: of('operator').map(({ parts, record }) => ({
      store: parts[1] as StoreId,
      operator: record as WantedOperator,
    })),
    products: [...products.values()].map((record) => must(readProduct(record))),
    // A name is asked for in every customer, and never published.
    customers: must(
      readCustomers([...customerTerms].map(([id, terms]) => ({ name: id, ...terms }))),
    ),
  };
}

function must<Value>(
  read:
    | { readonly ok: true; readonly value: Value }
    | { readonly ok: false; readonly problems: readonly string[] },
): Value {
  if (read.ok) return read.value;
  throw new TillmeshError('INVARIANT', `a published record: ${read.problems.join('; ')}`);
}
