/** What is scanned and typed on the sell page gets where it was meant to, over a till in memory. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browser, open, pictures } from './opened.ts';
import { discountLantern, row, scan } from './sell-hands.ts';
import { overflowOf, visit } from './pages.ts';
import { type TillInBrowser } from './till-in-browser.ts';

const codeOf = (till: TillInBrowser['till'], name: string): string =>
  till.tiles({ query: name, limit: 1 })[0]?.barcodes[0] ?? '';
const search = (page: Page) => page.getByRole('combobox', { name: 'Search or scan' });

describe.skipIf(!browser)('scanning', () => {
  test('P9: keys that a busy machine hands on late cut no code, wherever the page is', async () => {
    const { page, till, url } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    const jam = codeOf(till, 'strawberry');
    for (const late of [0, 1, 5, 12]) {
      await scan(page, jam, (n) => (n === late ? 250 : 4));
      await row(page, 'Strawberry Jam').waitFor();
    }
    // All keys late; in the panel of a line; while paying.
    await scan(page, jam, () => 90);
    await row(page, 'Strawberry Jam').getByText('5 ×').waitFor();
    await page.getByRole('button', { name: 'Change' }).click();
    await scan(page, jam, (n) => (n === 3 ? 180 : 6));
    await row(page, 'Strawberry Jam').getByText('6 ×').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('F12');
    await page.getByRole('button', { name: /Take cash/ }).waitFor();
    await scan(page, jam, (n) => (n === 7 ? 60 : 6));
    await row(page, 'Strawberry Jam').getByText('7 ×').waitFor();
    expect(await page.getByText(/No product has the code/).count()).toBe(0);
    expect(await search(page).inputValue()).toBe('');
  });

  test('P9: a scan right after a paid sale is the next sale, from its first digit', async () => {
    const { page, till, url } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    const jam = codeOf(till, 'strawberry');
    for (const n of [1, 2, 3]) {
      await page.keyboard.type(jam);
      await page.keyboard.press('Enter');
      await row(page, 'Strawberry Jam').waitFor();
      await page.keyboard.press('F9');
      await page.getByText(`Saved S01-T1A-S-${n}`).waitFor();
    }
    // Without a scanner: the first letter is one of the search.
    await page.keyboard.type('bra');
    await expect.poll(() => search(page).inputValue()).toBe('bra');
    await row(page, 'Strawberry Jam').waitFor({ state: 'detached' });
  });

  test('what is scanned while a sale is being saved goes into the next one', async () => {
    const { page, till, url } = await open({ operator: 'ann' });
    await page.route('**/screen/pay', async (route) => {
      await new Promise((go) => setTimeout(go, 400));
      await route.continue();
    });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Whole Milk/ }).click();
    await row(page, 'Whole Milk').waitFor();
    await page.keyboard.press('F9');
    await scan(page, codeOf(till, 'strawberry'));
    await row(page, 'Strawberry Jam').waitFor();
    expect(await row(page, 'Whole Milk').count()).toBe(0);
    expect(till.recentDocuments(5).length).toBe(1);
  });

  test('the weighing panel stays when something else is scanned, and says what the weight costs', async () => {
    const { page, till, url } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Russet Apples/ }).click();
    const panel = page.getByRole('region', { name: 'Russet Apples' });
    await panel.getByText('1.99 /kg').waitFor();
    await page.keyboard.type('1.25', { delay: 60 });
    await panel.getByText('2.49').waitFor();
    await scan(page, codeOf(till, 'strawberry'), (n) => (n === 0 ? 900 : 4));
    await row(page, 'Strawberry Jam').waitFor();
    await panel.getByText('1.25', { exact: true }).waitFor();
    await page.screenshot({ path: `${pictures}sell-weigh-1280-light.png` });
    await page.keyboard.press('Enter');
    await row(page, 'Russet Apples').getByText('1.99 /kg').waitFor();
  });
});

