/** A day at a shop of two tills, by their screens: what one sells the other shows, and head office may come and go. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from '../browser/find-browser.ts';
import { becomesAlive, visit } from '../browser/pages.ts';
import { archivedDocuments } from '../system/archive-rows.ts';
import { Shop } from '../system/shop.ts';
import { until } from '../system/until.ts';
import { goods, lanternBarcode, max } from './goods.ts';
import {
  addByKeyboard,
  cartOf,
  lightIs,
  openScreen,
  savedNumber,
  scan,
  type Screen,
  signIn,
  typeName,
  urlOf,
} from './screen.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();

describe.skipIf(!browser)('two tills and head office', () => {
  let shop: Shop;
  let first: Screen;
  let second: Screen;
  let phone: Screen | undefined;
  /** A manager's at head office. */
  let office: Screen;
  let firstNumber = '';

  beforeAll(async () => {
    if (!browser) throw new Error('no browser');
    shop = await Shop.open(2, goods);
    first = await openScreen(browser);
    second = await openScreen(browser);
    office = await openScreen(browser);
  });
  afterAll(async () => {
    await browser?.close();
    await shop.close();
  });

  /** What head office has of a document: its number and total, in its archive. */
  const atHeadOffice = (number: string): Promise<{ totalMinor: number }> =>
    until(`${number} in the archive`, async () =>
      (await archivedDocuments(shop.relayDirectory)).find((row) => row.number === number),
    );

  const officeUrl = (): string => `http://127.0.0.1:${shop.relay.ready.api ?? 0}`;
  const storeCard = () =>
    office.page.getByRole('region', { name: 'Stores', exact: true }).getByRole('listitem');

  /** On the overview, by itself: what the store sold today, and that all of it is in the archive. */
  async function overviewShows(amount: string, counts: string): Promise<void> {
    const figure = (name: string, value: string): Promise<void> =>
      office.page
        .locator('dl > div', { hasText: name })
        .getByRole('definition')
        .getByText(value, { exact: true })
        .waitFor();
    await figure('Sales today', amount);
    await figure('Tills linked', '2 of 2');
    await figure('Waiting for the archive', '0');
    const card = storeCard().filter({ hasText: 'Test · S01' });
    await card.getByText(amount, { exact: true }).waitFor();
    await card.getByText(counts, { exact: true }).waitFor();
  }

  /** By the pages' own links, from anywhere to the receipt: who signed it, who has it, when the archive took it. */
  async function custodyShows(number: string, total: string): Promise<void> {
    const { page } = office;
    await page.getByRole('navigation').getByRole('link', { name: 'Documents' }).click();
    await page.getByRole('link', { name: number, exact: true }).click();
    await page.getByRole('heading', { name: `Sale ${number}` }).waitFor();
    await page.getByText(total, { exact: true }).first().waitFor();
    const story = page.getByRole('region', { name: 'Chain of custody' });
    await story.getByText(`Signed by ${number.slice(0, 6)}, life A (Done)`).waitFor();
    await story.getByText('On the disks of 2 tills (Done)').waitFor();
    await story.getByText('Arrived at this relay (Done)').waitFor();
    await story.getByText('In the archive (Done)').waitFor();
  }

  const stockRow = (name: string) => second.page.getByRole('row', { name: new RegExp(name) });

  test('P4: a sale by keyboard at one till is on the other one’s stock page without a reload, and in head office’s figures', async () => {
    await Promise.all([
      signIn(first.page, `${urlOf(shop.till('T1'))}/`, max),
      signIn(second.page, `${urlOf(shop.till('T2'))}/stock`, max),
      signIn(office.page, `${officeUrl()}/hq`, max),
    ]);
    await stockRow('Brass Lantern').getByText('0', { exact: true }).waitFor();
    await storeCard().getByText('Nothing sold yet today').waitFor();
    // Of the page as it was loaded: a reload would take it away.
    for (const screen of [second, office])
      await screen.page.evaluate(() => document.body.setAttribute('data-loaded', 'once'));

    const { page } = first;
    await addByKeyboard(page, '2*lantern', '2 ×');
    await addByKeyboard(page, 'heart', 'Heart Holder');
    await page.keyboard.press('F12');
    await page.getByRole('region', { name: 'Pay' }).waitFor();
    await page.keyboard.type('20');
    await page.keyboard.press('Enter');
    const number = await savedNumber(page);
    firstNumber = number;
    // 2 × 3.39 + 2.55 = 9.33 of 20.00.
    await page
      .getByRole('region', { name: /^Saved/ })
      .getByText('10.67', { exact: true })
      .waitFor();

    await stockRow('Brass Lantern').getByText('−2', { exact: true }).waitFor();
    await stockRow('Heart Holder').getByText('−1', { exact: true }).waitFor();
    expect(await atHeadOffice(number)).toMatchObject({ totalMinor: 933 });
    await overviewShows('€9.33', '1 sale');
    await custodyShows(number, '€9.33');
    for (const screen of [second, office])
      expect(await screen.page.getAttribute('body', 'data-loaded')).toBe('once');
    await lightIs(page, 'All sent', 'green');
    await lightIs(second.page, 'All sent', 'green');
  });

  test('P2: without head office both tills turn blue and go on selling; it comes back and has everything', async () => {
    await shop.stopRelay();
    await lightIs(first.page, 'Shop network only', 'blue');
    await lightIs(second.page, 'Shop network only', 'blue');
    await office.page.getByText('this page has lost the relay').waitFor();

    const numbers: string[] = [];
    await first.page.keyboard.press('Escape');
    await scan(first.page, lanternBarcode, 'Brass Lantern');
    await first.page.keyboard.press('F9');
    numbers.push(await savedNumber(first.page));
    await stockRow('Brass Lantern').getByText('−3', { exact: true }).waitFor();

    // Signing in needs head office as little as selling does.
    await second.page.keyboard.press('Control+l');
    await second.page.waitForURL('**/sign-in**');
    await typeName(second.page, max);
    await second.page.waitForURL('**/stock');
    await visit(second.page, `${urlOf(shop.till('T2'))}/sell`);
    await addByKeyboard(second.page, '0.75*apples', 'Red Apples');
    await second.page.keyboard.press('F9');
    numbers.push(await savedNumber(second.page));
    await visit(first.page, `${urlOf(shop.till('T1'))}/documents`);
    for (const number of numbers) await first.page.getByRole('link', { name: number }).waitFor();
    await lightIs(first.page, 'Shop network only', 'blue');
    await lightIs(second.page, 'Shop network only', 'blue');

    await shop.startRelay();
    await lightIs(first.page, 'All sent', 'green');
    await lightIs(second.page, 'All sent', 'green');
    for (const number of numbers) await atHeadOffice(number);
    await shop.agreed(3);

    // A relay that begins anew knows nobody: whoever looks at it is asked who is there.
    await office.page.waitForURL('**/sign-in**');
    await typeName(office.page, max);
    await office.page.waitForURL('**/hq/documents/**');
    await office.page.getByRole('link', { name: 'Overview' }).click();
    // 9.33 + 3.39 + 0.75 × 1.99.
    await overviewShows('€14.21', '3 sales');
    await custodyShows(numbers[0] ?? '', '€3.39');
    await custodyShows(numbers[1] ?? '', '€1.49');
    await office.page.getByRole('navigation').getByRole('link', { name: 'Documents' }).click();
    await office.page.getByText('3 documents', { exact: true }).waitFor();
    const listed = await office.page.getByRole('table').getByRole('link').allTextContents();
    expect(listed.toSorted()).toEqual([firstNumber, ...numbers].toSorted());
  });

  test('a return at the other till is on the first one’s receipt, and the money is right everywhere', async () => {
    const [sale] = await shop.till('T1').documents();
    if (!sale) throw new Error('nothing was sold');
    const { page } = second;
    await visit(page, `${urlOf(shop.till('T2'))}/documents/${sale.number}`);
    await page.keyboard.press('F8');
    await page.waitForURL('**/return');
    await page.getByRole('button', { name: 'Everything' }).click();
    await page.getByText('Damaged').click();
    await visit(first.page, `${urlOf(shop.till('T1'))}/documents/${sale.number}`);
    await page.keyboard.press('F12');
    const back = await savedNumber(page);
    expect(back).toMatch(/^S01-T2.*-R-1$/);
    await first.page.getByText('All came back').first().waitFor();
    expect(await atHeadOffice(back)).toMatchObject({ totalMinor: -sale.totalMinor });
    await shop.agreed(4);
    await office.page.getByRole('link', { name: 'Overview' }).click();
    await overviewShows('€4.88', '3 sales · 1 return');
    expect(await cartOf(page).count()).toBe(0);
  });

  test('by touch alone, on a phone: from the name to the change', async () => {
    if (!browser) throw new Error('no browser');
    phone = await openScreen(browser, {
      viewport: { width: 360, height: 740 },
      hasTouch: true,
      isMobile: true,
    });
    const { page } = phone;
    const tap = (name: string | RegExp) => page.getByRole('button', { name }).first().tap();
    const before = (await shop.till('T2').status()).documents;
    await visit(page, `${urlOf(shop.till('T2'))}/`);
    await tap(new RegExp(max.name));
    for (const digit of max.pin) await tap(new RegExp(`^${digit}$`));
    await Promise.all([becomesAlive(page), tap('Sign in')]);
    await page.waitForURL('**/sell');
    await tap(/Strawberry Jam/);
    await tap(/Strawberry Jam/);
    await tap(/^Sale · 1 line/);
    await cartOf(page).getByText('2 ×').first().waitFor();
    // A second tap in the same place finds another button there, which it was not meant for.
    const pay = await page.getByRole('button', { name: /^Pay/ }).boundingBox();
    if (!pay) throw new Error('no Pay');
    const [x, y] = [pay.x + pay.width / 2, pay.y + pay.height / 2];
    await page.touchscreen.tap(x, y);
    await page.touchscreen.tap(x, y);
    await page.getByRole('region', { name: 'Pay', exact: true }).waitFor();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    await page.getByRole('button', { name: /^Take cash/ }).waitFor();
    expect((await shop.till('T2').status()).documents).toBe(before);
    // The change is seen before the sale is ended.
    await tap('10.00');
    await page.getByText('5.10', { exact: true }).waitFor();
    expect((await shop.till('T2').status()).documents).toBe(before);
    await tap(/^Take cash/);
    const number = await savedNumber(page);
    // Elsewhere first: at once and in the same place, a tap is the second half of the one before.
    await page.getByText('5.10', { exact: true }).tap();
    await tap('Next sale');
    await page.getByRole('button', { name: /Strawberry Jam/ }).waitFor();
    expect((await shop.till('T2').status()).documents).toBe(before + 1);
    expect(await atHeadOffice(number)).toMatchObject({ totalMinor: 490 });
  });

  test('no page complained in all that time', () => {
    const screens = [first, second, phone, office].flatMap(
      (screen) => screen?.complaints ?? ['not opened'],
    );
    // What head office's page asked of a relay that was not there is the browser's own word.
    const expected = office.complaints.filter((text) =>
      /ERR_CONNECTION_(REFUSED|RESET)/.test(text),
    );
    expect(screens).toEqual(expected);
  });
});
