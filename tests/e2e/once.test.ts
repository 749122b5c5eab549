/**
 * P3: whatever happens while a cashier pays, it is one sale with one number. Each case stops Pay in a window that it proves
 * to have hit, and counts by the till's own figures; what the pages show is checked beside it.
 */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { verifyDirectory } from '#lib/register/verify.ts';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from '../browser/find-browser.ts';
import { becomesAlive, visit } from '../browser/pages.ts';
import { Shop } from '../system/shop.ts';
import type { TillProcess } from '../system/till-process.ts';
import { until } from '../system/until.ts';
import { goods, max } from './goods.ts';
import { type HoldAt, PayGate } from './pay-gate.ts';
import {
  addByKeyboard,
  anotherTab,
  cartOf,
  openScreen,
  savedNumber,
  type Screen,
  signIn,
  typeName,
} from './screen.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();

describe.skipIf(!browser)('P3: one sale, one number', () => {
  let shop: Shop;
  let till: TillProcess;
  let gate: PayGate;
  let screen: Screen;
  const opened: Browser[] = [];
  /** All that was ever paid here. */
  const numbers: string[] = [];

  beforeAll(async () => {
    if (!browser) throw new Error('no browser');
    shop = await Shop.open(1, goods);
    till = shop.till('T1');
    gate = await PayGate.open(() => till.process.ready.ui ?? 0);
    screen = await openScreen(browser);
    await signIn(screen.page, `${gate.url}/sell`, max);
  });
  afterEach(() => gate.drop());
  afterAll(async () => {
    await browser?.close();
    for (const one of opened) await one.close();
    gate.close();
    await shop.close();
  });

  const documents = async (): Promise<number> => (await till.status()).documents;

  /** Two lanterns in an empty cart, on a page that is alive. */
  async function fill({ page }: Screen): Promise<void> {
    await visit(page, `${gate.url}/sell`);
    await isEmpty(screen);
    await addByKeyboard(page, '2*lantern', '2 ×');
  }
  const isEmpty = ({ page }: Screen) => cartOf(page).getByText('Scan a product').waitFor();
  const isFull = ({ page }: Screen) => cartOf(page).getByText('2 ×').first().waitFor();

  /** Asks for exact cash and stops it there; the till has it by then, or has it not. */
  async function payUntil(at: HoldAt, { page }: Screen): Promise<void> {
    const before = await documents();
    gate.hold(at);
    await page.keyboard.press('F9');
    await gate.caught();
    expect(await documents()).toBe(before + (at === 'answer' ? 1 : 0));
  }

  async function saved({ page }: Screen): Promise<string> {
    const number = await savedNumber(page);
    if (!numbers.includes(number)) numbers.push(number);
    return number;
  }

  /** As the list of documents has it: of a sale whose answer nobody saw. */
  async function newest(): Promise<string> {
    const number = (await till.documents()).at(-1)?.number;
    if (number === undefined) throw new Error('nothing was sold');
    numbers.push(number);
    return number;
  }

  test('a reload keeps the cart, and the sale of a Pay whose answer it threw away', async () => {
    const { page } = screen;
    const before = await documents();
    await fill(screen);
    await page.keyboard.press('F12');
    await page.keyboard.type('5');
    await Promise.all([becomesAlive(page), page.reload()]);
    await isFull(screen);

    await payUntil('answer', screen);
    await Promise.all([becomesAlive(page), page.reload()]);
    await isEmpty(screen);
    gate.letGo();
    expect(await documents()).toBe(before + 1);
    await newest();
  });

  test('a Pay that was on its way at the reload, and the one after it, are one', async () => {
    const { page } = screen;
    const before = await documents();
    const asked = gate.asked;
    await fill(screen);
    await payUntil('question', screen);
    await Promise.all([becomesAlive(page), page.reload()]);
    await isFull(screen);
    await page.keyboard.press('F9');
    await gate.caught(2);
    gate.letGo();
    await saved(screen);
    expect(gate.asked).toBe(asked + 2);
    expect(await documents()).toBe(before + 1);
  });

  test('two tabs that pay the same cart at once have the same number', async () => {
    const before = await documents();
    await fill(screen);
    const other = await anotherTab(screen.context);
    await visit(other.page, `${gate.url}/sell`);
    await isFull(other);
    await payUntil('question', screen);
    await other.page.keyboard.press('F9');
    await gate.caught(2);
    gate.letGo();
    expect(await saved(other)).toBe(await saved(screen));
    const repeated = await Promise.all(
      [screen, other].map(({ page }) => page.getByText('had been recorded already').count()),
    );
    expect(repeated.toSorted((a, b) => a - b)).toEqual([0, 1]);
    expect(await documents()).toBe(before + 1);
    await other.page.close();
  });

  test('a double click and a double Enter on Pay', async () => {
    const { page } = screen;
    for (const press of [
      () => page.getByRole('button', { name: /^Take cash/ }).dblclick(),
      async () => {
        await page.keyboard.press('Enter');
        await page.keyboard.press('Enter');
      },
    ]) {
      const before = await documents();
      const asked = gate.asked;
      await fill(screen);
      await page.keyboard.press('F12');
      await page.getByRole('button', { name: /^Take cash/ }).waitFor();
      gate.hold('answer');
      await press();
      await gate.caught();
      gate.letGo();
      await saved(screen);
      expect(gate.asked).toBe(asked + 1);
      expect(await documents()).toBe(before + 1);
    }
  });

  test('a double click means the button that it began on: Pay opens, and the change stays in sight', async () => {
    const { page } = screen;
    const before = await documents();
    const asked = gate.asked;
    await fill(screen);
    await page.getByRole('button', { name: /^Pay / }).dblclick();
    await page.getByRole('button', { name: /^Take cash/ }).waitFor();
    expect([gate.asked, await documents()]).toEqual([asked, before]);
    await page.getByRole('button', { name: /^Take cash/ }).dblclick();
    await saved(screen);
    // Two turns of the page later it would be gone.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
    await saved(screen);
    expect(await documents()).toBe(before + 1);
  });

  test.each(['answer', 'question'] as const)(
    'the browser is killed while it waits for the %s',
    async (at) => {
      const before = await documents();
      const other = await launchBrowser();
      if (!other) throw new Error('no browser');
      opened.push(other);
      const theirs = await openScreen(other);
      await signIn(theirs.page, `${gate.url}/sell`, max);
      await fill(theirs);
      await payUntil(at, theirs);
      await killBrowser(other);
      gate.drop();

      // Whoever comes to the till next finds it as it is.
      await visit(screen.page, `${gate.url}/sell`);
      if (at === 'answer') {
        await isEmpty(screen);
        await newest();
      } else {
        await isFull(screen);
        await screen.page.keyboard.press('F9');
        await saved(screen);
      }
      expect(await documents()).toBe(before + 1);
    },
  );

  test.each([
    ['when it has recorded the sale', 'answer', 0],
    ['before it knows of the sale', 'question', 0],
    ['as the question reaches it', 'question', 1],
    ['a turn later', 'question', 2],
  ] as const)('the register is killed %s', async (_, at, turns) => {
    const { page } = screen;
    const before = await documents();
    await fill(screen);
    await payUntil(at, screen);
    if (turns > 0) gate.letGo();
    for (let turn = 1; turn < turns; turn++) await new Promise(setImmediate);
    await till.kill();
    gate.drop();
    await page.getByText('The till has not answered. Press again').waitFor();
    await till.start();

    // Sessions end with the process; the same press asks for the PIN, and the cart is as the till has it.
    await page.keyboard.press('F9');
    await page.waitForURL('**/sign-in**');
    await typeName(page, max);
    await page.waitForURL('**/sell');
    const recorded = (await documents()) - before;
    if (at === 'answer') expect(recorded).toBe(1);
    else if (turns === 0) expect(recorded).toBe(0);
    if (recorded === 1) {
      await isEmpty(screen);
      await newest();
    } else {
      await isFull(screen);
      await page.keyboard.press('F9');
      await saved(screen);
    }
    expect(await documents()).toBe(before + 1);
  });

  test('the till’s own proof: as many documents as were paid, numbered from 1 without a hole', async () => {
    expect((await till.documents()).map(({ number }) => number)).toEqual(numbers);
    await till.stop();
    const { ok, problems, series, totals } = await verifyDirectory(till.options.data);
    expect({ ok, problems }).toEqual({ ok: true, problems: [] });
    expect(series).toMatchObject([{ documents: numbers.length, holes: [], doubles: [] }]);
    expect(totals?.documents).toBe(numbers.length);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers.map((number) => Number(number.split('-').at(-1)))).toEqual(
      numbers.map((_, n) => n + 1),
    );
  });
});

/** `kill -9` of Chromium itself; what it had open is gone with it. */
async function killBrowser(browser: Browser): Promise<void> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  const main = processInfo.find(({ type }) => type === 'browser');
  if (!main) throw new Error('a browser without a process');
  process.kill(main.id, 'SIGKILL');
  await until('the end of the browser', () => (browser.isConnected() ? undefined : true));
}
