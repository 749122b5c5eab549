/** The page of a machine that has not joined, until it is a till; and the carts of the store on the sell page. */
import { randomBytes } from 'node:crypto';
import { expect, describe, test } from 'vitest';
import { fakeTillServices } from '#lib/host/fake-till-services.ts';
import { createHost } from '#lib/host/host.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { addEventRoute } from '#lib/host/event-route.ts';
import { addPages } from '#lib/host/pages.ts';
import { publishGate } from '#lib/host/screen-gate.ts';
import { addScreenRoutes } from '#lib/host/screen-routes.ts';
import { publishServices } from '#lib/host/services.ts';
import { addSetupRoutes } from '#lib/host/setup-routes.ts';
import { publishSetup } from '#lib/host/setup-services.ts';
import type { StartProgress } from '#lib/host/start-progress.ts';
import { Setup } from '#lib/register/setup.ts';
import { TillmeshError } from '#lib/domain/errors.ts';
import { browser, closedAfterwards, open, pictures } from './opened.ts';
import { complaintsOf, overflowOf, visit } from './pages.ts';

const good = '7QZK-3M8V-A1XW-9T0R';
const none = { here: 0, all: 0 };

/** Joins with the one good code; then a till with `progress` answers at the same address. */
async function openSetup(progress: { now: StartProgress }, network = { found: true, over: false }) {
  return closedAfterwards(async (there) => {
    const setup = new Setup({
      places: () => (network.found ? [{ name: 'S01-T1', host: '192.0.2.7', port: 4101 }] : []),
      isLooking: () => !network.over,
      joinAt: ({ code, host }, onTheirClock) => {
        if (host === '192.0.2.9') throw new TillmeshError('JOIN_UNREACHABLE', host);
        if (code !== good) throw new TillmeshError('JOIN_CODE_EXPIRED');
        onTheirClock(machineClock.wallMs() + 3 * 86_400_000);
        return Promise.resolve({ store: 'S01', terminal: 'T2' });
      },
      assertStartable: () => Promise.resolve(),
      clock: machineClock,
      onProblem: () => undefined,
    });
    const joined = Promise.withResolvers<void>();
    let host = createHost({ listen: { host: '127.0.0.1', port: 0 }, token: 'unused' });
    addSetupRoutes(host.app, setup, joined.resolve);
    publishSetup(setup);
    addPages(host.app);
    const port = await host.listen();
    const becomesTill = joined.promise.then(async () => {
      publishSetup(undefined);
      await host.close();
      const till = { ...fakeTillServices(), progress: () => progress.now };
      host = createHost({ listen: { host: '127.0.0.1', port }, token: 'unused' });
      const parts = { services: till, clock: machineClock, random: randomBytes };
      publishGate(addScreenRoutes(host.app, parts));
      addEventRoute(host.app, { services: till, clock: machineClock, run: 'r1' });
      publishServices(till);
      addPages(host.app);
      await host.listen();
    });
    const context = await there.newContext({ reducedMotion: 'reduce', locale: 'en-GB' });
    const page = await context.newPage();
    return {
      page,
      url: `http://127.0.0.1:${port}`,
      complaints: complaintsOf(page),
      becomesTill,
      async close() {
        await context.close();
        publishSetup(undefined);
        await host.close();
      },
    };
  });
}

