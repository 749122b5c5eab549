/** Signing in, locks after wrong PINs and who lifts them, and what a till says of its network, in the browser. */
import type { Page } from 'playwright-core';
import type { Principal } from '#lib/domain/ids.ts';
import { describe, expect, test } from 'vitest';
import { browser, open, pictures } from './opened.ts';
import { overflowOf, visit } from './pages.ts';
import { type TillInBrowser } from './till-in-browser.ts';

/** Ten wrong ones in a row, as a thief or a tired cashier types them. */
async function lockOut({ till }: TillInBrowser, operator: string): Promise<void> {
  for (let n = 0; n < 10; n++) await till.signIn(operator, '9999');
}

const typePin = async (page: Page, pin: string): Promise<void> => {
  await page.keyboard.type(pin);
  await page.keyboard.press('Enter');
};

/** Keys that come before the field is there are nobody's. */
async function openMenu(page: Page): Promise<void> {
  await page.keyboard.press('Control+k');
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.getAttribute('role')))
    .toBe('combobox');
}

const t2 = 'S01-T2-00112233445566bb' as Principal;
const hq = 'HQ-HQ1-00112233445566bb' as Principal;
const troubled = {
  status: {
    peers: [
      { principal: t2, linked: true },
      { principal: hq, linked: false, goneAtMs: Date.UTC(2026, 10, 20, 8, 0) },
    ],
  },
  dials: {
    [hq]: [
      {
        host: '192.168.1.5',
        port: 3001,
        attempts: 12,
        cause: 'noAnswer' as const,
        nextTryAtMs: Date.UTC(2026, 10, 20, 9, 0),
      },
    ],
  },
  addresses: [{ host: '192.168.1.9', port: 4101, attempts: 3, cause: 'otherCompany' as const }],
};

