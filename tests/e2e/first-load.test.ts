/** A tablet on a slow shop network waits for scripts first of all: what each page brings is bounded. */
import { describe, expect, test } from 'vitest';
import { scriptBytesOf } from '../bench/first-load.ts';
import { browser, closedAfterwards } from '../browser/opened.ts';
import { hqSights } from './hq-sights.ts';
import { tillSights } from './sights.ts';

const mostBytes = 150_000;

describe.skipIf(!browser).each([tillSights, hqSights])('the first load of $name', (sights) => {
  test.each(['/sign-in', ...sights.addresses])(
    '%s brings at most 150 kB of compressed script',
    async (path) => {
      if (!browser) throw new Error('no browser');
      const place = await closedAfterwards((there) => sights.open(there, {}));
      place.fill();
      const { url, page } = place;
      const signedIn = path === '/sign-in' ? [] : await page.context().cookies();
      const cookies = signedIn.map(({ name, value }) => ({ name, value, url }));
      const { files, bytes } = await scriptBytesOf(browser, url + path, cookies);
      expect(files).toBeGreaterThan(5);
      expect(bytes).toBeGreaterThan(10_000);
      expect(bytes).toBeLessThanOrEqual(mostBytes);
    },
  );
});