describe.skipIf(!browser)('setting up a till', () => {
  test('asks for a code, says what is wrong with it, shows how far it is, and goes to sign-in by itself', async () => {
    const progress: { now: StartProgress } = {
      now: {
        step: 'linking',
        tillsLinked: 0,
        hqLinked: false,
        catalogue: none,
        journals: none,
      },
    };
    const network = { found: false, over: false };
    const { page, url, complaints, becomesTill } = await openSetup(progress, network);
    await page.goto(`${url}/sell`);
    await page.waitForURL('**/setup');
    await page.getByRole('heading', { name: 'Set up this till' }).waitFor();
    const code = page.getByLabel('Join code');
    await page.getByText('Looking for tills on this network').waitFor();
    network.over = true;
    await page.getByText('No till was found on this network.').waitFor();
    await page.screenshot({ path: `${pictures}setup-nobody.png`, fullPage: true });
    network.found = true;
    await page.getByRole('button', { name: /S01-T1/ }).waitFor();
    for (const width of [360, 1024, 1440]) {
      await page.setViewportSize({ width, height: 768 });
      expect([width, await overflowOf(page)]).toEqual([width, 0]);
      await page.screenshot({ path: `${pictures}setup-${width}.png`, fullPage: true });
    }
    await code.fill('7QZK');
    await page.keyboard.press('Enter');
    await page.getByText('That is not a join code.').waitFor();
    await code.fill(`${good}@192.0.2.9:3001`);
    await page.keyboard.press('Enter');
    await page.getByText('Nobody answers at this address.').waitFor();
    await code.fill('AAAA-BBBB-CCCC-DDDD');
    await page.getByRole('button', { name: /S01-T1/ }).click();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('This code has expired').waitFor();
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${pictures}setup-refused-dark.png`, fullPage: true });

    await code.fill(` ${good.toLowerCase().replaceAll('-', ' ')} `);
    await page.keyboard.press('Enter');
    await page.getByText('Joined as S01-T2').waitFor();
    await becomesTill;
    await page.getByText('Nobody answers yet.').waitFor();
    progress.now = {
      step: 'catalogue',
      tillsLinked: 2,
      hqLinked: false,
      catalogue: { here: 7, all: 65 },
      journals: { here: 6_200, all: 10_000 },
    };
    await page.getByText('7 of 65 parts').waitFor();
    await page.getByText('6,200 of 10,000').waitFor();
    await page.getByText('3 days behind').waitFor();
    for (const [width, scheme] of [
      [360, 'light'],
      [1024, 'dark'],
      [1440, 'light'],
    ] as const) {
      await page.setViewportSize({ width, height: 768 });
      await page.emulateMedia({ colorScheme: scheme });
      expect([width, await overflowOf(page)]).toEqual([width, 0]);
      await page.screenshot({ path: `${pictures}setup-steps-${width}.png`, fullPage: true });
    }
    progress.now = { ...progress.now, step: 'ready' };
    // The clock has to be seen by somebody first.
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL('**/sign-in');
    await page.getByRole('button', { name: /Amina/ }).waitFor();
    expect(complaints.filter((one) => !/409|ERR_|Failed to load/.test(one))).toEqual([]);
  });
});

describe.skipIf(!browser)('the carts of the store', () => {
  test('F6 parks, F7 calls up; what a till that is gone left open is for a supervisor', async () => {
    const journals = { here: 6_200, all: 10_000 };
    const { page, url, till, complaints } = await open({
      operator: 'ann',
      till: {
        progress: { step: 'ready', tillsLinked: 2, hqLinked: false, catalogue: none, journals },
      },
      context: { viewport: { width: 1024, height: 768 } },
    });
    await visit(page, `${url}/sell`);
    await page.getByText('older receipts are still coming: 6,200 of 10,000').waitFor();
    await page.screenshot({ path: `${pictures}sell-older.png` });
    const [tile] = till.tiles({ limit: 1 });
    if (!tile) throw new Error('no product');
    await page.getByRole('button', { name: tile.name }).first().click();
    await page.getByText('1 line', { exact: true }).waitFor();
    await page.keyboard.press('F6');
    await page.getByRole('button', { name: '1 open cart' }).waitFor();
    await page.keyboard.press('F7');
    const dialog = page.getByRole('dialog', { name: 'Open carts' });
    await dialog.getByText('Parked at T1 by Amina Testerley').waitFor();
    await page.screenshot({ path: `${pictures}sell-open-carts.png` });
    await dialog.getByRole('button', { name: 'Go on with it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('1 line', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Park', exact: true }).click();
    const [parked] = await till.storeCarts('sue');
    till.leave(parked?.cart ?? '', 'T2');
    await page.keyboard.press('F7');
    await dialog.getByText(/^Open at T2, which is gone/).waitFor();
    await dialog.getByText('A supervisor has to sign in').waitFor();
    expect(await dialog.getByRole('button', { name: 'Take over' }).isDisabled()).toBe(true);
    await page.setViewportSize({ width: 360, height: 740 });
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await overflowOf(page)).toBe(0);
    await page.screenshot({ path: `${pictures}sell-left-cart-360.png` });
    expect(complaints).toEqual([]);
  });
});
