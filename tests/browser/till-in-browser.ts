/** A till in memory behind the built pages, and a browser in which somebody is signed in. For tests alone. */
import { randomBytes } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { addEventRoute } from '#lib/host/event-route.ts';
import { fakePins } from '#lib/host/fake-people.ts';
import { type FakeTill, fakeTillServices } from '#lib/host/fake-till-services.ts';
import { type Host, createHost } from '#lib/host/host.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { addPages } from '#lib/host/pages.ts';
import { publishGate } from '#lib/host/screen-gate.ts';
import { addScreenRoutes } from '#lib/host/screen-routes.ts';
import { publishServices } from '#lib/host/services.ts';

export type TillInBrowser = {
  readonly till: FakeTill;
  readonly page: Page;
  readonly url: string;
  /** What the browser complained about: errors, warnings, dialogs, breaches of the policy. */
  readonly complaints: string[];
  readonly host: Host;
  close(): Promise<void>;
};

type Options = {
  readonly operator?: string;
  readonly context?: BrowserContextOptions;
  readonly till?: Parameters<typeof fakeTillServices>[0];
};

export async function openTill(
  browser: Browser,
  { operator = 'sue', context, till: options }: Options = {},
): Promise<TillInBrowser> {
  const till = fakeTillServices(options);
  const host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
  const gate = addScreenRoutes(host.app, {
    services: till,
    clock: machineClock,
    random: (bytes) => randomBytes(bytes),
  });
  addEventRoute(host.app, {
    services: till,
    clock: machineClock,
    run: 'r1',
    admits: (request) => gate.callerOf(request) !== undefined,
  });
  publishServices(till);
  publishGate(gate);
  addPages(host.app);
  const url = `http://127.0.0.1:${await host.listen()}`;
  const made = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...context });
  const page = await made.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  const answer = await made.request.post(`${url}/screen/session`, {
    headers: { origin: url },
    data: { operator, pin: fakePins[operator] },
  });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
  return {
    till,
    page,
    url,
    complaints,
    host,
    async close() {
      await made.close();
      await host.close();
    },
  };
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

/** Pixels by which the page can be pushed sideways. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Loads a page and waits until it is alive: keys that come before that are nobody's. */
export async function visit(page: Page, address: string): Promise<void> {
  await Promise.all([becomesAlive(page), page.goto(address)]);
}

/** To be asked for before whatever loads the page. A page follows the till as soon as its own script runs. */
export const becomesAlive = (page: Page): Promise<unknown> =>
  page.waitForRequest((request) => request.url().endsWith('/events'));
