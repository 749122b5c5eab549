/** A till whose files somebody has edited while it was stopped: every page says so, until a supervisor has looked. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from '../browser/find-browser.ts';
import { visit } from '../browser/pages.ts';
import { Shop } from '../system/shop.ts';
import { until } from '../system/until.ts';
import { goods, max } from './goods.ts';
import { openScreen, signIn, urlOf } from './screen.ts';

await buildPagesIfStale();
const browser = await launchBrowser();

describe.skipIf(!browser)('X11: a file that was edited by hand', () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await Shop.open(1, goods);
  });
  afterAll(async () => {
    await browser?.close();
    await shop.close();
  });

  test('is an alarm on every page, and an entry of the journal once it was looked at', async () => {
    if (!browser) throw new Error('no browser');
    const till = shop.till('T1');
    await till.stop();
    const file = join(till.options.data, 'format.json');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\n`);
    await till.start();
    const { page, complaints } = await openScreen(browser);
    await signIn(page, `${urlOf(till)}/sell`, max);
    await page
      .getByRole('alert')
      .getByText(/not as this till left it/)
      .waitFor();
    await visit(page, `${urlOf(till)}/alarms`);
    await page
      .getByText(/format\.json/)
      .first()
      .waitFor();
    await page.screenshot({ path: 'reports/pages/alarms-tampered-1024.png' });
    const flag = await until('the flag', async () => (await till.status()).flags['files-changed']);
    expect(flag).toBe(1);
    await page.getByRole('button', { name: 'Looked at: format.json' }).click();
    const note = page.getByLabel('What it was, in a few words');
    await note.fill('Card 4111 1111 1111 1111');
    await page.getByRole('button', { name: 'Yes, looked at' }).click();
    await page.getByText(/reads like the number of a payment card/).waitFor();
    await note.fill('The service man');
    await page.getByRole('button', { name: 'Yes, looked at' }).click();
    await page.getByText('No alarm.', { exact: false }).waitFor();
    await until('the flag is gone', async () =>
      (await till.status()).flags['files-changed'] === undefined ? true : undefined,
    );
    await visit(page, `${urlOf(till)}/documents/journal`);
    await page
      .getByText(/Looked at: .*format\.json.* Note: The service man/)
      .first()
      .waitFor();
    await page.screenshot({ path: 'reports/pages/journal-looked-at-1024.png' });
    // The browser's own line on the note that was refused.
    expect(complaints).toEqual([expect.stringContaining('409')]);
  });
});
