/** The browser of a test file, a folder for its pictures, and tills that are closed after each test. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from './find-browser.ts';
import { openTill, type TillInBrowser } from './till-in-browser.ts';

await buildPagesIfStale();
export const browser: Browser | undefined = await launchBrowser();
if (!browser)
  process.stderr.write('No Chromium on this platform: set CHROMIUM to test the pages.\n');

export const pictures = fileURLToPath(new URL('../../reports/pages/', import.meta.url));
const opened: TillInBrowser[] = [];
beforeAll(() => mkdirSync(pictures, { recursive: true }));
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});
afterAll(() => browser?.close());

export async function open(options: Parameters<typeof openTill>[1] = {}): Promise<TillInBrowser> {
  if (!browser) throw new Error('no browser');
  const made = await openTill(browser, options);
  opened.push(made);
  return made;
}
