/**
 * `node tests/bench/screens.ts`: what a cashier and a colleague at the next till wait for, measured in Chromium on real
 * processes and a real disk: from a click to the frame that shows its effect. Prints a table and, with --json, one object.
 * A bench judges nothing: it reports target and figure.
 */
import { parseArgs } from 'node:util';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Sku } from '#lib/domain/ids.ts';
import type { Product } from '#lib/domain/product.ts';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from '../browser/find-browser.ts';
import { visit } from '../browser/pages.ts';
import { Shop } from '../system/shop.ts';
import { operator } from '../system/sales.ts';
import type { TillProcess } from '../system/till-process.ts';
import { scriptBytesOf } from './first-load.ts';
import { spread } from './statistics.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sales: { type: 'string', default: '200' },
    lines: { type: 'string', default: '5' },
    products: { type: 'string', default: '20000' },
    /** Between two sales, milliseconds: a till is not busy all the time. */
    pause: { type: 'string', default: '200' },
  },
});
const sales = Number(values.sales);
const linesPerSale = Number(values.lines);

const catalogue: Product[] = Array.from({ length: Number(values.products) }, (_, n) => ({
  sku: `P${n + 1}` as Sku,
  names: `Product ${String(n + 1).padStart(6, '0')}`,
  barcodes: [],
  prices: [{ unitPriceE4: 10_000 + (n % 997) * 100 }],
  active: true,
}));

type Sample = { readonly clickedAtMs: number; readonly shownAtMs: number };
/** Kept in the page: when it was clicked last, and each change of what is watched, by the machine's clock. */
type Watched = { watch: { clickedAtMs: number; changes: { text: string; atMs: number }[] } };

const rows: { figure: string; target: string; measured: unknown }[] = [];
const report = (figure: string, target: string, measured: unknown): void => {
  rows.push({ figure, target, measured });
  process.stderr.write(`${figure.padEnd(58)} ${target.padEnd(24)} ${JSON.stringify(measured)}\n`);
};

await buildPagesIfStale();
const browser = await launchBrowser();
if (!browser) throw new Error('no Chromium on this platform: set CHROMIUM');
let shop: Shop | undefined;
try {
  shop = await Shop.open(2, catalogue);
  await measure(browser, shop);
} finally {
  await browser.close();
  await shop?.close();
}
if (values.json) process.stdout.write(`${JSON.stringify({ rows })}\n`);

async function measure(chromium: Browser, { tills }: Shop): Promise<void> {
  const [here, there] = tills;
  if (!here || !there) throw new Error('two tills are needed');
  const first = await open(chromium, here);
  const second = await open(chromium, there);
  for (const [name, path, context] of [
    ['sign-in page', '/sign-in', undefined],
    ['sell page', '/sell', first.context],
  ] as const) {
    const url = urlOf(here);
    const cookies = (await context?.cookies()) ?? [];
    const { files, bytes } = await scriptBytesOf(
      chromium,
      url + path,
      cookies.map((cookie) => ({ name: cookie.name, value: cookie.value, url })),
    );
    report(`scripts of the first load, ${name}`, '≤ 150,000 bytes', { files, bytes });
  }

  await visit(second.page, `${urlOf(there)}/stock`);
  await visit(first.page, `${urlOf(here)}/sell`);
  // The cart's total, and on the other till the whole list: whichever product was sold stands in it.
  await watch(first.page, 'section[aria-label="Total"] output');
  await watch(second.page, 'main table tbody');
  const { page } = first;
  const tiles = page.locator('section[aria-label="Products"] button.min-h-27');
  const exactCash = page.getByRole('button', { name: /^Exact cash/ });
  const saved = page.getByText(/^Saved S01-/);
  await tiles.nth(linesPerSale).waitFor();

  const adds: number[] = [];
  const saves: number[] = [];
  const seen: number[] = [];
  for (let sale = 0; sale < sales; sale++) {
    for (let line = 0; line < linesPerSale; line++)
      adds.push(durationOf(await after(page, () => tiles.nth(line).click())));
    // Paying empties the cart here, and lowers the stock there.
    const known = await changesOf(second.page);
    const paid = await after(page, () => exactCash.click());
    saves.push(durationOf(paid));
    seen.push((await changeAfter(second.page, known)) - paid.clickedAtMs);
    await saved.first().waitFor();
    await page.waitForTimeout(Number(values.pause));
    await page.getByRole('button', { name: 'Next sale' }).click();
    await tiles.first().waitFor();
  }
  report(`add to cart, ${catalogue.length} products, click to frame, ms`, 'p95 ≤ 50', spread(adds));
  report('pay, click to “Saved”, ms', '–', spread(saves));
  report('pay at one till to the other’s stock page, ms', 'p50 ≤ 100, p95 ≤ 250', spread(seen));
}

function durationOf({ clickedAtMs, shownAtMs }: Sample): number {
  return shownAtMs - clickedAtMs;
}

async function open(
  chromium: Browser,
  till: TillProcess,
): Promise<{ context: BrowserContext; page: Page }> {
  const context = await chromium.newContext({
    viewport: { width: 1024, height: 768 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  const url = urlOf(till);
  const answer = await context.request.post(`${url}/screen/session`, {
    headers: { origin: url },
    data: { operator: operator.id, pin: operator.pin },
  });
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()}`);
  return { context, page: await context.newPage() };
}

/** Notes each change of the element's text with the frame in which it is shown. */
async function watch(page: Page, selector: string): Promise<void> {
  await page.evaluate((what) => {
    const now = (): number => performance.timeOrigin + performance.now();
    const watched: Watched['watch'] = { clickedAtMs: 0, changes: [] };
    (window as unknown as Watched).watch = watched;
    addEventListener(
      'click',
      (event) => (watched.clickedAtMs = performance.timeOrigin + event.timeStamp),
      true,
    );
    let before = document.querySelector(what)?.textContent ?? '';
    new MutationObserver(() => {
      const text = document.querySelector(what)?.textContent ?? '';
      if (text === before) return;
      before = text;
      requestAnimationFrame(() => watched.changes.push({ text, atMs: now() }));
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  }, selector);
}

function changesOf(page: Page): Promise<number> {
  return page.evaluate(() => (window as unknown as Watched).watch.changes.length);
}

/** When the change after so many was shown, milliseconds since 1970. */
async function changeAfter(page: Page, known: number): Promise<number> {
  await page.waitForFunction(
    (count) => (window as unknown as Watched).watch.changes.length > count,
    known,
    { polling: 'raf' },
  );
  return page.evaluate(
    (count) => (window as unknown as Watched).watch.changes[count]?.atMs ?? 0,
    known,
  );
}

async function after(page: Page, click: () => Promise<void>): Promise<Sample> {
  const known = await changesOf(page);
  await click();
  const shownAtMs = await changeAfter(page, known);
  const clickedAtMs = await page.evaluate(() => (window as unknown as Watched).watch.clickedAtMs);
  return { clickedAtMs, shownAtMs };
}

function urlOf(till: TillProcess): string {
  return `http://127.0.0.1:${till.process.ready.ui ?? 0}`;
}
