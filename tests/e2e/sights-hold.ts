/** What holds for every sight of a till and of head office, at one width and in one theme. Writes a picture of each to reports/pages. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { judgement, standsStill } from '../browser/judgement.ts';
import { closedAfterwards, pictures } from '../browser/opened.ts';
import { overflowOf } from '../browser/pages.ts';
import type { Place, Sights } from './sights.ts';

const sizes = { 360: 740, 1024: 768, 1440: 900 } as const;
export type Width = keyof typeof sizes;
export type Theme = 'light' | 'dark';

export const openAt = (sights: Sights, width: Width, colorScheme: Theme): Promise<Place> =>
  closedAfterwards((there) =>
    sights.open(there, { viewport: { width, height: sizes[width] }, colorScheme }),
  );

/** Nothing is wider than the window, nothing complains; with `judge`, axe finds nothing either. */
export async function expectSightsHold(
  sights: Sights,
  width: Width,
  theme: Theme,
  judge: boolean,
): Promise<void> {
  const place = await openAt(sights, width, theme);
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
}

/** Of the bar with the main action, where there is one: pixels between it and the window's lower edge. */
const aboveTheEdge = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const bar = document.querySelector('section[aria-label="Total"]');
    return bar ? window.innerHeight - bar.getBoundingClientRect().bottom : 0;
  });
