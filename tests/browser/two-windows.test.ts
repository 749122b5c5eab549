/** Two windows of one browser at one till: what is done in one is done by whom it names. */
import { describe, expect, test } from 'vitest';
import { fakePins } from '#lib/host/fake-people.ts';
import { browser, open } from './opened.ts';
import { becomesAlive, visit } from './pages.ts';

describe.skipIf(!browser)('two windows', () => {
  test('a page that shows one name does nothing in that of who signed in elsewhere', async () => {
    const { till, page, url } = await open({ operator: 'ann' });
    const sellers: string[] = [];
    const { changeCart } = till;
    till.changeCart = (by, change) => {
      sellers.push(by);
      return changeCart(by, change);
    };
    const tile = page.getByRole('button', { name: /Strawberry Jam/ });
    const header = page.getByRole('banner');
    await visit(page, `${url}/sell`);
    expect(await header.textContent()).toContain('Amina');
    const signedIn = await page.context().request.post(`${url}/screen/session`, {
      headers: { origin: url },
      data: { operator: 'max', pin: fakePins['max'] },
    });
    expect(signedIn.ok()).toBe(true);
    // Nothing is sold; the page comes back in the name of who is signed in, and sells in that.
    await Promise.all([becomesAlive(page), tile.click()]);
    expect(await header.textContent()).toContain('Ines');
    expect(sellers).toEqual([]);
    await tile.click();
    await expect.poll(() => sellers).toEqual(['max']);
  });
});
