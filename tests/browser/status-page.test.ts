import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { addEventRoute } from '#lib/host/event-route.ts';
import { type FakeServices, fakeServices } from '#lib/host/fake-services.ts';
import { type Host, createHost } from '#lib/host/host.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { addPages } from '#lib/host/pages.ts';
import { publishServices, type Status } from '#lib/host/services.ts';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from './find-browser.ts';

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
): Promise<{ page: Page; complaints: string[] }> {
  services = fakeServices(status);
  publishServices(services);
  host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
  addEventRoute(host.app, { services, clock: machineClock, run: 'r1' });
  addPages(host.app);
  url = `http://127.0.0.1:${await host.listen()}`;
  const page = await launched()
    .newContext(context)
    .then((made) => made.newPage());
  opened.push(page);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(url);
  await page.getByText('Live', { exact: true }).waitFor();
  return { page, complaints };
}

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

  test('says since when it is stale, and catches up by itself', async () => {
    const { page } = await open();
    await page.context().setOffline(true);
    const { port } = new URL(url);
    await host.close();
    await page.getByText(/has lost its connection/).waitFor();
    services = fakeServices({ total: '3000.00' });
    publishServices(services);
    host = createHost({ listen: { host: '127.0.0.1', port: Number(port) }, token: 'unused' });
    addEventRoute(host.app, { services, clock: machineClock, run: 'r2' });
    addPages(host.app);
    await host.listen();
    await page.context().setOffline(false);
    await page.getByText('3,000.00 GBP').waitFor();
  });

  test.each([
    ['phone-light', { viewport: { width: 320, height: 640 }, colorScheme: 'light' }],
    ['desktop-dark', { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' }],
  ] as const)('fits on %s', async (name, context) => {
    const { page } = await open({}, context);
    await page.screenshot({ path: `${pictures}${name}.png`, fullPage: true });
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
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