describe.skipIf(!browser)('signing in', () => {
  test('X1: a locked name says until when, and a supervisor lifts the lock; all by keyboard', async () => {
    const made = await open();
    const { page, url, complaints } = made;
    await lockOut(made, 'ann');
    await visit(page, `${url}/sell`);
    await page.keyboard.press('Control+l');
    await page.waitForURL('**/sign-in**');
    await page.getByRole('heading', { name: 'Omar Samplewood' }).waitFor();
    await page.keyboard.press('Escape');
    const tile = page.getByRole('button', { name: /Amina Testerley/ });
    await expect.poll(() => tile.textContent()).toMatch(/Locked until \d\d:\d\d/);
    await page.screenshot({ path: `${pictures}sign-in-locked-1024.png` });
    // A letter finds the name, Enter takes it; the right PIN does not pass a lock.
    await page.keyboard.press('a');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Amina Testerley' }).waitFor();
    await typePin(page, '9999');
    await page.getByText(/A supervisor or manager who signs in can lift that/).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('o');
    await page.keyboard.press('Enter');
    await typePin(page, '2222');
    await page.waitForURL('**/sell');
    await page.getByText('Brass Lantern').first().waitFor();
    await openMenu(page);
    await page.keyboard.type('locked');
    await page.keyboard.press('Enter');
    const unlock = page.getByRole('button', { name: 'Unlock Amina Testerley' });
    await unlock.waitFor();
    await page.screenshot({ path: `${pictures}locked-operators-1024.png` });
    await unlock.focus();
    await page.keyboard.press('Enter');
    await page.getByText('Amina Testerley can sign in again.').waitFor();
    await page.getByText('Nobody is locked here.').waitFor();
    await page.keyboard.press('Escape');
    await openMenu(page);
    await page.keyboard.type('switch');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sign-in');
    await page.getByText('Who is at the till?').waitFor();
    await expect.poll(() => tile.textContent()).toMatch(/Cashier/);
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });

  test('on a small phone name, keys and the button below them are in sight at once', async () => {
    const { page, url, complaints } = await open();
    await page.setViewportSize({ width: 360, height: 640 });
    await visit(page, `${url}/sell`);
    await page.keyboard.press('Control+l');
    await page.getByRole('heading', { name: 'Omar Samplewood' }).waitFor();
    await expect
      .poll(async () => {
        const button = await page.getByRole('button', { name: 'Sign in' }).boundingBox();
        return (button?.y ?? 0) + (button?.height ?? 640);
      })
      .toBeLessThanOrEqual(640);
    const key = await page.getByRole('button', { name: '5', exact: true }).boundingBox();
    expect(key?.height).toBeGreaterThanOrEqual(48);
    expect(await overflowOf(page)).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('X1: a cashier has no way to lift a lock', async () => {
    const made = await open({ operator: 'ann' });
    const { page, url } = made;
    await lockOut(made, 'sue');
    await visit(page, `${url}/sell`);
    await page.getByText('Brass Lantern').first().waitFor();
    await openMenu(page);
    await page.keyboard.type('locked');
    await page.getByText('Nothing is called that.').waitFor();
    const answer = await page.request.post(`${url}/screen/unlock`, {
      headers: { origin: url },
      data: { operator: 'sue' },
    });
    expect(answer.status()).toBe(403);
  });
});

describe.skipIf(!browser)('before signing in', () => {
  test('the light and the version are public, figures and peers are not', async () => {
    if (!browser) return;
    const { url, till } = await open();
    const stranger = await browser.newContext();
    try {
      const page = await stranger.newPage();
      await page.goto(`${url}/status`);
      await page.waitForURL('**/sign-in?next=%2Fstatus');
      await page.getByText('Shop network only').waitFor();
      const secrets = [till.status().total, till.status().stockHash, t2, hq, 'oversell'];
      const html = await (await stranger.request.get(`${url}/sign-in`)).text();
      expect(html).toContain('Amina Testerley');
      const told = [html];
      for (const path of ['/status', '/status/__data.json', '/sell', '/sync/__data.json', '/'])
        told.push(await (await stranger.request.get(url + path)).text());
      for (const secret of secrets) for (const text of told) expect(text).not.toContain(secret);
      // It goes on to say how the till is.
      till.change({ peers: [] });
      await page.getByText('No links').waitFor();
    } finally {
      await stranger.close();
    }
  });

  test('a page whose session was locked in another window hides behind the PIN, and leaves for somebody else', async () => {
    const { page, url, till } = await open();
    await visit(page, `${url}/sync`);
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    await page.request.post(`${url}/screen/lock`, { headers: { origin: url }, data: {} });
    till.change({ documents: 12 });
    const lock = page.getByRole('dialog', { name: 'Locked' });
    await lock.getByRole('button', { name: 'Somebody else' }).click();
    await page.waitForURL('**/sign-in?next=%2Fsync');
  });
});

describe.skipIf(!browser)('what waits for whom and why', () => {
  const sizes = { 360: 740, 1024: 768, 1440: 900 };
  const themes = ['light', 'dark'] as const;
  test.each(
    Object.entries(sizes).flatMap(([width, height]) =>
      themes.map((colorScheme) => [Number(width), colorScheme, height] as const),
    ),
  )('attempts, causes and the self-test at %i px, %s', async (width, colorScheme, height) => {
    const { page, url, complaints } = await open({
      context: { viewport: { width, height }, colorScheme },
      till: troubled,
    });
    await visit(page, `${url}/sync`);
    await page.getByText(/No answer at 192\.168\.1\.5:3001 · 12 tries · next one at/).waitFor();
    await page.getByText(/Certificate from another company at 192\.168\.1\.9:4101/).waitFor();
    await page.getByText('Tillmesh 0.1.0').waitFor();
    await page.getByRole('button', { name: 'Run the self-test' }).click();
    await page.getByText('Looking: 3 of 9').waitFor();
    await page.getByText(/Something needs a look/).waitFor();
    await page.getByText('hq.shop.example:3001 does not answer (ETIMEDOUT)').waitFor();
    await page.getByText('→ check that it runs, and the firewalls between').waitFor();
    await page.getByText('95 seconds apart from that of S01-T2').waitFor();
    await page.getByRole('button', { name: 'Run it again' }).waitFor();
    await page.screenshot({ path: `${pictures}self-test-${width}-${colorScheme}.png` });
    const main = page.locator('main');
    await main.evaluate((element) => element.querySelector('#links')?.scrollIntoView());
    await page.screenshot({ path: `${pictures}sync-causes-${width}-${colorScheme}.png` });
    // The page scrolls inside its frame: nothing may push the header out of sight.
    expect(await page.evaluate(() => document.documentElement.scrollTop)).toBe(0);
    expect(await overflowOf(page)).toBe(0);
    expect(complaints).toEqual([]);
  });
});
