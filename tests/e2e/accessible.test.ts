/**
 * Every page of a till and of head office, in every state, at three widths and in both themes: axe finds nothing, nothing is wider than the
 * window, keys alone reach everything. Writes a picture of each to reports/pages.
 */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { judgement, standsStill } from '../browser/judgement.ts';
import { browser, closedAfterwards, pictures } from '../browser/opened.ts';
import { overflowOf, visit } from '../browser/pages.ts';
import { hqSights } from './hq-sights.ts';
import { walkByTab } from './keys.ts';
import { type Place, tillSights } from './sights.ts';

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

describe.skipIf(!browser).each([tillSights, hqSights])('the pages of $name', (sights) => {
  const open = (width: Width, colorScheme: 'light' | 'dark'): Promise<Place> =>
    closedAfterwards((there) =>
      sights.open(there, { viewport: { width, height: sizes[width] }, colorScheme }),
    );

  test.each(walks)(
    'at %i px, %s: nothing sticks out, nothing complains; axe judges: %s',
    async (width, theme, judge) => {
      const place = await open(width, theme);
      const { page } = place;
      const found: unknown[] = [];
      const seen: string[] = [];
      await place.see(async (name) => {
        seen.push(name);
        await standsStill(page);
        await page.screenshot({ path: `${pictures}${name}-${width}-${theme}.png` });
        const overflow = await overflowOf(page);
        if (overflow !== 0) found.push(`${name}: ${overflow} px too wide`);
        const above = await aboveTheEdge(page);
        if (above > 1) found.push(`${name}: the main action stands ${above} px above the edge`);
        if (judge) found.push(...(await judgement(page)).map((what) => `${name}: ${what}`));
      });
      expect(found).toEqual([]);
      expect(seen.length).toBeGreaterThan(15);
      const expected = /status of (401|404|409|503)/;
      expect(place.complaints.filter((text) => !expected.test(text))).toEqual([]);
    },
  );

  test.each(sights.addresses)(
    '%s: keys alone reach everything, and the focus is always seen',
    async (path) => {
      const place = await open(1024, 'light');
      place.fill();
      await visit(place.page, place.url + path);
      const walk = await walkByTab(place.page);
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
