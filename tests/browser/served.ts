/** Services in memory behind the built pages, and a browser in which somebody is signed in. For tests alone. */
import { randomBytes } from 'node:crypto';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { addEventRoute } from '#lib/host/event-route.ts';
import { fakePins } from '#lib/host/fake-people.ts';
import { type Host, createHost } from '#lib/host/host.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { addPages } from '#lib/host/pages.ts';
import { publishGate, type ScreenGate } from '#lib/host/screen-gate.ts';
import { publishServices, type StatusServices } from '#lib/host/services.ts';
import { complaintsOf } from './pages.ts';

export type Served = {
  readonly page: Page;
  readonly url: string;
  readonly complaints: string[];
  readonly host: Host;
  close(): Promise<void>;
};

export type ServedOptions = {
  /** Who is signed in; nobody where it is null. */
  readonly operator?: string | null;
  readonly context?: BrowserContextOptions;
};

type AddRoutes<Services> = (
  app: Host['app'],
  desk: {
    readonly services: Services;
    readonly clock: typeof machineClock;
    readonly random: (bytes: number) => Uint8Array;
  },
) => ScreenGate;

export async function serve<Services extends StatusServices>(
  browser: Browser,
  services: Services,
  addRoutes: AddRoutes<Services>,
  { operator = null, context }: ServedOptions,
): Promise<Served> {
  const host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
  const clock = machineClock;
  const gate = addRoutes(host.app, { services, clock, random: (bytes) => randomBytes(bytes) });
  const admits = (request: Parameters<typeof gate.callerOf>[0]): boolean =>
    gate.callerOf(request) !== undefined;
  const onClosed = (listener: () => void) => gate.sessions.onClosed(listener);
  addEventRoute(host.app, { services, clock, run: 'r1', admits, onClosed });
  publishServices(services);
  publishGate(gate);
  addPages(host.app);
  const url = `http://127.0.0.1:${await host.listen()}`;
  const made = await browser.newContext({ reducedMotion: 'reduce', locale: 'en-GB', ...context });
  const page = await made.newPage();
  const complaints = complaintsOf(page);
  if (operator !== null) {
    const answer = await made.request.post(`${url}/screen/session`, {
      headers: { origin: url },
      data: { operator, pin: fakePins[operator] },
    });
    if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`);
  }
  return {
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
