/** What tests do with a page of a process, of a till as of head office. */
import type { Page } from 'playwright-core';

/** What the browser complains about from now on: errors, warnings, breaches of the policy, exceptions, dialogs. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  return complaints;
}

/** Pixels by which the page can be pushed sideways. */
export const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Loads a page and waits until it is alive: keys that come before that are nobody's. */
export async function visit(page: Page, address: string): Promise<void> {
  await Promise.all([becomesAlive(page), page.goto(address)]);
}

/** To be asked for before whatever loads the page. A page follows its process as soon as its own script runs. */
export const becomesAlive = (page: Page): Promise<unknown> =>
  page.waitForRequest((request) => request.url().endsWith('/events'));
