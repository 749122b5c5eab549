import { readFileSync } from 'node:fs';
import type { Principal } from '#lib/domain/ids.ts';
import { describe, expect, test } from 'vitest';
import { browser, open } from './opened.ts';
import { visit } from './pages.ts';
import { sell } from './till-in-browser.ts';

const jam = 'GR0003';
const apples = 'PR0004';
const lantern = 'GI0001';
const basket = [
  [lantern, 2_000],
  [jam, 3_000],
  [apples, 750],
] as const;
const goneAtMs = Date.UTC(2026, 10, 20, 8, 0);
const peer = (name: string, linked: boolean) => ({
  principal: `${name}-00112233445566bb` as Principal,
  linked,
  ...(!linked && { goneAtMs }),
});
const hqAway = [peer('S01-T2', true), peer('S01-T3', false), peer('HQ-HQ1', false)];

describe.skipIf(!browser)('the pages of a till', () => {
  test('stock: a search finds by name and code, and a sale elsewhere is seen without a reload', async () => {
    const { page, till, url, complaints } = await open();
    await visit(page, `${url}/stock`);
    await page.getByText('30 products shown').waitFor();
    await page.keyboard.type('strawb');
    await page.getByText('1 product shown').waitFor();
    const row = page.getByRole('row', { name: /Strawberry Jam/ });
    await row.getByText('40', { exact: true }).waitFor();
    sell(till, 'sale-0001', [[jam, 3_000]]);
    await row.getByText('37', { exact: true }).waitFor();

    await page.keyboard.press('Enter');
    await page.waitForURL(`**/stock/${jam}`);
    await page.getByRole('heading', { name: 'Strawberry Jam, 340 g' }).waitFor();
    await page.getByRole('cell', { name: '−3' }).waitFor();
    sell(till, 'sale-0002', [[jam, 1_000]]);
    await page.getByRole('cell', { name: '−1' }).waitFor();
    await page.getByRole('cell', { name: '36', exact: true }).waitFor();

    // Back is the same search, not the whole list.
    await page.goBack();
    await page.getByText('1 product shown').waitFor();
    expect(complaints).toEqual([]);
  });

  test('stock: nothing found, an unknown product, and older movements', async () => {
    const { page, till, url } = await open();
    for (let n = 0; n < 55; n++) sell(till, `sale-${1_000 + n}`, [[jam, 1_000]]);
    await visit(page, `${url}/stock?query=zzzz`);
    await page.getByText('Nothing is called “zzzz”').waitFor();
    const answer = await page.goto(`${url}/stock/NOPE`);
    expect(answer?.status()).toBe(404);
    await page.getByText('does not know a product with the code NOPE').waitFor();
    await visit(page, `${url}/stock/${jam}`);
    await page.getByRole('button', { name: 'Show older' }).click();
    await page.getByRole('cell', { name: '39', exact: true }).waitFor();
    expect(await page.getByRole('row').count()).toBe(56);
  });

  test('documents: the newest come by themselves; a number is found as it is read off paper', async () => {
    const { page, till, url, complaints } = await open();
    await visit(page, `${url}/documents`);
    await page.getByText('No document yet').waitFor();
    const number = sell(till, 'sale-0001', basket);
    await page.getByRole('link', { name: number }).waitFor();
    await page.keyboard.type(number.toLowerCase().replaceAll('-', ' – '));
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/documents/${number}`);
    await page.getByRole('heading', { name: `Sale ${number}` }).waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: 'Documents' }).waitFor();
    await page.keyboard.type('17');
    await page.keyboard.press('Enter');
    await page.getByText('That is not a whole document number').waitFor();
    // A number that nobody knows stays in its field, typed here or come to by a link.
    const field = page.getByRole('textbox', { name: 'Document number' });
    for (const come of [
      () => field.fill('S01-T9A-S-1').then(() => page.keyboard.press('Enter')),
      () => visit(page, `${url}/documents/s01-t9a-s-1`),
      () => visit(page, `${url}/documents/S01-T9A-S-1/return`),
    ]) {
      await come();
      await page.getByText('This till does not know S01-T9A-S-1').waitFor();
      expect(await field.inputValue()).toBe('S01-T9A-S-1');
      expect(new URL(page.url()).pathname).toBe('/documents');
      await page.getByRole('link', { name: number }).waitFor();
    }
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('documents: narrowed by till, business day and total, and the way back leads to the same list', async () => {
    const { page, till, url, complaints } = await open();
    const first = sell(till, 'sale-0001', [[jam, 1_000]]);
    const second = sell(till, 'sale-0002', [[jam, 2_000]]);
    await visit(page, `${url}/documents`);
    await page.getByRole('link', { name: second }).waitFor();
    await page.getByLabel('Total EUR').pressSequentially('zwölf');
    await page.keyboard.press('Enter');
    await page.getByText('Type an amount such as 12.50.').waitFor();
    await page.getByLabel('Total EUR').fill('5.10');
    await page.keyboard.press('Tab');
    await page.getByText('1 document found.').waitFor();
    await page.getByRole('link', { name: second }).click();
    await page.getByRole('heading', { name: `Sale ${second}` }).waitFor();
    await page.goBack();
    await page.getByText('1 document found.').waitFor();
    expect(await page.getByLabel('Total EUR').inputValue()).toBe('5.10');
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('link', { name: first }).waitFor();
    await page.getByLabel('Till', { exact: true }).selectOption('T2');
    await page.getByText('No document is like that').waitFor();
    await page.getByLabel('Till', { exact: true }).selectOption('T1');
    await page.getByLabel('Business day').fill('2026-11-20');
    await page.getByText('The newest 2 that were found.').waitFor();
    // A price in the field for numbers is looked for as one.
    await page.getByRole('textbox', { name: 'Document number' }).fill('2.55');
    await page.keyboard.press('Enter');
    await page.getByText('1 document found.').waitFor();
    await page.getByRole('link', { name: first }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a receipt on paper: it alone, as wide as the roll, and the second one is a copy', async () => {
    const { page, till, url, complaints } = await open({
      operator: 'ann',
      context: { colorScheme: 'dark' },
    });
    const number = sell(till, 'sale-0001', basket);
    // The dialog stays open until the test closes it.
    await page.addInitScript(() => {
      window.print = () => void window.dispatchEvent(new Event('beforeprint'));
    });
    const close = () => page.evaluate(() => window.dispatchEvent(new Event('afterprint')));
    await visit(page, `${url}/documents/${number}`);
    await page.getByText('0.750 kg × 1.99 /kg').waitFor();
    await page.getByText(/^Tax 10% on /).waitFor();
    await page.getByText('Cash given').waitFor();
    const paper = page.locator('.paper');
    const print = page.getByRole('button', { name: 'Print' });
    await page.emulateMedia({ media: 'print' });
    await paper.getByText(`Sale ${number}`).waitFor();
    expect(await print.isVisible()).toBe(false);
    expect(await page.getByRole('navigation').isVisible()).toBe(false);
    // Until the till has said that it is the receipt, it is none.
    await paper.getByText('Copy', { exact: true }).waitFor();
    const box = await paper.boundingBox();
    expect(Math.round(box?.width ?? 0)).toBe(280);
    await page.emulateMedia({ media: 'screen' });
    await print.click();
    await expect.poll(() => paper.getByText(/^Copy/).count()).toBe(0);
    await close();
    await print.click();
    await page.emulateMedia({ media: 'print' });
    await paper.getByText('Copy 1', { exact: true }).waitFor();
    await page.emulateMedia({ media: 'screen' });
    await close();
    await page.keyboard.press('Control+p');
    await expect.poll(() => paper.getByText('Copy 2', { exact: true }).count()).toBe(1);
    // By the menu of the browser, which does not ask the till first.
    await close();
    await page.evaluate(() => window.dispatchEvent(new Event('beforeprint')));
    await expect.poll(() => till.receipt(number)?.copiesPrinted).toBe(3);
    await page.getByText('3 copies printed').waitFor();
    expect(complaints).toEqual([]);
  });

  test('an error page offers the way back where one came from', async () => {
    const { page, url } = await open();
    await visit(page, `${url}/documents`);
    await page.goto(`${url}/stock/NOPE`);
    await page.getByRole('button', { name: 'Back to where I was' }).click();
    await page.waitForURL('**/documents');
    await page.getByRole('heading', { name: 'Documents' }).waitFor();
  });

  test('a return by keyboard alone: part of it, then the rest, and never more', async () => {
    const { page, till, url, complaints } = await open({ operator: 'ann' });
    const number = sell(till, 'sale-0001', basket);
    await visit(page, `${url}/sell`);
    await page.getByText('Brass Lantern').first().waitFor();
    await page.keyboard.press('F8');
    await page.waitForURL('**/documents?find');
    await page.getByRole('link', { name: number }).waitFor();
    await page.keyboard.type(number);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/documents/${number}`);
    await page.keyboard.press('F8');
    await page.waitForURL(`**/documents/${number}/return`);
    await page.getByLabel('How much of Strawberry Jam, 340 g comes back').focus();
    await page.keyboard.type('4');
    await page.getByText('type a whole number from 0 to 3').waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.type('2');
    await page.locator('output', { hasText: '€5.10' }).waitFor();
    // Why is asked for before anything is recorded.
    await page.keyboard.press('F12');
    await page.getByText('Choose why it comes back').waitFor();
    expect(till.receipt('S01-T1A-R-1')).toBeUndefined();
    await page.keyboard.press('Space');
    await page.keyboard.press('F12');
    await page.getByText('Saved S01-T1A-R-1').waitFor();
    await page.getByText('on 2 tills · waiting for HQ').waitFor();
    expect(till.receipt('S01-T1A-R-1')?.body).toMatchObject({ reason: 'damaged' });
    expect(till.receipt(number)?.returnedMilli).toEqual([0, 2_000, 0]);
    // Pressed once more it takes nothing away; Enter goes on.
    await page.keyboard.press('F12');
    await page.getByText('Saved S01-T1A-R-1').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sell');

    await visit(page, `${url}/documents/${number}/return`);
    await page.getByRole('button', { name: 'Everything' }).click();
    await page.getByText('Not wanted').click();
    await page.keyboard.press('F12');
    await page.getByText('Saved S01-T1A-R-2').waitFor();
    expect(till.receipt(number)?.returnedMilli).toEqual([2_000, 3_000, 750]);
    await visit(page, `${url}/documents/${number}`);
    await page.getByText('Everything on this receipt has come back.').waitFor();
    const refunds = ['S01-T1A-R-1', 'S01-T1A-R-2'].map((one) => till.receipt(one)?.totalMinor ?? 0);
    expect(refunds.reduce((sum, one) => sum + one, 0)).toBe(
      -(till.receipt(number)?.totalMinor ?? 0),
    );
    expect(complaints).toEqual([]);
  });

  test('P3: a return whose answer was lost is one document, after a reload and however often it is asked', async () => {
    const { page, till, url } = await open();
    const number = sell(till, 'sale-0001', basket);
    await visit(page, `${url}/documents/${number}/return`);
    // Recorded by the till, and the answer does not come back.
    let lost = 0;
    await page.route('**/screen/commands', async (route) => {
      await route.fetch();
      lost += 1;
      await route.abort();
    });
    await page.getByRole('button', { name: `One more of Strawberry Jam, 340 g` }).click();
    await page.getByText('Wrong goods').click();
    await page.getByRole('button', { name: /Pay back/ }).dblclick();
    await page.getByText(/A return of €2.55 was asked for/).waitFor();
    await page.reload();
    await page.getByText(/A return of €2.55 was asked for/).waitFor();
    await page.getByRole('button', { name: 'Ask again' }).click();
    await expect.poll(() => lost).toBeGreaterThanOrEqual(2);
    await page.unroute('**/screen/commands');
    await page.getByRole('button', { name: 'Ask again' }).click();
    await page.getByText('Saved S01-T1A-R-1').waitFor();
    await page.getByText('had been recorded already').waitFor();
    expect(till.receipt(number)?.returnedMilli).toEqual([0, 1_000, 0]);
    expect(till.receipt('S01-T1A-R-2')).toBeUndefined();
    await visit(page, `${url}/documents/${number}/return`);
    await page.getByText('Choose what comes back.', { exact: true }).waitFor();
  });

  test('a quantity that cannot come back stays in its field and says what is wrong; nothing is paid back', async () => {
    const { page, till, url } = await open();
    const number = sell(till, 'sale-0001', basket);
    await visit(page, `${url}/documents/${number}/return`);
    const jams = page.getByLabel('How much of Strawberry Jam, 340 g comes back');
    const kilos = page.getByLabel('How much of Russet Apples comes back');
    await page.getByText('3 sold for 7.65 · 3 can come back').waitFor();
    await kilos.fill('0.5');
    for (const wrong of ['99', '0.5', 'x']) {
      await jams.fill(wrong);
      await page.getByText('Sold by the piece: type a whole number from 0 to 3.').waitFor();
      await kilos.focus();
      expect(await jams.inputValue()).toBe(wrong);
      expect(await page.getByRole('button', { name: /Pay back/ }).isDisabled()).toBe(true);
      await page.getByText('Put the marked quantity right.').waitFor();
    }
    await kilos.fill('0.9');
    await page.getByText('Type a quantity from 0 to 0.750 kg.').waitFor();
    await kilos.fill('0.5');
    await jams.fill('2');
    // What comes back stands in the column, not what was sold.
    const amounts = page.locator('main li > div:last-child > span:last-child');
    expect(await amounts.allTextContents()).toEqual(['0.00', '5.10', '0.99']);
    await page.getByText('Damaged').click();
    await page.getByRole('button', { name: /Pay back/ }).click();
    await page.getByText('Saved S01-T1A-R-1').waitFor();
    expect(till.receipt(number)?.returnedMilli).toEqual([0, 2_000, 500]);
  });

  test('above the limit of the store a cashier is told who can take it back; a supervisor can', async () => {
    const sale = [[lantern, 4_000]] as const;
    const cashier = await open({ operator: 'ann' });
    const number = sell(cashier.till, 'sale-0001', sale);
    await visit(cashier.page, `${cashier.url}/documents/${number}/return`);
    await cashier.page.getByRole('button', { name: 'Everything' }).click();
    await cashier.page.getByText('Damaged').click();
    await cashier.page.keyboard.press('F12');
    await cashier.page.getByText(/ask a supervisor or manager to sign in.*50\.00/).waitFor();
    expect(cashier.till.receipt('S01-T1A-R-1')).toBeUndefined();

    const { page, till, url } = await open({ operator: 'sue' });
    sell(till, 'sale-0001', sale);
    await visit(page, `${url}/documents/${number}/return`);
    await page.getByRole('button', { name: 'Everything' }).click();
    await page.getByText('Damaged').click();
    await page.keyboard.press('F12');
    await page.getByText('Saved S01-T1A-R-1').waitFor();
  });

  test('what another till took back meanwhile is no longer offered', async () => {
    const { page, till, url } = await open();
    const number = sell(till, 'sale-0001', [[jam, 1_000]]);
    await visit(page, `${url}/documents/${number}/return`);
    await page.getByRole('button', { name: 'Everything' }).click();
    const of = till.receipt(number)?.key;
    till.execute({
      kind: 'CompleteReturn',
      command: 'elsewhere-1',
      by: 'ann',
      of,
      lines: [{ ofLine: 0, quantityMilli: 1_000 }],
      tenders: [{ kind: 'card', amountMinor: 255 }],
    });
    await page.getByText('Everything on this receipt has come back.').waitFor();
  });

  test('sync: who is linked, what waits, links cut and mended, events as a file', async () => {
    const { page, till, url, complaints } = await open({ till: { status: { peers: hqAway } } });
    sell(till, 'sale-0001', [[jam, 1_000]]);
    await visit(page, `${url}/sync`);
    await page.getByText(/1 document waits for head office, which has been away since/).waitFor();
    await page.getByRole('img', { name: 'This till, linked to 1 of 3 others.' }).waitFor();
    expect(await page.getByText('Nothing goes to or comes from').count()).toBe(0);
    await page.getByRole('button', { name: 'Cut the link to T2' }).click();
    await page.getByText('Nothing goes to or comes from T2 until the link is mended.').waitFor();
    await page.getByRole('cell', { name: /^Cut by Omar Samplewood at/ }).waitFor();
    await page.getByRole('img', { name: 'This till, linked to 0 of 3 others.' }).waitFor();
    await page.getByRole('button', { name: 'Mend the link to T2' }).click();
    await page.getByRole('img', { name: 'This till, linked to 1 of 3 others.' }).waitFor();
    await page.getByLabel('Who', { exact: true }).selectOption('T2');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a file' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^tillmesh-events-S01-T1-\d{4}-\d\d-\d\d\.csv$/);
    const text = readFileSync(await download.path(), 'utf8');
    expect(text.trim().split('\r\n')).toHaveLength(2);
    expect(text).toContain('S01-T2-00112233445566bb');
    expect(complaints).toEqual([]);
  });

  test('a cashier sees the mesh and has no switch for it', async () => {
    const { page, url } = await open({ operator: 'ann' });
    await visit(page, `${url}/sync`);
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    expect(await page.getByRole('button', { name: /Cut the link/ }).count()).toBe(0);
  });

  test('a page that a stopped till does not give says so inside the shell', async () => {
    const { page, url, host } = await open();
    await visit(page, `${url}/documents`);
    await page.getByText('No document yet').waitFor();
    await host.close();
    // The light says so too, and is not green.
    const light = page.locator('header').getByRole('status');
    await light.getByText('No connection').waitFor();
    expect(await light.getByText(/All sent|Shop network/).count()).toBe(0);
    await page.getByRole('link', { name: 'Stock', exact: true }).click();
    await page.getByText('The till does not answer.').waitFor();
  });

  test('the technical status stands inside the shell, with a way back', async () => {
    const { page, url, complaints } = await open();
    await visit(page, `${url}/status`);
    await page.getByRole('heading', { name: 'Technical status' }).waitFor();
    await page.getByText('Fingerprint of the stock').waitFor();
    await page.getByRole('link', { name: 'Sync' }).first().click();
    await page.getByRole('heading', { name: 'Sync' }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the flags in the header lead to where they are told of', async () => {
    const { page, url } = await open({ till: { status: { flags: { oversell: 2 } } } });
    await visit(page, `${url}/stock`);
    await page.getByRole('link', { name: '2 flags to look at' }).click();
    await page.waitForURL('**/status');
    await page.getByRole('heading', { name: 'Flags to look at' }).waitFor();
  });
});
