/** Answers that never come: what a page does once it hears from its till again. */
import { describe, expect, test } from 'vitest';
import { browser, open } from './opened.ts';
import { visit } from './pages.ts';
import { row } from './sell-hands.ts';

describe.skipIf(!browser)('an answer that was lost', () => {
  test('a sale that was recorded unheard is shown when the next goods are added', async () => {
    const { till, page, url } = await open({ operator: 'ann' });
    const before = till.recentDocuments(1)[0]?.number;
    const jam = page.getByRole('button', { name: /Strawberry Jam/ }).first();
    await visit(page, `${url}/sell`);
    await jam.click();
    await row(page, 'Strawberry Jam').waitFor();
    let lost = 0;
    await page.route('**/screen/pay', async (route) => {
      if (lost++ > 0) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await page.keyboard.press('F9');
    await expect.poll(() => till.recentDocuments(1)[0]?.number).not.toBe(before);
    const number = till.recentDocuments(1)[0]?.number ?? '';
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await jam.click();
    await page.getByText(number).first().waitFor();
    expect(till.recentDocuments(1)[0]?.number).toBe(number);
  });

  test('a stream of events that was refused once is asked for again', async () => {
    const { page, url } = await open();
    let asked = 0;
    await page.route('**/events', (route) =>
      asked++ === 0 ? route.fulfill({ status: 413, json: {} }) : route.continue(),
    );
    await visit(page, `${url}/stock`);
    const lost = page.getByText(/As of/);
    await lost.waitFor();
    await lost.waitFor({ state: 'detached' });
    expect(asked).toBe(2);
  });
});
