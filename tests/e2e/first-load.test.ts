/** A tablet on a slow shop network waits for scripts first of all: what each page brings is bounded. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { scriptBytesOf } from '../bench/first-load.ts';
import { launchBrowser } from '../browser/find-browser.ts';
import { openTill, type TillInBrowser } from '../browser/till-in-browser.ts';
import { addresses, sellBasket } from './sights.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();
const mostBytes = 150_000;

describe.skipIf(!browser)('the first load', () => {
  let opened: TillInBrowser | undefined;
  afterEach(() => opened?.close());
  afterAll(() => browser?.close());

  test.each(['/sign-in', ...addresses])(
    '%s brings at most 150 kB of compressed script',
    async (path) => {
      if (!browser) throw new Error('no browser');
      opened = await openTill(browser);
      const { url, page } = opened;
      const address = url + path.replace('NUMBER', sellBasket(opened));
      const signedIn = path === '/sign-in' ? [] : await page.context().cookies();
      const cookies = signedIn.map(({ name, value }) => ({ name, value, url }));
      const { files, bytes } = await scriptBytesOf(browser, address, cookies);
      expect(files).toBeGreaterThan(5);
      expect(bytes).toBeGreaterThan(10_000);
      expect(bytes).toBeLessThanOrEqual(mostBytes);
    },
  );
});
