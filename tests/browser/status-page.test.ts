import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Clock } from '#lib/domain/clock.ts';
import type { EntryHash, JournalKey, Principal } from '#lib/domain/ids.ts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addEventRoute } from '#lib/host/event-route.ts';
import { type FakeServices, fakeServices } from '#lib/host/fake-services.ts';
import { type Host, createHost } from '#lib/host/host.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { addPages } from '#lib/host/pages.ts';
import { publishServices, type Status } from '#lib/host/services.ts';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from './find-browser.ts';
import { complaintsOf } from './pages.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();
if (!browser)
  process.stderr.write('No Chromium on this platform: set CHROMIUM to test the pages.\n');

const pictures = fileURLToPath(new URL('../../reports/pages/', import.meta.url));
let services: FakeServices;
let host: Host;
let url: string;

beforeAll(() => mkdirSync(pictures, { recursive: true }));
afterAll(() => browser?.close());
const opened: Page[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((page) => page.context().close()));
  await host.close();
});

/** A page of a fresh host; what the browser complained about is collected. */
async function open(
  status: Partial<Status> = {},
  context: BrowserContextOptions = {},
  before: (page: Page) => Promise<void> = () => Promise.resolve(),
  clock: Clock = machineClock,
): Promise<{ page: Page; complaints: string[] }> {
  services = fakeServices(status);
  publishServices(services);
  host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
  addEventRoute(host.app, { services, clock, run: 'r1' });
  addPages(host.app);
  url = `http://127.0.0.1:${await host.listen()}`;
  const page = await launched()
    .newContext(context)
    .then((made) => made.newPage());
  opened.push(page);
  const complaints = complaintsOf(page);
  await before(page);
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  return { page, complaints };
}

/** Nothing waits and nobody is missing. */
const healthy = {
  peers: [
    { principal: 'HQ-HQ1-00112233445566cc' as Principal, linked: true },
    { principal: 'S01-T2-00112233445566bb' as Principal, linked: true },
  ],
  copies: { own: { seq: 12, onPeers: 12, atHq: 12, archived: 12 } },
} as const;

/** In the page: its own listeners come after this one, in the same turn. */
function countAlive(): void {
  let count = 0;
  const Real = EventSource;
  window.EventSource = class extends Real {
    constructor(url: string | URL) {
      super(url);
      this.addEventListener('alive', () => {
        document.documentElement.dataset['alive'] = `${++count}`;
      });
    }
  };
}

const lostLine = (page: Page) =>
  page.getByRole('status').filter({ hasText: /No connection to this till since .*\d/ });

const opacityOf = (page: Page): Promise<number> =>
  page.evaluate(() =>
    Number(getComputedStyle(document.querySelector('.figures') ?? document.body).opacity),
  );

function launched(): Browser {
  if (!browser) throw new Error('no browser');
  return browser;
}

