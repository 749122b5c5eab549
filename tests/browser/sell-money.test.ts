/** Taking money on the sell page, and who allows what, over a till in memory. */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browser, open, pictures } from './opened.ts';
import { discountLantern, row } from './sell-hands.ts';
import { becomesAlive, overflowOf, visit } from './pages.ts';

const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** A sale of 13.39 with the pay panel open. */
async function payLantern(page: Page, url: string): Promise<void> {
  await visit(page, `${url}/sell`);
  await page.getByRole('button', { name: /Brass Lantern/ }).click();
  await row(page, 'Brass Lantern').waitFor();
  await page.keyboard.press('F12');
  await page.getByRole('button', { name: /Take cash/ }).waitFor();
}

describe.skipIf(!browser)('money that was taken', () => {
  test('P9: a card’s part survives a reload and Esc, stops a cancelled sale, and is paid with the rest', async () => {
    const { page, till, url } = await open({ operator: 'ann' });
    await payLantern(page, url);
    await page.getByRole('radio', { name: 'Card' }).click();
    await page.keyboard.type('5');
    await page.keyboard.press('Enter');
    const taken = page.getByText('5.00 by card taken').locator('visible=true');
    await taken.waitFor();
    await Promise.all([becomesAlive(page), page.reload()]);
    await taken.waitFor();
    await page.screenshot({ path: `${pictures}pay-part-1280-light.png` });
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Pay 8.39' }).waitFor();
    await taken.waitFor();
    await page.getByRole('button', { name: 'Cancel sale' }).click();
    await page.getByText(/5.00 by card is taken already/).waitFor();
    await page.keyboard.press('Delete');
    await page.getByText(/5.00 by card is taken already/).waitFor();
    await row(page, 'Brass Lantern').waitFor();
    await page.keyboard.press('F9');
    await page.getByText('Saved S01-T1A-S-1').waitFor();
    expect(till.receipt('S01-T1A-S-1')?.body.tenders).toEqual([
      { kind: 'card', amountMinor: 500 },
      { kind: 'cash', amountMinor: 839 },
    ]);
    // The next sale begins with nothing taken.
    await Promise.all([becomesAlive(page), page.reload()]);
    await page.getByRole('button', { name: /Brass Lantern/ }).click();
    await page.getByRole('button', { name: 'Pay 13.39' }).waitFor();
  });

  test('P9: a part that is put away can be taken back again', async () => {
    const { page, url } = await open({ operator: 'ann' });
    await payLantern(page, url);
    await page.getByRole('radio', { name: 'Voucher' }).click();
    await page.keyboard.type('3');
    await page.keyboard.press('Enter');
    const taken = page.getByText('3.00 by voucher taken');
    await taken.waitFor();
    await page.getByRole('button', { name: 'Undo Voucher' }).click();
    await taken.waitFor({ state: 'detached' });
    await page.getByRole('status').filter({ hasText: 'Put away' }).getByRole('button').click();
    await taken.waitFor();
  });

  test('P9: more than anybody hands over is refused before it is taken, and breaks no panel', async () => {
    const { page, url } = await open({ operator: 'ann', context: phone });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Brass Lantern/ }).tap();
    await page.getByRole('button', { name: 'Pay', exact: true }).tap();
    const take = page.getByRole('button', { name: /Take cash/ });
    await take.waitFor();
    for (let digits = 0; digits < 10; digits++)
      await page.getByRole('button', { name: '9', exact: true }).tap();
    await page.getByText(/more cash than anybody hands over/).waitFor();
    expect(await take.isEnabled()).toBe(false);
    expect(await overflowOf(page)).toBe(0);
    await page.screenshot({ path: `${pictures}pay-too-much-360-light.png` });
    await page.keyboard.press('Enter');
    expect(await page.getByText(/^Saved/).count()).toBe(0);
    await page.getByRole('radio', { name: 'Voucher' }).tap();
    // Said before anything is pressed.
    await page.getByText(/Only cash gives change/).waitFor();
  });

  test('P9: a note shows the change before it ends the sale; exact cash ends it at once', async () => {
    const { page, till, url } = await open({ operator: 'ann' });
    await payLantern(page, url);
    await page.getByRole('button', { name: '20.00', exact: true }).click();
    await page.getByText('6.61').waitFor();
    expect(await page.getByText(/^Saved/).count()).toBe(0);
    await page.screenshot({ path: `${pictures}pay-note-1280-light.png` });
    await page.keyboard.press('Enter');
    await page.getByText('Saved S01-T1A-S-1').waitFor();
    expect(till.receipt('S01-T1A-S-1')?.body.tenders).toEqual([
      { kind: 'cash', amountMinor: 1_339, givenMinor: 2_000, changeMinor: 661 },
    ]);
    await payLantern(page, url);
    await page.getByRole('button', { name: 'Exact', exact: true }).click();
    await page.getByText('Saved S01-T1A-S-2').waitFor();
  });
});

describe.skipIf(!browser)('D11: approval on the spot', () => {
  test('a supervisor’s PIN allows the cashier’s discount; the session stays the cashier’s', async () => {
    const { page, till, url, complaints } = await open({ operator: 'ann' });
    await visit(page, `${url}/sell`);
    const lantern = await discountLantern(page, '1.5');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Omar Samplewood/ }).click();
    await page.keyboard.type('9999', { delay: 60 });
    await page.keyboard.press('Enter');
    await dialog.getByText(/not the right PIN/).waitFor();
    expect(till.pinWaits()).toEqual([]);
    await page.screenshot({ path: `${pictures}sell-approval-1280-light.png` });
    await page.keyboard.type('2222');
    await page.keyboard.press('Enter');
    await lantern.getByText('Approved by Omar Samplewood').waitFor();
    await lantern.getByText('−1.50 discount').waitFor();
    await page.getByRole('button', { name: /Amina Testerley/ }).waitFor();
    await page.keyboard.press('F9');
    await page.getByText('Saved S01-T1A-S-1').waitFor();
    expect(till.receipt('S01-T1A-S-1')).toMatchObject({
      operator: 'Amina Testerley',
      body: { lines: [{ discountMinor: 150, approvedBy: 'sue' }] },
    });
    expect(complaints.filter((text) => !/40[19]/.test(text))).toEqual([]);
  });

  test('closed without a PIN, nothing changes and selling goes on', async () => {
    const { page, url } = await open({ operator: 'ann', context: phone });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /Brass Lantern/ }).tap();
    await page.getByRole('button', { name: 'Sale · 1 line' }).tap();
    await page.getByRole('button', { name: 'Change' }).tap();
    await page.getByRole('button', { name: 'Price', exact: true }).tap();
    await page.getByRole('radio', { name: 'Damaged' }).tap();
    await page.keyboard.type('1');
    await page.getByRole('button', { name: 'Apply' }).tap();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: /Ines Candlethorpe/ }).waitFor();
    await page.screenshot({ path: `${pictures}sell-approval-360-light.png` });
    expect(await overflowOf(page)).toBe(0);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Exact cash' }).tap();
    await page.getByText('Saved S01-T1A-S-1').waitFor();
  });
});
