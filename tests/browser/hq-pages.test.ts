import { describe, expect, test } from 'vitest';
import { morning } from './hq-in-browser.ts';
import { browser, openOffice as open, pictures } from './opened.ts';
import { becomesAlive, visit } from './pages.ts';

describe.skipIf(!browser)('the pages of head office', () => {
  test('a manager signs in and comes to the overview; nobody else is on the list', async () => {
    const { page, url, complaints } = await open({ operator: null, hq: { sales: morning } });
    await visit(page, url);
    await page.waitForURL('**/sign-in?next=%2Fhq');
    await page.getByRole('heading', { name: 'Who is at head office?' }).waitFor();
    expect(await page.getByRole('listitem').count()).toBe(1);
    await page.getByRole('button', { name: /Ines Candlethorpe/ }).click();
    await page.keyboard.type('3333');
    await Promise.all([becomesAlive(page), page.keyboard.press('Enter')]);
    await page.waitForURL('**/hq');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('Not all linked').waitFor();
    expect(complaints).toEqual([]);
  });

  test('while the database is away the sign-in says so in one sentence', async () => {
    const { page, url, hq } = await open({ operator: null });
    hq.reach(false);
    await visit(page, `${url}/sign-in`);
    await page.getByRole('button', { name: /Ines Candlethorpe/ }).click();
    await page.keyboard.type('3333');
    await page.keyboard.press('Enter');
    await page
      .getByText('Nobody can sign in right now, because the database does not answer')
      .waitFor();
  });

  test('the overview: sums, chart and table, stores with trouble first, live', async () => {
    const { page, url, hq, complaints } = await open({ hq: { sales: morning } });
    await visit(page, `${url}/hq`);
    await page.getByRole('img', { name: /^Sales by hour in EUR\. Most between \d\d:00/ }).waitFor();
    const stores = page.getByRole('region', { name: 'Stores', exact: true });
    expect(await stores.getByRole('link').allTextContents()).toEqual([
      'Harbour Street · S01',
      'Market Square · S02',
    ]);
    await stores.getByText('2 of 3 tills linked').waitFor();
    await stores.getByText('All linked, all archived').waitFor();
    const [before] = await page.getByRole('definition').allTextContents();
    hq.sell('S02-T1', 12_345);
    await expect
      .poll(async () => (await page.getByRole('definition').allTextContents())[0])
      .not.toBe(before);
    hq.link('S01-T3', true);
    await page.getByText('4 of 4', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Show as a table' }).click();
    const table = page.getByRole('table', { name: 'Sales by hour, EUR' });
    await table.getByRole('row', { name: /^12:00 1 0 123\.45$/ }).waitFor();
    await page.getByRole('button', { name: 'Show as a chart' }).click();

    // The page says what it knows, and what it does not.
    hq.reach(false);
    await page.getByText(/^The archive has not answered since/).waitFor();
    expect(complaints).toEqual([]);
  });

  test('a store: its tills, what lags, whose clock is off', async () => {
    const { page, url, hq, complaints } = await open({ hq: { sales: morning } });
    await visit(page, `${url}/hq`);
    await page.getByRole('link', { name: 'Harbour Street · S01' }).click();
    await page.getByRole('heading', { name: 'Harbour Street · S01' }).waitFor();
    const tills = page.getByRole('table', { name: 'Tills' });
    await tills.getByRole('row', { name: /^T1 Linked/ }).waitFor();
    await tills.getByRole('row', { name: /^T2 .* behind Set its clock right/ }).waitFor();
    await tills.getByRole('row', { name: /^T3 Away/ }).waitFor();
    hq.link('S01-T3', true);
    await tills.getByRole('row', { name: /^T3 Linked/ }).waitFor();
    hq.reach(false);
    await tills.getByRole('row', { name: /^T1 .* not archived/ }).waitFor();
    const unknown = await page.goto(`${url}/hq/stores/S09`);
    expect(unknown?.status()).toBe(404);
    await page.getByText('There is no store S09 among yours.').waitFor();
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('documents: pages, filters, live, and back where one was', async () => {
    const sales = Array.from(
      { length: 70 },
      (_, n) => [n % 2 ? 'S01-T1' : 'S02-T1', 8 + Math.floor(n / 20), 500 + n] as const,
    );
    const { page, url, hq, complaints } = await open({ hq: { sales } });
    await visit(page, `${url}/hq/documents`);
    await page.getByText('50 documents', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Show older' }).click();
    await page.getByText('70 documents', { exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Show older' }).count()).toBe(0);
    const number = hq.sell('S01-T2', 999);
    await page.getByRole('link', { name: number }).waitFor();
    // What was opened below stays open.
    await page.getByText('71 documents', { exact: true }).waitFor();

    await page.getByLabel('Store', { exact: true }).selectOption('S01');
    await page.waitForURL('**/hq/documents?store=S01');
    await page.getByText('36 documents', { exact: true }).waitFor();
    await page.getByLabel('Till', { exact: true }).selectOption('T2');
    await page.getByText('1 document', { exact: true }).waitFor();
    await page.getByLabel('Kind', { exact: true }).selectOption('ReturnCompleted');
    await page.getByText('No document of this kind.').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: number }).click();
    await page.getByRole('heading', { name: `Sale ${number}` }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('Enter pressed twice replaces nobody, and revokes nobody: only the button does', async () => {
    const { page, url, complaints } = await open();
    await visit(page, `${url}/hq/terminals`);
    await page.getByRole('button', { name: 'Enrol a till' }).click();
    await page.getByRole('dialog').getByLabel('Terminal').fill('T2');
    await page.keyboard.press('Enter');
    const replacing = page.getByRole('dialog', { name: 'Replace S01-T2' });
    await replacing.getByRole('radio', { name: /^Replaced/ }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await replacing.getByRole('radio', { name: /^Stolen/, checked: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Revoke', exact: true }).click();
    await page.getByRole('radio', { name: /^Lost/ }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    // What is done is told by the live page within one read.
    await page.reload();
    await page.getByRole('button', { name: 'Replace this till' }).waitFor();
    await page.getByRole('button', { name: 'Revoke', exact: true }).waitFor();
    expect(complaints).toEqual([]);
  });

  test('the code for a new till keeps its picture apart from its text on a low screen', async () => {
    const { page, url, complaints } = await open();
    await page.setViewportSize({ width: 1024, height: 600 });
    await visit(page, `${url}/hq/terminals/S01/T2`);
    await page.getByRole('button', { name: 'Replace this till' }).click();
    await page.getByRole('button', { name: 'Revoke the old one, make the code' }).click();
    const picture = await page.getByRole('dialog').locator('svg[role=img]').boundingBox();
    const code = await page.getByRole('dialog').locator('[data-code]').boundingBox();
    expect(picture?.width).toBe(picture?.height);
    expect(code?.y).toBeGreaterThanOrEqual((picture?.y ?? 0) + (picture?.height ?? 0));
    expect(complaints).toEqual([]);
  });

  test('a code for a name that lives is not made: the page goes on to replacing that till', async () => {
    const { page, url, hq, complaints } = await open();
    await visit(page, `${url}/hq/terminals`);
    await page.getByRole('button', { name: 'Enrol a till' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Terminal').fill('T2');
    await dialog.getByRole('button', { name: 'Replace T2' }).click();
    await page.getByRole('dialog', { name: 'Replace S01-T2' }).waitFor();
    await page.waitForURL('**/hq/terminals/S01/T2');
    await page.keyboard.press('Escape');
    // Joined by a code, and nobody has heard of it: known to head office's no alone.
    hq.takeCode('S01-T9', 'feedbeef'.repeat(8));
    await visit(page, `${url}/hq/terminals`);
    await page.getByRole('button', { name: 'Enrol a till' }).click();
    await dialog.getByLabel('Terminal').fill('T9');
    await dialog.getByRole('button', { name: 'Make the code' }).click();
    await dialog.getByRole('button', { name: 'Replace T9' }).click();
    await page.getByRole('dialog', { name: 'Replace S01-T9' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('head office has not heard of it since').waitFor();
    await page.screenshot({ path: `${pictures}hq-unheard.png`, fullPage: true });
    expect(complaints.filter((text) => !text.includes('409'))).toEqual([]);
  });

  test('documents while the archive is away are the relay’s own, and say so', async () => {
    const { page, url, hq } = await open({ hq: { sales: morning } });
    hq.reach(false);
    await visit(page, `${url}/hq/documents`);
    await page.getByText('The archive does not answer.').waitFor();
    expect(await page.getByRole('row').count()).toBe(25);
    hq.reach(true);
    await page.getByText('The archive does not answer.').waitFor({ state: 'detached' });
  });

  test('a receipt with its chain of custody', async () => {
    const { page, url, hq, complaints } = await open();
    const number = hq.sell('S01-T1', 1_339);
    await visit(page, `${url}/hq/documents`);
    await page.getByRole('link', { name: number }).click();
    const story = page.getByRole('region', { name: 'Chain of custody' });
    await story.getByText('Signed by S01-T1, life A').waitFor();
    await story.getByText('On the disks of 3 tills').waitFor();
    await story.getByText('Arrived at this relay').waitFor();
    await story.getByText('In the archive').waitFor();
    await story.getByText('Proof').click();
    await story.getByText('S01/T1/00112233445566a1').waitFor();
    await page.getByText('€13.39').first().waitFor();
    const answer = await page.goto(`${url}/hq/documents/S01/S01-T9A-S-1`);
    expect(answer?.status()).toBe(404);
    expect(complaints.filter((text) => !text.includes('404'))).toEqual([]);
  });

  test('enrolling by keyboard alone: a code as text and as a picture, shown once', async () => {
    const { page, url, complaints } = await open();
    await visit(page, `${url}/hq/terminals`);
    await page.getByRole('button', { name: 'Enrol a till' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Enrol a till' });
    await dialog.waitFor();
    await dialog.getByLabel('Terminal').focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('nonsense');
    await page.keyboard.press('Enter');
    await dialog.getByText('A terminal is one to three letters and a number').waitFor();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('t2');
    await dialog.getByText('A till is let in as T2').waitFor();
    await dialog.getByRole('button', { name: 'Replace T2' }).waitFor();
    await page.keyboard.press('ControlOrMeta+a');
    await page.keyboard.type('t4');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Code for S01 T4' }).waitFor();
    await page.getByText('7QZK-3M8V-A1XW-9T0R', { exact: true }).waitFor();
    await page.getByText('--join 7QZK-3M8V-A1XW-9T0R@127.0.0.1:3001').waitFor();
    await page.getByRole('img', { name: /as a picture to scan/ }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByText(/^S01 T4, until/).waitFor();
    expect(await page.getByText('7QZK').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('revoking by keyboard alone: what follows is said first, and the device is listed apart', async () => {
    const { page, url, hq, complaints } = await open();
    await visit(page, `${url}/hq/terminals`);
    await page.getByRole('link', { name: 'T1', exact: true }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'S01 · T1' }).waitFor();
    await page.getByRole('button', { name: 'Revoke' }).focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Revoke S01-T1' });
    await dialog.getByText(/^Tills that it let in go as well, .*: T3\./).waitFor();
    await dialog.getByRole('radio', { name: /^Lost/ }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await dialog.getByText('Tills that it let in stay: T3.').waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Revoke' }).click();
    await dialog.getByRole('radio', { name: /^Stolen/ }).check();
    await dialog.getByRole('button', { name: 'Revoke S01-T1' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(/^S01-T1 \(key [0-9a-f ]+\) is kept out for good\.$/).waitFor();
    await page.getByRole('heading', { name: /^Kept out/ }).waitFor();
    hq.sellBeyond('S01-T1', ['S01-T1A-S-7']);
    await page.getByRole('link', { name: 'S01-T1A-S-7' }).waitFor();
    await page.getByRole('link', { name: 'Terminals' }).first().click();
    const kept = page.getByRole('list', { name: 'Kept out for good' });
    await kept.getByText(/^Stolen, [^·]* · by Ines Candlethorpe$/).waitFor();
    await kept.getByText(/with S01-T1, which had let it in/).waitFor();
    await kept.getByText('1 entry written after that').waitFor();
    expect(complaints).toEqual([]);
  });

  test('a code is withdrawn, and says so where it cannot be any more', async () => {
    const { page, url, hq } = await open();
    const enrol = () => hq.enrol('max', 'S01' as never, 'T4' as never);
    await enrol();
    await visit(page, `${url}/hq/terminals`);
    const withdraw = page.getByRole('button', { name: 'Withdraw the code for S01 T4' });
    await withdraw.click();
    await page.getByText('The code for S01 T4 cannot be used any more.').waitFor();
    await page.getByText('No code is open.').waitFor();
    await enrol();
    await withdraw.waitFor();
    hq.reach(false);
    await page.getByText('Which codes are open is not known').waitFor();
  });

  test('a relay that stopped is said inside the shell, and what was shown stays', async () => {
    const { page, url, host } = await open({ hq: { sales: morning } });
    await visit(page, `${url}/hq`);
    await page.getByRole('heading', { name: 'Sales by hour' }).waitFor();
    await host.close();
    await page.getByText('this page has lost the relay').waitFor();
    await page.getByRole('link', { name: 'Harbour Street · S01' }).waitFor();
  });

  test('locked by hand, the page asks for the PIN and comes back to where it was', async () => {
    const { page, url } = await open();
    await visit(page, `${url}/hq/terminals`);
    await page.getByRole('button', { name: /Ines Candlethorpe/ }).click();
    const lock = page.getByRole('menuitem', { name: /^Lock Ctrl/ });
    await Promise.all([becomesAlive(page), lock.click()]);
    await page.waitForURL('**/sign-in?next=%2Fhq%2Fterminals');
    await page.keyboard.type('3333');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/hq/terminals');
  });

  test('by keys alone: lists by arrows, Ctrl+K to a page and to a number, ? for the keys, Ctrl+L', async () => {
    const { page, url, complaints } = await open({ hq: { sales: morning } });
    const focused = () => page.evaluate(() => document.activeElement?.textContent?.trim());
    const goTo = async (typed: string): Promise<void> => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog', { name: 'Go to' }).waitFor();
      await page.keyboard.type(typed);
      await page.keyboard.press('Enter');
    };
    await visit(page, `${url}/hq`);
    const seen: unknown[] = [];
    for (const key of ['ArrowDown', 'ArrowDown', 'Home', 'End', 'ArrowUp']) {
      await page.keyboard.press(key);
      seen.push([key, await focused()]);
    }
    expect(seen).toEqual([
      ['ArrowDown', 'Harbour Street · S01'],
      ['ArrowDown', 'Market Square · S02'],
      ['Home', 'Harbour Street · S01'],
      ['End', 'Market Square · S02'],
      ['ArrowUp', 'Harbour Street · S01'],
    ]);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/hq/stores/S01');

    await goTo('docu');
    await page.getByRole('heading', { name: 'Documents' }).waitFor();
    const numbers = await page.getByRole('table').getByRole('link').allTextContents();
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowUp');
    const last = numbers.at(-2) ?? 'too few';
    expect(await focused()).toBe(last);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: last }).waitFor();

    await goTo('s02-t1a-s-1');
    await page.getByRole('heading', { name: 'Sale S02-T1A-S-1' }).waitFor();
    await goTo('term');
    await page.getByRole('heading', { name: 'Terminals' }).waitFor();
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Harbour Street · S01');

    await page.keyboard.press('?');
    const keys = page.getByRole('dialog', { name: 'Keys' });
    await keys.getByText('Go through the list of the page').waitFor();
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+l');
    await page.waitForURL('**/sign-in?next=%2Fhq%2Fterminals');
    expect(complaints).toEqual([]);
  });
});