describe.skipIf(!browser)('the status page', () => {
  test('shows a register, follows its changes and breaks no rule of the policy', async () => {
    const { page, complaints } = await open();
    await page.getByText('1,234.56 GBP').waitFor();
    expect(await page.title()).toBe('S01 · T1 · Tillmesh');
    await page.getByText('Shop network only').waitFor();
    services.change({ total: '2000.00' });
    await page.getByText('2,000.00 GBP').waitFor();
    expect(complaints).toEqual([]);
  });

  test('its policy allows own scripts only, each with a nonce', async () => {
    await open();
    const policy = (await fetch(url)).headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]) {
      expect(policy).toContain(part);
    }
    expect(policy).toMatch(/script-src 'self' 'nonce-[^']+'/);
    expect(policy).not.toMatch(/unsafe-(inline|eval)/);
    const html = await (await fetch(url)).text();
    expect(html).not.toMatch(/ on[a-z]+=/);
  });

  test('text from outside stays text', async () => {
    const nasty = '<img src=x onerror=alert(1)><script>alert(2)</script>';
    const { page, complaints } = await open({ store: nasty, flags: { [nasty]: 1 } });
    expect(await page.locator('h1').textContent()).toBe(`${nasty} · T1`);
    expect(await page.locator('img').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('of a process that is gone says since when and turns grey, and catches up by itself', async () => {
    const { page } = await open(healthy);
    await page.getByText('All sent').waitFor();
    await page.context().setOffline(true);
    const { port } = new URL(url);
    await host.close();
    await lostLine(page).waitFor();
    expect(await page.getByText('All sent').count()).toBe(0);
    expect(await opacityOf(page)).toBeLessThan(1);
    await page.screenshot({ path: `${pictures}dead.png`, fullPage: true });
    services = fakeServices({ total: '3000.00' });
    publishServices(services);
    host = createHost({ listen: { host: '127.0.0.1', port: Number(port) }, token: 'unused' });
    addEventRoute(host.app, { services, clock: machineClock, run: 'r2' });
    addPages(host.app);
    await host.listen();
    await page.context().setOffline(false);
    await page.getByText('3,000.00 GBP').waitFor();
    expect(await opacityOf(page)).toBe(1);
  });

  test('of a process that hangs with its connection open is found out by its silence', async () => {
    const { page } = await open(healthy, {}, (made) => made.clock.install());
    await page.getByText('All sent').waitFor();
    await page.clock.fastForward(60_000);
    await lostLine(page).waitFor();
    services.change({ total: '5.00' });
    await page.getByText('5.00 GBP').waitFor();
    await page.getByText('All sent').waitFor();
  });

  test('of a process that is only quiet stays live', async () => {
    const timers: { run: () => void; delayMs: number }[] = [];
    const clock: Clock = {
      ...machineClock,
      setTimer(run, delayMs) {
        if (delayMs < 1_000) return machineClock.setTimer(run, delayMs);
        timers.push({ run, delayMs });
        return { cancel: () => undefined };
      },
    };
    const { page } = await open(
      healthy,
      {},
      async (made) => {
        await made.clock.install();
        await made.addInitScript(countAlive);
      },
      clock,
    );
    for (let n = 1; n <= 3; n++) {
      await page.clock.fastForward(30_000);
      timers.shift()?.run();
      await page.waitForFunction(
        (count) => document.documentElement.dataset['alive'] === count,
        `${n}`,
      );
    }
    await page.getByText('All sent').waitFor();
    expect(await lostLine(page).count()).toBe(0);
  });

  test('a till is not green while another one is missing, and says which and since when', async () => {
    const { page } = await open(healthy);
    const [hq, other] = healthy.peers;
    const goneAtMs = new Date(2026, 10, 2, 14, 3, 22).getTime();
    services.change({ peers: [hq, { ...other, linked: false, goneAtMs }] });
    await page.getByText('Not all linked').waitFor();
    await page.getByText(/No link to S01-T2/).waitFor();
    await page.getByText(/Not linked since 2 Nov 2026, 14:03:22/).waitFor();
    services.change({
      peers: [
        { ...hq, linked: false },
        { ...other, linked: false },
      ],
    });
    // Nothing of this till exists here only.
    await page.getByText('No links', { exact: true }).waitFor();
    services.change({ waiting: { onlyHere: 2, forHq: 2, forArchive: 2 } });
    await page.getByText('Alone', { exact: true }).waitFor();
    await page.getByText(/2 documents exist on this disk only/).waitFor();
  });

  test('a relay whose archive is behind says how many entries wait', async () => {
    const [journal] = Object.keys(fakeServices().status().tips) as JournalKey[];
    if (!journal) throw new Error('no journal');
    const tips = { [journal]: { seq: 5, hash: 'a'.repeat(43) as EntryHash } };
    const archived = { archive: 'main', generation: 1, tips };
    const { page } = await open({
      ...healthy,
      role: 'relay',
      store: 'HQ',
      terminal: 'HQ1',
      archived,
    });
    await page.getByText('7 entries that have arrived wait for the archive.').waitFor();
    expect(await page.getByText('All archived').count()).toBe(0);
  });

  test.each([
    ['register-320-light', 'register', 320, 'light'],
    ['register-360-dark', 'register', 360, 'dark'],
    ['register-1280-light', 'register', 1_280, 'light'],
    ['relay-360-light', 'relay', 360, 'light'],
    ['relay-1280-dark', 'relay', 1_280, 'dark'],
  ] as const)('fits on %s', async (name, role, width, colorScheme) => {
    const hash = 'Zk3_'.repeat(11).slice(0, 43) as EntryHash;
    const terminals = ['T1', 'T2', 'T10'];
    const tips = Object.fromEntries(
      terminals.map((terminal) => [`S01/${terminal}/00112233445566aa`, { seq: 12_345, hash }]),
    );
    const peers = terminals.map((terminal, n) => ({
      principal: `S01-${terminal}-00112233445566aa` as Principal,
      linked: n === 0,
      ...(n === 1 && { goneAtMs: Date.UTC(2026, 10, 2, 14, 3, 22) }),
    }));
    const { page } = await open(
      { role, peers, tips, ...(role === 'relay' && { store: 'HQ', terminal: 'HQ1' }) },
      { viewport: { width, height: 800 }, colorScheme },
    );
    await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    const cut = await page
      .getByRole('group')
      .evaluateAll(
        (tables) =>
          tables.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).length,
      );
    expect(cut).toBe(0);
  });

  test('the relay shows itself with the same page', async () => {
    const { page, complaints } = await open({ role: 'relay', store: 'HQ', terminal: 'HQ1' });
    await page.getByText('Head office relay').waitFor();
    expect(complaints).toEqual([]);
  });

  test('an unknown address answers with the error page', async () => {
    const { page } = await open();
    const answer = await page.goto(`${url}/no-such-page`);
    expect(answer?.status()).toBe(404);
    await page.getByText('This page cannot be shown').waitFor();
  });
});
