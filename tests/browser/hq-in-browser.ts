/** Head office in memory behind the built pages, and a browser in which a manager is signed in. For tests alone. */
import type { Browser } from 'playwright-core';
import { type FakeHq, fakeHqServices } from '#lib/host/fake-hq-services.ts';
import { addHqRoutes } from '#lib/host/screen-routes.ts';
import { serve, type Served, type ServedOptions } from './served.ts';

export type HqInBrowser = Served & { readonly hq: FakeHq };

type Options = ServedOptions & { readonly hq?: Parameters<typeof fakeHqServices>[0] };

export async function openHq(
  browser: Browser,
  { operator = 'max', hq: options, ...others }: Options = {},
): Promise<HqInBrowser> {
  const hq = fakeHqServices(options);
  return { hq, ...(await serve(browser, hq, addHqRoutes, { operator, ...others })) };
}

/** A morning of two stores, with a return. */
export const morning = Array.from({ length: 24 }, (_, n) => {
  const terminal = ['S01-T1', 'S01-T2', 'S02-T1'][n % 3] ?? 'S01-T1';
  return [terminal, 8 + (n % 4), n === 17 ? -1_339 : 1_000 + 137 * n] as const;
});
