/**
 * Every page of a till and of head office, in every state, at three widths and in both themes: axe finds nothing, nothing is wider than the
 * window, keys alone reach everything. The other pairs of width and theme are in tests/long.
 */
import { describe, expect, test } from 'vitest';
import { browser } from '../browser/opened.ts';
import { visit } from '../browser/pages.ts';
import { hqSights } from './hq-sights.ts';
import { walkByTab } from './keys.ts';
import { expectSightsHold, openAt, type Theme, type Width } from './sights-hold.ts';
import { tillSights } from './sights.ts';

/** What axe would find differs by theme and by layout: a phone's is judged light, a till's dark. */
const walks: readonly (readonly [Width, Theme, boolean])[] = [
  [360, 'light', true],
  [1024, 'dark', true],
  [1440, 'light', false],
];

describe.skipIf(!browser).each([tillSights, hqSights])('the pages of $name', (sights) => {
  test.each(walks)(
    'at %i px, %s: nothing sticks out, nothing complains; axe judges: %s',
    (width, theme, judge) => expectSightsHold(sights, width, theme, judge),
  );

  test.each(sights.addresses)(
    '%s: keys alone reach everything, and the focus is always seen',
    async (path) => {
      const place = await openAt(sights, 1024, 'light');
      place.fill();
      await visit(place.page, place.url + path);
      const walk = await walkByTab(place.page);
      expect(walk.missed).toEqual([]);
      expect(walk.unseen).toEqual([]);
      expect(walk.reached).toBeGreaterThan(1);
    },
  );
});
