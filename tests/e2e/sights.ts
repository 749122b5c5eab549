/** Every page of a till in every state that somebody sees, reached as a person does; a test looks at each of them. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { JournalKey, Principal } from '#lib/domain/ids.ts';
import { alarmOf, fakeAlarms } from '#lib/host/fake-alarms.ts';
import type { LanView } from '#lib/host/lan-screens.ts';
import { visit } from '../browser/pages.ts';
import type { Served } from '../browser/served.ts';
import { openTill, sell, type TillInBrowser } from '../browser/till-in-browser.ts';

/** Is called at each stop, when all that belongs there is there. */
export type Look = (name: string) => Promise<void>;

/** A till or head office, opened to be looked at. */
export type Place = Served & {
  /** So that there is something to show at every address. */
  fill(): void;
  see(look: Look): Promise<void>;
};

export type Sights = {
  readonly name: string;
  /** Its pages, for tests that need each of them once. */
  readonly addresses: readonly string[];
  open(browser: Browser, context: BrowserContextOptions): Promise<Place>;
};

const jam = 'GR0003';
const basket = [
  ['GI0001', 2_000],
  [jam, 3_000],
  ['PR0004', 750],
] as const;

const peer = (name: string, linked: boolean) => ({
  principal: `${name}-00112233445566bb` as Principal,
  linked,
  ...(!linked && { goneAtMs: Date.UTC(2026, 10, 20, 8, 0) }),
});
/** One till and head office are away: there is something to say on every page. */
const troubled = {
  peers: [peer('S01-T2', true), peer('S01-T3', false), peer('HQ-HQ1', false)],
};

/** Open to phones. */
const lan: LanView = {
  state: 'ready',
  addresses: ['https://192.168.1.20:4443', 'https://till-1.local:4443'],
  fingerprint: 'A1B2 A2F3 A434 A575 A6B6 A7F7 A938 AA79 ABBA ACFB AE3C AF7D B0BE B1FF B340 B481',
  endsMs: Date.UTC(2027, 4, 20),
};

/** The first sale of `S01-T1`. */
const sold = 'S01-T1A-S-1';

export const tillSights: Sights = {
  name: 'a till',
  addresses: [
    '/sell',
    '/stock',
    `/stock/${jam}`,
    '/documents',
    `/documents/${sold}`,
    `/documents/${sold}/return`,
    '/documents/journal',
    '/sync',
    '/devices',
    '/status',
    '/alarms',
  ],
  async open(browser: Browser, context: BrowserContextOptions): Promise<Place> {
    const opened = await openTill(browser, {
      context,
      till: { status: troubled, lan },
      operator: 'max',
    });
    return {
      ...opened,
      fill: () => sellBasket(opened),
      see: (look) => seeEverything(opened, look),
    };
  },
};

const journal = 'S01/T1/00000000000000aa' as JournalKey;

const sellBasket = ({ till }: Pick<TillInBrowser, 'till'>): string =>
  sell(till, 'sale-0001', basket);

async function seeEverything(opened: TillInBrowser, look: Look): Promise<void> {
  const { page, till, url } = opened;
  const heading = () => page.getByRole('heading', { level: 1 }).waitFor({ state: 'attached' });
  const at = async (name: string, path: string): Promise<void> => {
    await visit(page, url + path);
    await heading();
    await look(name);
  };

  await at('documents-empty', '/documents');
  await at('journal-empty', '/documents/journal');
  const number = sellBasket(opened);
  for (let n = 2; n < 6; n++) sell(till, `sale-000${n}`, [[jam, n * 1_000]]);
  await at('stock', '/stock');
  await at('stock-none', '/stock?query=zzzz');
  await at('stock-card', `/stock/${jam}`);
  await page.getByRole('button', { name: 'Count' }).click();
  await page.getByRole('button', { name: '7', exact: true }).click();
  await look('count');
  await at('devices', '/devices');
  await at('documents', '/documents');
  for (const reason of ['change', 'A coin for the trolley'])
    till.execute({ kind: 'OpenDrawer', command: `drawer-${reason.length}`, by: 'ann', reason });
  till.print('sue', { journal, seq: 1 }, 'print-0001');
  till.print('sue', { journal, seq: 1 }, 'print-0002');
  await at('journal', '/documents/journal');
  await at('journal-none', '/documents/journal?type=DayClosed');
  await at('documents-misread', '/documents?amountMinor=-5');
  await at('receipt', `/documents/${number}`);
  await at('unknown', '/documents/S01-T9A-S-1');
  await at('sync', '/sync');
  await at('status', '/status');

  await visit(page, `${url}/documents/${number}/return`);
  await page.getByRole('button', { name: 'Everything' }).click();
  await look('return');
  await page.getByText('Damaged').click();
  await page.keyboard.press('F12');
  await page.getByText(/^Saved S01-/).waitFor();
  await look('return-saved');

  await selling(page, url, look);

  await page.keyboard.press('Control+k');
  await page.getByRole('dialog').waitFor();
  await look('command-menu');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /: operator and settings$/ }).click();
  await page.getByRole('menu').waitFor();
  await look('operator-menu');
  await page.getByRole('menuitem', { name: 'Open the drawer' }).click();
  await page.getByRole('dialog').waitFor();
  await page.getByText('Something else').click();
  await page.getByRole('button', { name: 'Open the drawer' }).click();
  await page.getByText('Say in a few words').waitFor();
  await look('drawer');
  await page.getByText('To count the cash').click();
  await page.getByRole('button', { name: 'Open the drawer' }).click();
  await page.getByText(/^Recorded as S01-/).waitFor();
  await look('drawer-recorded');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /: operator and settings$/ }).click();
  await page.getByRole('menu').waitFor();
  await page.getByRole('menuitem', { name: 'Keys' }).click();
  await page.getByRole('dialog').waitFor();
  await look('keys');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });

  await alarming(opened, look);
  await signingIn(opened, look);
}

