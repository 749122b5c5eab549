/** Answers that never come: what a page does once it hears from its till again. */
import type { Browser } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from './find-browser.ts';
import { openTill, visit } from './till-in-browser.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();
afterAll(() => browser?.close());

describe.skipIf(!browser)('an answer that was lost', () => {
  test('a stream of events that was refused once is asked for again', async () => {
    if (!browser) return;
    const { page, url, close } = await openTill(browser);
    let asked = 0;
    await page.route('**/events', (route) =>
      asked++ === 0 ? route.fulfill({ status: 413, json: {} }) : route.continue(),
    );
    await visit(page, `${url}/stock`);
    const lost = page.getByText(/As of/);
    await lost.waitFor();
    await lost.waitFor({ state: 'detached' });
    expect(asked).toBe(2);
    await close();
  });
});
