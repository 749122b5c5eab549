/** The sell page by keyboard, scanner and touch, over a till in memory. */
import type { Page } from 'playwright-core';
import type { Sku } from '#lib/domain/ids.ts';
import { describe, expect, test } from 'vitest';
import { browser, open, pictures } from './opened.ts';
import { overflowOf, visit } from './pages.ts';
import { row, scan } from './sell-hands.ts';

const jam = 'GR0003' as Sku;
const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** The tones that were played, by their first pitch. */
const listenToTones = (page: Page) =>
  page.addInitScript(() => {
    const heard: number[] = [];
    Object.assign(globalThis, { heard });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (when) {
      heard.push(this.frequency.value);
      start.call(this, when);
    };
  });
const tones = (page: Page): Promise<number[]> =>
  page.evaluate(() => (globalThis as unknown as { heard: number[] }).heard);

describe.skipIf(!browser)('selling', () => {
  test('P9: what left the catalogue is shown with its cause, and stops the sale before money is taken', async () => {
    const { page, till, url, complaints } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Strawberry Jam/ }).click();
    await page.getByRole('button', { name: /Whole Milk/ }).click();
    await row(page, 'Whole Milk').waitFor();
    till.withdraw(jam);
    till.change({ documents: 1 });
    const broken = row(page, 'Strawberry Jam');
    await broken.getByText(/not in the catalogue|not known|unknown/i).waitFor();
    await page.keyboard.press('F12');
    await page.getByText(/Strawberry Jam, 340 g cannot be sold as it is: take it out/).waitFor();
    await page.screenshot({ path: `${pictures}sell-problem-1280-light.png` });
    await page.keyboard.press('F9');
    expect(await page.getByText(/^Saved/).count()).toBe(0);
    await page.keyboard.press('Delete');
    await expect.poll(() => broken.count()).toBe(0);
    await page.keyboard.press('F12');
    await page.getByRole('button', { name: /Take cash/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Saved S01-T1A-S-1').waitFor();
    expect(complaints.filter((text) => !text.includes('409'))).toEqual([]);
  });

  test('D11: a supervisor’s discount is paid by the cashier and stands on the receipt', async () => {
    const { page, till, url } = await open({ operator: 'sue' });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Strawberry Jam/ }).click();
    await row(page, 'Strawberry Jam').waitFor();
    const [line] = (await till.cart('sue')).lines;
    await till.changeCart('sue', { kind: 'discount', line: line?.id ?? '', discountMinor: 55 });
    await page.request.post(`${url}/screen/session`, {
      headers: { origin: url },
      data: { operator: 'ann', pin: '1111' },
    });
    await visit(page, `${url}/sell`);
    await row(page, 'Strawberry Jam').getByText('Approved by Omar Samplewood').waitFor();
    await page.keyboard.press('F9');
    await page.getByText('Saved S01-T1A-S-1').waitFor();
    await visit(page, `${url}/documents/S01-T1A-S-1`);
    await page.getByText('Approved by Omar Samplewood').waitFor();
    await page.getByText('Amina Testerley').first().waitFor();
  });

  test('a scan from anywhere has a tone for ok and another for unknown, and one only', async () => {
    const { page, till, url } = await open({ operator: 'ann' });
    await listenToTones(page);
    await visit(page, `${url}/sell`);
    await page.getByText('Brass Lantern').first().waitFor();
    const [code = ''] = till.tiles({ query: 'strawberry', limit: 1 })[0]?.barcodes ?? [];
    await scan(page, code);
    await row(page, 'Strawberry Jam').waitFor();
    expect(await tones(page)).toEqual([1_320]);
    await scan(page, '4006381333931');
    await page.getByText('No product has the code 4006381333931').waitFor();
    expect(await tones(page)).toEqual([1_320, 330, 247]);
  });

  test('departments and tiles by keyboard alone', async () => {
    const { page, url } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    await page.getByText('Brass Lantern').first().waitFor();
    await page.getByRole('button', { name: 'All', exact: true }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const gifts = page.getByRole('button', { name: 'Gifts' });
    await expect.poll(() => gifts.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => page.getByRole('button', { name: /Strawberry Jam/ }).count()).toBe(0);
    const first = page.getByRole('button', { name: /Brass Lantern/ });
    await first.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await row(page, 'Heart').waitFor();
    await page.keyboard.press('Enter');
    await row(page, 'Heart').getByText('2 ×').waitFor();
    // From a tile, typing is a search and F9 is cash, as from anywhere.
    await page.keyboard.press('F9');
    await page.getByText('Saved S01-T1A-S-1').waitFor();
  });

  test('by touch alone on a telephone; a refusal is seen from the tab of the sale too', async () => {
    const { page, till, url, complaints } = await open({ operator: 'ann', context: phone });
    page.setDefaultTimeout(5_000);
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Strawberry Jam/ }).tap();
    await page.getByRole('button', { name: 'Sale · 1 line' }).tap();
    // What came last is marked already.
    await page.getByRole('button', { name: 'One more' }).tap();
    await row(page, 'Strawberry Jam').getByText('2 ×').waitFor();
    till.withdraw(jam);
    till.change({ documents: 1 });
    await row(page, 'Strawberry Jam')
      .getByText(/not in the catalogue|not known|unknown/i)
      .waitFor();
    await page.getByRole('button', { name: 'Pay' }).tap();
    await page
      .getByText(/cannot be sold as it is/)
      .locator('visible=true')
      .waitFor();
    await page.screenshot({ path: `${pictures}sell-problem-360-light.png` });
    expect(await overflowOf(page)).toBe(0);
    await page.getByRole('button', { name: 'Remove' }).tap();
    const undo = page.getByRole('status').filter({ hasText: 'removed' });
    await undo.waitFor();
    // What tells of it covers the list at most, never the main button.
    const [said, pay] = [
      await undo.boundingBox(),
      await page.getByRole('button', { name: 'Pay' }).boundingBox(),
    ];
    expect((said?.y ?? 0) + (said?.height ?? 0)).toBeLessThanOrEqual(pay?.y ?? 0);
    expect(complaints.filter((text) => !text.includes('409'))).toEqual([]);
  });
});
