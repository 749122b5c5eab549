/** A till in memory behind the built pages, and a browser in which somebody is signed in. For tests alone. */
import type { Browser } from 'playwright-core';
import { type FakeTill, fakeTillServices } from '#lib/host/fake-till-services.ts';
import { addScreenRoutes } from '#lib/host/screen-routes.ts';
import { serve, type Served, type ServedOptions } from './served.ts';

export type TillInBrowser = Served & { readonly till: FakeTill };

type Options = ServedOptions & { readonly till?: Parameters<typeof fakeTillServices>[0] };

export async function openTill(
  browser: Browser,
  { operator = 'sue', till: options, ...others }: Options = {},
): Promise<TillInBrowser> {
  const till = fakeTillServices(options);
  return { till, ...(await serve(browser, till, addScreenRoutes, { operator, ...others })) };
}

/** Sold by the cashier: `[code, thousandths]` each, paid by card. Its number. */
export function sell(
  till: FakeTill,
  command: string,
  goods: readonly (readonly [sku: string, quantityMilli: number])[],
): string {
  const lines = goods.map(([sku, quantityMilli]) => ({ sku, quantityMilli }));
  // In cash with more than enough: what it costs is the till's business.
  const tenders = [{ kind: 'cash', givenMinor: 100_000 }];
  const done = till.execute({ kind: 'CompleteSale', command, by: 'ann', lines, tenders });
  if (done.outcome !== 'done') throw new Error(JSON.stringify(done));
  return done.number;
}
