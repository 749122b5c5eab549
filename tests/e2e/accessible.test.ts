/**
 * Every page of a till, in every state, at three widths and in both themes: axe finds nothing, nothing is wider than the
 * window, keys alone reach everything. Writes a picture of each to reports/pages.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from '../browser/find-browser.ts';
import { judgement, standsStill } from '../browser/judgement.ts';
import { openTill, overflowOf, type TillInBrowser, visit } from '../browser/till-in-browser.ts';
import { walkByTab } from './keys.ts';
import { addresses, seeEverything, sellBasket, troubled } from './sights.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();
const pictures = fileURLToPath(new URL('../../reports/pages/', import.meta.url));

const sizes = { 360: 740, 1024: 768, 1440: 900 } as const;
type Width = keyof typeof sizes;
/** What axe would find differs by theme and by layout; a third width with the same layout only takes time. */
const walks: readonly (readonly [Width, 'light' | 'dark', boolean])[] = [
  [360, 'light', true],
  [360, 'dark', false],
  [1024, 'light', true],
  [1024, 'dark', true],
  [1440, 'light', false],
  [1440, 'dark', false],
];

describe.skipIf(!browser)('the pages of a till', () => {
  let opened: TillInBrowser | undefined;
  beforeAll(() => mkdirSync(pictures, { recursive: true }));
  afterEach(() => opened?.close());
  afterAll(() => browser?.close());

  async function open(width: Width, colorScheme: 'light' | 'dark'): Promise<TillInBrowser> {
    if (!browser) throw new Error('no browser');
    opened = await openTill(browser, {
      context: { viewport: { width, height: sizes[width] }, colorScheme },
      till: { status: troubled },
      operator: 'max',
    });
    return opened;
  }

  test.each(walks)(
    'at %i px, %s: nothing sticks out, nothing complains; axe judges: %s',
    async (width, theme, judge) => {
      const till = await open(width, theme);
      const found: unknown[] = [];
      const seen: string[] = [];
      await seeEverything(till, async (name) => {
        seen.push(name);
        await standsStill(till.page);
        await till.page.screenshot({ path: `${pictures}${name}-${width}-${theme}.png` });
        const overflow = await overflowOf(till.page);
        if (overflow !== 0) found.push(`${name}: ${overflow} px too wide`);
        const above = await aboveTheEdge(till.page);
        if (above > 1) found.push(`${name}: the main action stands ${above} px above the edge`);
        if (judge) found.push(...(await judgement(till.page)).map((what) => `${name}: ${what}`));
      });
      expect(found).toEqual([]);
      expect(seen.length).toBeGreaterThan(20);
      const expected = /status of (401|404)/;
      expect(till.complaints.filter((text) => !expected.test(text))).toEqual([]);
    },
  );

  test.each(addresses)(
    '%s: keys alone reach everything, and the focus is always seen',
    async (path) => {
      const till = await open(1024, 'light');
      const number = sellBasket(till);
      await visit(till.page, till.url + path.replace('NUMBER', number));
      const walk = await walkByTab(till.page);
      expect(walk.missed).toEqual([]);
      expect(walk.unseen).toEqual([]);
      expect(walk.reached).toBeGreaterThan(1);
    },
  );
});

/** Of the bar with the main action, where there is one: pixels between it and the window's lower edge. */
const aboveTheEdge = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const bar = document.querySelector('section[aria-label="Total"]');
    return bar ? window.innerHeight - bar.getBoundingClientRect().bottom : 0;
  });