async function alarming({ page, till, url }: TillInBrowser, look: Look): Promise<void> {
  till.change({ alarms: fakeAlarms });
  await visit(page, `${url}/sell`);
  await page.getByRole('link', { name: 'All 3 alarms' }).waitFor();
  await look('sell-alarms');
  await page.getByRole('link', { name: 'All 3 alarms' }).click();
  await page.getByRole('button', { name: 'Let S01-T3 back in' }).click();
  await page.getByText('Has somebody looked at S01-T3?', { exact: false }).waitFor();
  await look('alarms');
  await page.getByRole('button', { name: 'Fold away' }).click();
  await page.getByRole('button', { name: 'Show 3 alarms again' }).waitFor();
  await look('alarms-folded');
  const findings = [
    { code: 'JOURNAL_CUT', where: 'journals/S01/T1/00aa', seq: 17, what: '17–20 were here' },
    { code: 'FILE_EDITED', where: 'wrong-pins.json' },
  ] as const;
  const sinceMs = Date.UTC(2026, 10, 20, 8, 2);
  till.change({
    alarms: findings.map(({ code, where }) => alarmOf({ kind: 'tampered', code, subject: where })),
    findings: findings.map((finding) => ({ ...finding, sinceMs })),
    flags: { 'files-changed': 1, oversell: 2 },
  });
  await visit(page, `${url}/alarms`);
  await page.getByText('17–20 were here').waitFor();
  await look('findings');
  await page.getByRole('button', { name: 'Looked at: wrong-pins.json' }).click();
  await page.getByText('Was this looked at?').waitFor();
  await look('findings-one');
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  const revoked = { reason: 'stolen', atMs: Date.UTC(2026, 10, 20, 9, 30) };
  till.change({ alarms: [], revoked, waiting: { onlyHere: 3, forHq: 3, forArchive: 3 } });
  await visit(page, `${url}/sell`);
  await page.getByText('3 documents exist on this till only.').waitFor();
  await look('revoked');
  await visit(page, `${url}/documents`);
  await look('revoked-reading');
  await visit(page, `${url}/sync`);
  await page.getByText('nothing is recorded here any more', { exact: false }).waitFor();
  await look('revoked-sync');
}

async function selling(page: Page, url: string, look: Look): Promise<void> {
  await visit(page, `${url}/sell`);
  await page.getByText('Brass Lantern').first().waitFor();
  await look('sell');
  const search = page.getByRole('combobox');
  await search.fill('zzzz');
  await page.getByText('Nothing is called “zzzz”').waitFor();
  await look('sell-nothing');
  await search.fill('2*lantern');
  await page.getByRole('option').first().waitFor();
  await look('sell-search');
  await page.keyboard.press('Enter');
  await search.fill('apple');
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Add to sale' }).waitFor();
  await look('sell-weigh');
  await page.keyboard.type('0.75');
  await page.getByRole('button', { name: 'Add to sale' }).click();
  await search.waitFor();
  // On a phone the sale is a tab of its own.
  const tab = page.getByRole('button', { name: /^Sale · / });
  if (await tab.isVisible()) await tab.click();
  await look('sell-cart');
  await page.getByRole('button', { name: 'Remove' }).first().click();
  await page.getByRole('button', { name: 'Undo' }).waitFor();
  await look('sell-undo');
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'Change' }).first().click();
  await page.getByRole('button', { name: 'Back to the products' }).waitFor();
  await look('sell-line');
  await page.keyboard.press('Escape');
  await page.keyboard.press('F12');
  await page.getByRole('region', { name: 'Pay' }).waitFor();
  await look('pay');
  await page.keyboard.type('5');
  await page.keyboard.press('Enter');
  await page.getByText('Still due').waitFor();
  await look('pay-part');
  // The panel is closed, and opens again with what was taken.
  await page.keyboard.press('Escape');
  await page.keyboard.press('F12');
  await page.keyboard.type('50');
  await page.keyboard.press('Enter');
  await page
    .getByText(/^Saved S01-/)
    .first()
    .waitFor();
  await look('saved');
}

async function signingIn({ page, url, till }: TillInBrowser, look: Look): Promise<void> {
  // A page that finds its session gone leads to the sign-in by itself, in the middle of going there.
  await page.goto('about:blank');
  await page.context().clearCookies();
  till.change({ alarms: fakeAlarms });
  await visit(page, `${url}/sign-in`);
  await page.getByText('A till exists twice.').waitFor();
  await look('sign-in');
  await page.getByRole('button', { name: /Omar/ }).click();
  await page.keyboard.type('9999');
  await look('sign-in-pin');
  await page.keyboard.press('Enter');
  await page.getByText('That is not the right PIN').waitFor();
  await look('sign-in-wrong');
  Object.assign(till, {
    pinWaits: () =>
      till
        .operators()
        .map(({ id }) => ({ operator: id, code: 'PIN_FILE_CHANGED', retryAfterMs: 80_000 })),
  } satisfies Partial<typeof till>);
  await visit(page, `${url}/sign-in`);
  await page.getByText(/file in which wrong PINs are counted/).waitFor();
  await look('sign-in-file-changed');
}
