/** Every page of head office in every state that somebody sees; a test looks at each of them. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { alarmOf, fakeAlarms, fakeFindings } from '#lib/host/fake-alarms.ts';
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
    '/hq/terminals/S01/T1',
    '/hq/releases',
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

  await at('releases', '/hq/releases');
  await page.getByText('One by one').last().click();
  await look('hq-releases-names');

  await at('terminals', '/hq/terminals');
  await page.getByRole('button', { name: 'Enrol a till' }).click();
  const terminal = page.getByRole('dialog').getByLabel('Terminal');
  await terminal.fill('nonsense');
  await page.getByRole('button', { name: 'Make the code' }).click();
  await page.getByText('A terminal is one to three letters and a number').waitFor();
  await look('hq-enrol-wrong');
  await terminal.fill('T2');
  await page.getByText('A till is let in as T2').waitFor();
  await look('hq-enrol-lives');
  await terminal.fill('T4');
  await look('hq-enrol');
  await page.getByRole('button', { name: 'Make the code' }).click();
  await page.getByRole('heading', { name: 'Code for S01 T4' }).waitFor();
  await look('hq-enrol-code');

  const closed = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  };
  await closed();
  await terminals({ page, hq }, at, look, closed);

  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await look('hq-command-menu');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /: operator and settings$/ }).click();
  await page.getByRole('menu').waitFor();
  await look('hq-operator-menu');

  hq.takeCode('S01-T9', 'feedbeef'.repeat(8));
  await at('unheard', '/hq/terminals/S01/T9');
  const filesChanged = alarmOf({
    kind: 'filesChanged',
    terminal: 'S01-T1',
    code: 'JOURNAL_CUT',
    where: 'journals/S01/T1/00112233445566a1',
  });
  hq.alarm([filesChanged, ...fakeAlarms]);
  await at('overview-alarms', '/hq');
  await at('alarms', '/alarms');
  hq.alarm([]);

  hq.reach(false);
  await at('overview-away', '/hq');
  await at('store-away', '/hq/stores/S01');
  await at('documents-away', '/hq/documents');
  await at('receipt-away', `/hq/documents/S01/${number}`);
  await at('terminals-away', '/hq/terminals');
  await at('terminal-away', '/hq/terminals/S01/T3');
  await page.getByRole('button', { name: 'Replace this till' }).click();
  await page.getByRole('button', { name: 'Revoke the old one, make the code' }).click();
  await page.getByText('The database cannot be reached').waitFor();
  await look('hq-replace-away');

  await page.context().clearCookies();
  await at('sign-in', '/sign-in');
}

/** One that lets others in, one that is replaced before our eyes, one that wrote on after it was kept out. */
async function terminals(
  { page, hq }: Pick<HqInBrowser, 'page' | 'hq'>,
  at: (name: string, path: string) => Promise<void>,
  look: Look,
  closed: () => Promise<void>,
): Promise<void> {
  const button = (name: string) => page.getByRole('button', { name, exact: true });
  await at('terminal-unknown', '/hq/terminals/S01/T9');
  hq.find('S01-T1', fakeFindings);
  await at('terminals-findings', '/hq/terminals');
  await at('terminal', '/hq/terminals/S01/T1');
  await button('Let it enrol others').click();
  await page.getByLabel('From T').fill('5');
  await button('Give T10 to T19').or(button('Give T5 to T19')).click();
  await page.getByText('Some of these numbers are somebody’s').waitFor();
  await look('hq-grant-refused');
  await page.getByLabel('From T').fill('10');
  await button('Give T10 to T19').click();
  await page.getByText('S01-T1 may enrol T10 to T19').waitFor();
  await look('hq-grant-done');
  await closed();
  await button('Revoke').click();
  await page.getByText('Tills that it let in go as well').waitFor();
  await look('hq-revoke');
  await closed();

  await at('terminal-t2', '/hq/terminals/S01/T2');
  await button('Replace this till').click();
  await page.getByRole('radio', { name: /^Stolen/ }).check();
  await look('hq-replace');
  hq.failCodes();
  await button('Revoke the old one, make the code').click();
  await page.getByText('S01-T2 is kept out by now, and that stands.').waitFor();
  await look('hq-replace-half');
  await button('Make the code').click();
  await page.getByRole('heading', { name: 'Code for the new S01-T2' }).waitFor();
  await look('hq-replace-code');
  hq.join('S01-T2', 9_100);
  await page.getByText('9,100 of 12,480 entries are still missing there').waitFor();
  await look('hq-replace-joined');
  await closed();
  hq.restore('S01-T2', 0);
  hq.sell('S01-T2', 1_250);
  hq.sellBeyond('S01-T2', ['S01-T2A-S-9', 'S01-T2A-S-8']);
  await page.getByText('2 entries of it have come to light').waitFor();
  await look('hq-terminal-replaced');
  hq.join('S01-T2', 0);
  await page.getByText('2 devices have this name').waitFor();
  await look('hq-terminal-shared');
  await at('terminals-revoked', '/hq/terminals');
}
