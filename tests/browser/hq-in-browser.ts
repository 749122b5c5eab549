/** Head office in memory behind the built pages, and a browser in which a manager is signed in. For tests alone. */
import { randomBytes } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { addEventRoute } from '#lib/host/event-route.ts';
import { type FakeHq, fakeHqServices } from '#lib/host/fake-hq-services.ts';
import { fakePins } from '#lib/host/fake-people.ts';
import { type Host, createHost } from '#lib/host/host.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { addPages } from '#lib/host/pages.ts';
import { publishGate } from '#lib/host/screen-gate.ts';
import { addHqRoutes } from '#lib/host/screen-routes.ts';
import { publishServices } from '#lib/host/services.ts';

export type HqInBrowser = {
  readonly hq: FakeHq;
  readonly page: Page;
  readonly url: string;
  /** What the browser complained about: errors, warnings, breaches of the policy. */
  readonly complaints: string[];
  readonly host: Host;
  close(): Promise<void>;
};

type Options = {
  /** Nobody where it is null. */
  readonly operator?: string | null;
  readonly context?: BrowserContextOptions;
  readonly hq?: Parameters<typeof fakeHqServices>[0];
};

export async function openHq(
  browser: Browser,
  { operator = 'max', context, hq: options }: Options = {},
): Promise<HqInBrowser> {
  const hq = fakeHqServices(options);
  const host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
  const gate = addHqRoutes(host.app, {
    services: hq,
    clock: machineClock,
    random: (bytes) => randomBytes(bytes),
  });
  addEventRoute(host.app, {
    services: hq,
    clock: machineClock,
    run: 'r1',
    admits: (request) => gate.callerOf(request) !== undefined,
  });
  publishServices(hq);
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
  if (operator !== null) {
    const answer = await made.request.post(`${url}/screen/session`, {
      headers: { origin: url },
      data: { operator, pin: fakePins[operator] },
    });
    if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
  }
  return {
    hq,
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
