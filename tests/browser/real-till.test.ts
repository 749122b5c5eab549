/** The pages of a till over a real register: what is signed in, sold and taken back is in its journal. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { catalogShards } from '#lib/documents/catalog-shards.ts';
import { names } from '#lib/documents/names.ts';
import { orgKeys } from '#lib/documents/org-keys.ts';
import { addEventRoute } from '#lib/host/event-route.ts';
import { type Host, createHost } from '#lib/host/host.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { addPages } from '#lib/host/pages.ts';
import { publishGate } from '#lib/host/screen-gate.ts';
import { addScreenRoutes } from '#lib/host/screen-routes.ts';
import { publishServices } from '#lib/host/services.ts';
import { MeshLog } from '#lib/register/mesh-log.ts';
import { RegisterMetrics } from '#lib/register/metrics.ts';
import type { Register } from '#lib/register/register.ts';
import {
  openRegister,
  prepareDirectory,
  sampleHeadOffice,
  sampleStore,
} from '#lib/register/sample-register.ts';
import { registerServices } from '#lib/register/services.ts';
import { SelfTest } from '#lib/register/self-test.ts';
import { SignInDesk } from '#lib/host/sign-in.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { hashPin } from '#lib/trust/pin-hash.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from './find-browser.ts';
import { becomesAlive, complaintsOf, overflowOf, visit } from './pages.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();

const root = mkdtempSync(join(tmpdir(), 'tillmesh-real-till-'));
const pictures = fileURLToPath(new URL('../../reports/pages/', import.meta.url));
const pin = '4711';
const unexpected = (error: unknown): never => {
  throw error;
};
let register: Register;
let services: ReturnType<typeof registerServices>;
let host: Host;
let url = '';

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  const company = await SampleCompany.create('real-till');
  const office = await sampleHeadOffice(company);
  const ann = { id: 'ann', name: 'Ann', roles: ['cashier'], pinHash: hashPin(pin, randomBytes) };
  office.write(names.org(), { [orgKeys.operator(sampleStore, 'ann')]: ann });
  const shards = Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard));
  office.release(2, [names.org(), ...shards]);
  const options = {
    directory: join(root, 'data'),
    company,
    terminal: await company.terminal(sampleStore, 'T1'),
    clock: machineClock,
  };
  prepareDirectory(office, options);
  register = await openRegister(options);
  services = registerServices(register, {
    version: '0.0.0-sample',
    metrics: new RegisterMetrics(),
    clock: machineClock,
    meshLog: new MeshLog(machineClock),
    selfTest: new SelfTest(machineClock, []),
    signIn: new SignInDesk({
      people: register.org,
      disk: nodeDisk,
      path: join(root, 'wrong-pins.json'),
      clock: machineClock,
      onProblem: unexpected,
      onFatal: unexpected,
    }),
    onProblem: unexpected,
  });
  host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
  const gate = addScreenRoutes(host.app, { services, clock: machineClock, random: randomBytes });
  addEventRoute(host.app, {
    services,
    clock: machineClock,
    run: 'r1',
    admits: (request) => gate.callerOf(request) !== undefined,
    onClosed: (listener) => gate.sessions.onClosed(listener),
  });
  publishServices(services);
  publishGate(gate);
  addPages(host.app);
  url = `http://127.0.0.1:${await host.listen()}`;
});
afterAll(async () => {
  await browser?.close();
  await host.close();
  services.stop();
  await register.stop();
  rmSync(root, { recursive: true });
});

describe.skipIf(!browser)('a real register by its pages', () => {
  test('signs in, sells, shows the receipt, takes goods back, and knows the stock', async () => {
    if (!browser) throw new Error('no browser');
    const context = await browser.newContext({
      viewport: { width: 1024, height: 768 },
      reducedMotion: 'reduce',
      locale: 'en-GB',
    });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const before = services.stock('TEA' as never).quantityMilli;

    await visit(page, url);
    await page.waitForURL('**/sign-in**');
    await page.getByRole('button', { name: /Ann/ }).click();
    await page.keyboard.type(pin, { delay: 60 });
    await Promise.all([becomesAlive(page), page.keyboard.press('Enter')]);
    await page.waitForURL('**/sell');
    await page.keyboard.type('3*TEA', { delay: 60 });
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('3 ×').first().waitFor();
    await page.keyboard.press('F9');
    await page.getByText(/^Saved S01-/).waitFor();
    await page.screenshot({ path: `${pictures}real-saved.png` });

    const [sale] = services.recentDocuments(5);
    if (!sale) throw new Error('no sale');
    await page.getByRole('link', { name: 'Receipt' }).first().click();
    await page.waitForURL(`**/documents/${sale.number}`);
    await page.getByText('Served by', { exact: true }).waitFor();
    await page.getByText('Ann', { exact: true }).first().waitFor();
    await page.screenshot({ path: `${pictures}real-receipt.png` });
    await page.keyboard.press('F8');
    await page.waitForURL('**/return');
    await page.getByRole('button', { name: /^One more of/ }).click();
    await page.getByText('Not wanted').click();
    await page.keyboard.press('F12');
    await page.getByText(/^Saved S01-.*-R-1$/).waitFor();
    await page.getByRole('link', { name: 'Show the return' }).click();
    await page.getByRole('link', { name: sale.number }).waitFor();
    expect(services.receipt(sale.number)?.returnedMilli).toEqual([1_000]);

    await visit(page, `${url}/stock/TEA`);
    await page.getByRole('cell', { name: '+1' }).waitFor();
    await page.getByRole('cell', { name: '−3' }).first().waitFor();
    expect(services.stock('TEA' as never).quantityMilli).toBe(before - 2_000);
    for (const path of ['/stock', '/documents', '/sync', '/status']) {
      const answer = await page.goto(url + path);
      expect([path, answer?.status()]).toEqual([path, 200]);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect([path, await overflowOf(page)]).toEqual([path, 0]);
      await page.screenshot({ path: `${pictures}real${path.replace('/', '-')}.png` });
    }
    // Alone and with documents that nobody else has: the one case for red.
    await visit(page, `${url}/sync`);
    await page.getByText('2 documents exist on this till only.').waitFor();
    await page.getByText('Alone', { exact: true }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('a cancelled sale, a removed line, the drawer and a copy leave entries; a cashier does not read them', async () => {
    if (!browser) throw new Error('no browser');
    const context = await browser.newContext({
      viewport: { width: 1024, height: 768 },
      reducedMotion: 'reduce',
      locale: 'en-GB',
    });
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    const [newest] = services.journal(1).entries;
    const acts = () =>
      services
        .journal(50)
        .entries.toReversed()
        .filter(({ key: { seq } }) => seq > (newest?.key.seq ?? 0));

    await visit(page, `${url}/sign-in`);
    await page.getByRole('button', { name: /Ann/ }).click();
    await page.keyboard.type(pin, { delay: 60 });
    await Promise.all([becomesAlive(page), page.keyboard.press('Enter')]);
    await page.waitForURL('**/sell');
    for (const code of ['2*TEA', 'CUP']) {
      await page.keyboard.type(code, { delay: 60 });
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('option').first().waitFor({ state: 'detached' });
    }
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.getByRole('button', { name: 'Cancel sale' }).click();
    await page.getByText('The sale was cancelled.').waitFor();

    await page.getByRole('button', { name: /: operator and settings$/ }).click();
    await page.getByRole('menuitem', { name: 'Open the drawer' }).click();
    await page.getByRole('dialog').getByText('Something else').click();
    await page.getByRole('textbox', { name: 'In a few words' }).fill('A coin for the trolley');
    await page.keyboard.press('Enter');
    await page.getByText(/^Recorded as S01-T1A-J-\d+/).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    expect(acts().map(({ type, operator, detail }) => [type, operator, detail])).toMatchObject([
      ['CartLineVoided', 'ann', { sku: 'CUP', quantityMilli: 1_000 }],
      ['CartCancelled', 'ann', { lines: 1, names: ['Sample tea'] }],
      ['DrawerOpened', 'ann', { reason: 'A coin for the trolley' }],
    ]);

    const [sale] = services.recentDocuments(50).filter(({ type }) => type === 'SaleCompleted');
    await page.addInitScript(() => {
      window.print = () => undefined;
    });
    await visit(page, `${url}/documents/${sale?.number}`);
    for (const copies of [0, 1]) {
      await page.getByRole('button', { name: 'Print' }).click();
      await expect.poll(() => services.receipt(sale?.number ?? '')?.copiesPrinted).toBe(copies);
      await expect.poll(() => page.getByRole('button', { name: 'Print' }).isEnabled()).toBe(true);
    }
    expect(services.receipt(sale?.number ?? '')?.isUnprinted).toBe(false);
    // Not for a cashier, who has no link to it; who types the address is told why, and that is an entry.
    await visit(page, `${url}/documents/journal`);
    await page.getByText(/The journal is for supervisors and managers/).waitFor();
    expect(acts().slice(3)).toMatchObject([
      { type: 'ReceiptReprinted', detail: { number: sale?.number, copy: 1 } },
      { type: 'PermissionRefused', operator: 'ann', detail: { permission: 'readJournal' } },
    ]);
    // The browser's own, about the page that was refused.
    expect(complaints).toEqual([expect.stringContaining('403')]);
    await context.close();
  });
});
