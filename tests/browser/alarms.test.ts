/** Alarms on every page, barred terminals that are let back in, and the pages of a till that was revoked. */
import { describe, expect, test } from 'vitest';
import type { Page } from 'playwright-core';
import { alarmOf, fakeAlarms } from '#lib/host/fake-alarms.ts';
import { openHq } from './hq-in-browser.ts';
import { browser, closedAfterwards } from './opened.ts';
import { visit } from './pages.ts';
import { openTill } from './till-in-browser.ts';

const banner = (page: Page) => page.getByRole('complementary', { name: 'Alarms' });
const spoken = (page: Page) => page.getByRole('alert').first();

describe.skipIf(!browser)('alarms', () => {
  test('stand on every page, are said once, fold away into a number and come back with a new one', async () => {
    const { page, url, till, complaints } = await closedAfterwards((there) =>
      openTill(there, { operator: 'ann', till: { status: { alarms: fakeAlarms } } }),
    );
    await visit(page, `${url}/sell`);
    await banner(page).getByText('S01-T2 exists twice.').waitFor();
    await banner(page).getByRole('link', { name: 'All 3 alarms' }).waitFor();
    await expect
      .poll(() => spoken(page).textContent())
      .toMatch(
        /S01-T2 exists twice\..*ahead of the others: HQ-HQ1, S01-T2, S01-T3\..*S01-T3 is barred/,
      );
    await visit(page, `${url}/stock`);
    await banner(page).waitFor();
    expect(await spoken(page).textContent()).toBe('');

    await page.getByRole('button', { name: 'Fold away' }).click();
    await banner(page).waitFor({ state: 'detached' });
    await visit(page, `${url}/documents`);
    const badge = page.getByRole('button', { name: 'Show 3 alarms again' });
    await badge.waitFor();
    expect(await banner(page).count()).toBe(0);

    const full = alarmOf({ kind: 'diskFull' });
    till.change({ alarms: [...fakeAlarms, full] });
    await banner(page).getByText('The disk is full').waitFor();
    await expect.poll(() => spoken(page).textContent()).toMatch(/^The disk is full/);
    till.change({ alarms: fakeAlarms });
    await banner(page).waitFor({ state: 'detached' });
    await badge.click();
    await banner(page).getByText('S01-T2 exists twice.').waitFor();
    await banner(page).getByRole('link', { name: 'All 3 alarms' }).click();
    await page.getByRole('heading', { name: 'Alarms', level: 1 }).waitFor();
    await page.getByRole('listitem').getByText('Set the clock of this machine').waitFor();
    // A cashier sees who is barred, and cannot let anybody in.
    await page.getByText('it changed what is not its own', { exact: false }).first().waitFor();
    expect(await page.getByRole('button', { name: /back in$/ }).count()).toBe(0);
    till.change({ alarms: [] });
    await page.getByText('No alarm.', { exact: false }).waitFor();
    expect(await banner(page).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  test('stand before signing in and on a locked page, too, in general words', async () => {
    const { page, url, till } = await closedAfterwards((there) => openTill(there));
    const tampered = alarmOf({ kind: 'tampered', subject: 'bars.json', code: 'FILE_EDITED' });
    await visit(page, `${url}/sell`);
    till.change({ alarms: [tampered] });
    await page.request.post(`${url}/screen/lock`, { headers: { origin: url }, data: {} });
    const lock = page.getByRole('dialog', { name: 'Locked' });
    await lock.getByText('Files of this till were changed.').waitFor();
    till.change({ alarms: [alarmOf({ kind: 'fork', terminal: 'S01-T1', isOwn: true }), tampered] });
    await lock.getByText('This till exists twice.').waitFor();
    await page.screenshot({ path: 'reports/pages/locked-alarms-1024.png' });
    await page.context().clearCookies();
    await visit(page, `${url}/sign-in`);
    await page.getByRole('alert').getByText('This till exists twice.').waitFor();
    expect(await page.content()).not.toContain('bars.json');
    till.change({ alarms: [] });
    await page.getByText('This till exists twice.').waitFor({ state: 'detached' });
  });

  test('a supervisor lets a barred terminal back in', async () => {
    const { page, url, till } = await closedAfterwards((there) =>
      openTill(there, { operator: 'sue', till: { status: { alarms: fakeAlarms } } }),
    );
    await visit(page, `${url}/sync`);
    await page.getByRole('button', { name: 'Let S01-T3 back in' }).click();
    await page.getByText('Who let it in is recorded.', { exact: false }).waitFor();
    expect(till.barred()).toHaveLength(1);
    await page.getByRole('button', { name: 'Yes, let S01-T3 back in' }).click();
    await page.getByText('S01-T3 may link again.').waitFor();
    expect(till.barred()).toEqual([]);
  });

  test('head office has them on its pages, and lets back in what its relay has barred', async () => {
    const { page, url, hq } = await closedAfterwards((there) => openHq(there));
    await visit(page, `${url}/hq`);
    expect(await banner(page).count()).toBe(0);
    hq.alarm(fakeAlarms);
    await banner(page).getByText('S01-T2 exists twice.').waitFor();
    await banner(page).getByRole('link', { name: 'All 3 alarms' }).click();
    await page.getByRole('button', { name: 'Let S01-T3 back in' }).click();
    await page.getByRole('button', { name: 'Yes, let S01-T3 back in' }).click();
    await page.getByText('S01-T3 may link again.').waitFor();
  });
});

describe.skipIf(!browser)('a till that was revoked', () => {
  const revoked = { reason: 'stolen', atMs: Date.UTC(2026, 10, 20, 9, 30) };

  test('says so instead of selling, with what exists here only; what it holds is read', async () => {
    const { page, url, till } = await closedAfterwards((there) => openTill(there));
    await visit(page, `${url}/sell`);
    await page.getByRole('combobox').waitFor();
    till.change({ revoked, waiting: { onlyHere: 3, forHq: 3, forArchive: 3 } });
    await page.getByRole('heading', { name: 'This till was revoked by head office' }).waitFor();
    await page.getByText(/because it was stolen\. Nothing can be sold/).waitFor();
    expect(await page.getByRole('combobox').count()).toBe(0);
    await page
      .getByRole('navigation', { name: /can still be read/ })
      .getByText('Documents')
      .click();
    await page.getByRole('heading', { name: 'Documents', level: 1 }).waitFor();
    await page.getByText(/Head office has revoked this till on/).waitFor();
  });

  test('says so before anybody signs in', async () => {
    const { page, url } = await closedAfterwards((there) =>
      openTill(there, { operator: null, till: { status: { revoked } } }),
    );
    await visit(page, `${url}/sign-in`);
    await page.getByText(/Head office has revoked this till on .* because it was stolen/).waitFor();
    await page.getByRole('button', { name: /Omar/ }).waitFor();
  });
});
