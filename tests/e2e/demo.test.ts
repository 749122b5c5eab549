/** What somebody does who tries Tillmesh: starts it, reads the table that it prints, signs in, sells. Nothing is known beforehand. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from '../browser/find-browser.ts';
import { visit } from '../browser/pages.ts';
import { until } from '../system/until.ts';
import { lightIs, openScreen, savedNumber, signIn } from './screen.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();
const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const pictures = fileURLToPath(new URL('../../reports/pages/', import.meta.url));

describe.skipIf(!browser)('the demo', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tillmesh-demo-'));
  let child: ChildProcess;
  let ended: Promise<unknown>;
  let said = '';

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    const where = ['--data', join(directory, 'demo'), '--free-ports', '--until-stdin-closes'];
    const what = ['--products', '300', '--days', '1'];
    child = spawn(process.execPath, [program, 'demo', ...where, ...what], {
      stdio: ['pipe', 'pipe', 'inherit'],
      // Its own database, whatever this machine has set.
      env: { ...process.env, DATABASE_URL: '', NODE_ENV: 'production' },
    });
    ended = once(child, 'exit');
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text));
    await until('the sample days', () =>
      said.includes('The sample days are in') ? true : undefined,
    );
  });
  afterAll(async () => {
    await browser?.close();
    child.kill();
    await ended;
    rmSync(directory, { recursive: true, force: true });
  });

  /** Of the table: the address beside a name. */
  const addressOf = (name: string): string =>
    new RegExp(`^  ${name} +(http://\\S+)$`, 'm').exec(said)?.[1] ?? `no address of ${name}`;
  /** Whoever has that role, by name and PIN as printed. */
  function whoIs(role: string) {
    const row = new RegExp(`^  (\\S.*?)  +([0-9]{4,})  +.*${role}`, 'm').exec(said);
    return { name: row?.[1] ?? '', pin: row?.[2] ?? '' };
  }

  test('prints where the tills are and who signs in; a sale at one is on the others and at head office', async () => {
    if (!browser) throw new Error('no browser');
    const cashier = whoIs('cashier');
    expect(cashier.name).not.toBe('');
    const first = await openScreen(browser);
    const { page } = first;
    await signIn(page, addressOf('till T1'), cashier);
    const tile = page.getByRole('region', { name: 'Products' }).locator('button.rounded-card');
    for (const n of [0, 1, 2, 0]) {
      const changed = page.waitForResponse((response) => response.url().endsWith('/screen/cart'));
      await tile.nth(n).click();
      // What is sold by weight asks for it.
      const weigh = page.getByRole('button', { name: 'Add to sale' });
      await Promise.race([changed, weigh.waitFor()]);
      if (!(await weigh.isVisible())) continue;
      await page.keyboard.type('0.75');
      await weigh.click();
      await changed;
    }
    await lightIs(page, 'All sent', 'green');
    await page.screenshot({ path: `${pictures}demo-sell.png` });
    await page.keyboard.press('F9');
    const number = await savedNumber(page);

    const second = await openScreen(browser, { colorScheme: 'dark' });
    await signIn(second.page, `${addressOf('till T2')}/documents`, whoIs('supervisor'));
    await second.page.getByRole('link', { name: number }).waitFor();
    await visit(second.page, `${addressOf('till T2')}/sync`);
    await lightIs(second.page, 'All sent', 'green');
    await second.page.getByRole('img', { name: 'This till, linked to 3 of 3 others.' }).waitFor();
    await second.page.screenshot({ path: `${pictures}demo-sync.png` });
    expect((await fetch(addressOf('head office'))).status).toBe(200);
    expect([...first.complaints, ...second.complaints]).toEqual([]);
  });

  test('ends when it is asked to, with all that it had started', async () => {
    child.stdin?.end();
    expect(await ended).toEqual([0, null]);
    expect(said).toContain('All stopped.');
    await expect(fetch(addressOf('till T1'))).rejects.toThrow();
  });
});
