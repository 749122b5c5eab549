/** The pairs of width and theme that tests/e2e/accessible.test.ts leaves out: layouts and colours that it has seen one by one. */
import { describe, test } from 'vitest';
import { browser } from '../browser/opened.ts';
import { hqSights } from '../e2e/hq-sights.ts';
import { expectSightsHold, type Theme, type Width } from '../e2e/sights-hold.ts';
import { tillSights } from '../e2e/sights.ts';

const walks: readonly (readonly [Width, Theme])[] = [
  [360, 'dark'],
  [1024, 'light'],
  [1440, 'dark'],
];

describe.skipIf(!browser).each([tillSights, hqSights])('the pages of $name', (sights) => {
  test.each(walks)('at %i px, %s: axe finds nothing, nothing sticks out', (width, theme) =>
    expectSightsHold(sights, width, theme, true),
  );
});
