/** Every page of head office in every state that somebody sees; a test looks at each of them. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { type HqInBrowser, morning, openHq } from '../browser/hq-in-browser.ts';
import { visit } from '../browser/pages.ts';
import type { Look, Place, Sights } from './sights.ts';

/** The first one of that morning. */
const number = 'S01-T1A-S-1';

export const hqSights: Sights = {
  name: 'head office',
  addresses: [
    '/hq',
    '/hq/stores/S01',
    '/hq/documents',
    `/hq/documents/S01/${number}`,
    '/hq/terminals',
  ],
  async open(browser: Browser, context: BrowserContextOptions): Promise<Place> {
    const opened = await openHq(browser, { context, hq: { sales: morning } });
    // It had a morning of sales before it was opened.
    const fill = (): void => undefined;
    return { ...opened, fill, see: (look) => seeEverything(opened, look) };
  },
};

async function seeEverything({ page, url, hq }: HqInBrowser, look: Look): Promise<void> {
  const at = async (name: string, path: string): Promise<void> => {
    await visit(page, url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await look(`hq-${name}`);
  };
  await at('overview', '/hq');
  await page.getByRole('button', { name: 'Show as a table' }).click();
  await look('hq-overview-table');
  await at('store', '/hq/stores/S01');
  await at('documents', '/hq/documents');
  await at('documents-none', '/hq/documents?type=DayClosed');
  await at('receipt', `/hq/documents/S01/${number}`);
  await page.getByText('Proof', { exact: true }).click();
  await look('hq-receipt-proof');
  await at('unknown', '/hq/stores/S09');

  await at('terminals', '/hq/terminals');
  await page.getByRole('button', { name: 'Enrol a till' }).click();
  const terminal = page.getByRole('dialog').getByLabel('Terminal');
  await terminal.fill('nonsense');
  await page.getByRole('button', { name: 'Make the code' }).click();
  await page.getByText('A terminal is one to three letters and a number').waitFor();
  await look('hq-enrol-wrong');
  await terminal.fill('T2');
  await page.getByText('T2 has joined before.').waitFor();
  await look('hq-enrol');
  await page.getByRole('button', { name: 'Make the code' }).click();
  await page.getByRole('heading', { name: 'Code for S01 T2' }).waitFor();
  await look('hq-enrol-code');

  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await look('hq-command-menu');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /: operator and settings$/ }).click();
  await page.getByRole('menu').waitFor();
  await look('hq-operator-menu');

  hq.reach(false);
  await at('overview-away', '/hq');
  await at('store-away', '/hq/stores/S01');
  await at('documents-away', '/hq/documents');
  await at('receipt-away', `/hq/documents/S01/${number}`);
  await at('terminals-away', '/hq/terminals');

  await page.context().clearCookies();
  await at('sign-in', '/sign-in');
}
