/** The browser of a test file, a folder for its pictures, and what is opened for one test and closed after it. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from './find-browser.ts';
import { type HqInBrowser, openHq } from './hq-in-browser.ts';
import { openTill, type TillInBrowser } from './till-in-browser.ts';

await buildPagesIfStale();
export const browser: Browser | undefined = await launchBrowser();
if (!browser)
  process.stderr.write('No Chromium on this platform: set CHROMIUM to test the pages.\n');

export const pictures = fileURLToPath(new URL('../../reports/pages/', import.meta.url));
const opened: { close(): Promise<void> }[] = [];
beforeAll(() => mkdirSync(pictures, { recursive: true }));
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
afterAll(() => browser?.close());

export const open = (options: Parameters<typeof openTill>[1] = {}): Promise<TillInBrowser> =>
  closedAfterwards((there) => openTill(there, options));

export const openOffice = (options: Parameters<typeof openHq>[1] = {}): Promise<HqInBrowser> =>
  closedAfterwards((there) => openHq(there, options));

/** Whatever a test opens in the browser by itself. */
export async function closedAfterwards<One extends { close(): Promise<void> }>(
  make: (browser: Browser) => Promise<One>,
): Promise<One> {
  if (!browser) throw new Error('no browser');
  const made = await make(browser);
  opened.push(made);
  return made;
}