describe.skipIf(!browser)('typing', () => {
  test('P9: Enter applies the discount, price or quantity that was typed, however its kind was chosen', async () => {
    const { page, url } = await open({ operator: 'sue' });
    await visit(page, `${url}/sell`);
    const lantern = await discountLantern(page, '1.5');
    await lantern.getByText('−1.50 discount').waitFor();
    // By keyboard: the tab has the focus when the figure is typed.
    await page.keyboard.press('F2');
    await page.getByRole('button', { name: 'Discount', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await lantern.getByText('−2.00 discount').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.press('F2');
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    await lantern.getByText('−3.00 discount').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('2');
    await page.keyboard.press('Enter');
    await lantern.getByText('2 ×').waitFor();
  });

  test('a price needs a reason that somebody chose, and is above 0', async () => {
    const { page, url } = await open({ operator: 'sue' });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Brass Lantern/ }).click();
    await row(page, 'Brass Lantern').waitFor();
    await page.keyboard.press('F2');
    await page.getByRole('button', { name: 'Price', exact: true }).click();
    await page.keyboard.type('0');
    await page.getByText(/A price is above 0/).waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.type('9.99', { delay: 60 });
    await page.getByText(/Choose: it stands/).waitFor();
    expect(await page.getByRole('button', { name: 'Apply' }).isEnabled()).toBe(false);
    await page.screenshot({ path: `${pictures}sell-price-1280-light.png` });
    await page.getByRole('radio', { name: 'Damaged' }).click();
    await page.keyboard.press('Enter');
    await row(page, 'Brass Lantern').getByText('Price typed: Damaged').waitFor();
  });

  test('P9: a quantity that nobody means is refused with its limit, typed ahead or in the panel', async () => {
    const { page, till, url } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    await page.keyboard.type('99999999*');
    await page.keyboard.press('Enter');
    await page.getByText(/A line takes at most 9,999/).waitFor();
    await scan(page, codeOf(till, 'strawberry'));
    await page.getByText(/A line takes at most 9,999/).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /Strawberry Jam/ }).click();
    await row(page, 'Strawberry Jam').waitFor();
    await page.keyboard.press('F2');
    await page.keyboard.type('10000');
    await page.getByText(/A line takes at most 9,999/).waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.type('9');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await row(page, 'Strawberry Jam').getByText('1,000 ×').waitFor();
  });

  test('what went wrong is said until the next action, and a quantity alone says what it needs', async () => {
    const { page, url } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    await page.keyboard.type('1.5*');
    await page.keyboard.press('Enter');
    await page.getByText(/No line is marked/).waitFor();
    await page.keyboard.press('Escape');
    await scan(page, '4006381333931');
    const unknown = page.getByText('No product has the code 4006381333931');
    await unknown.waitFor();
    await page.getByRole('button', { name: /Strawberry Jam/ }).click();
    await unknown.waitFor({ state: 'detached' });
    await scan(page, '4006381333931');
    await unknown.waitFor();
    await page.keyboard.press('F12');
    await unknown.waitFor({ state: 'detached' });
    // The browser's Back is one step back, and no other page.
    await page.getByRole('button', { name: /Take cash/ }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: /^Pay/ }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/sell');
    expect(await overflowOf(page)).toBe(0);
  });

  test('a till that has stopped answering is said within seconds, while searching and while paying', async () => {
    const { page, url } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Strawberry Jam/ }).click();
    await row(page, 'Strawberry Jam').waitFor();
    let isFrozen = true;
    const held: (() => void)[] = [];
    await page.route('**/screen/**', async (route) => {
      if (isFrozen) await new Promise<void>((go) => held.push(go));
      await route.continue();
    });
    await page.keyboard.type('bra');
    await page.getByText(/The till has not answered for some seconds. Nothing/).waitFor();
    isFrozen = false;
    for (const go of held.splice(0)) go();
    await page.getByText(/has not answered/).waitFor({ state: 'detached' });
    await page.getByRole('option', { name: /Brass Lantern/ }).waitFor();
    isFrozen = true;
    await page.keyboard.press('F9');
    await page.getByText(/has not answered for some seconds. The sale/).waitFor();
    isFrozen = false;
    for (const go of held.splice(0)) go();
    await page.getByText('Saved S01-T1A-S-1').waitFor();
  });
});
