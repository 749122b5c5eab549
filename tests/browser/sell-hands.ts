/** What hands do on the sell page: scanning, and finding a line of the sale. For tests alone. */
import type { Locator, Page } from 'playwright-core';

/**
 * As a scanner types, with Enter at the end: quicker than any hand. `lateMs` is how late each key is handed on and
 * stamped by a busy machine.
 */
export async function scan(
  page: Page,
  code: string,
  lateMs: (n: number) => number = () => 2,
): Promise<void> {
  const keys = [...code, 'Enter'];
  let atMs = 0;
  const typed = keys.map((key, n) => ({ key, atMs: (atMs += lateMs(n)) }));
  await page.evaluate((each) => {
    const nowMs = performance.now();
    for (const { key, atMs: afterMs } of each) {
      const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
      Object.defineProperty(event, 'timeStamp', { value: nowMs + afterMs });
      document.body.dispatchEvent(event);
    }
  }, typed);
}

export const row = (page: Page, name: string) =>
  page.getByRole('region', { name: 'Sale' }).getByRole('listitem').filter({ hasText: name });

/** A lantern is in the sale, and its discount is typed and entered. Its line. */
export async function discountLantern(page: Page, typed: string): Promise<Locator> {
  await page.getByRole('button', { name: /Brass Lantern/ }).click();
  const lantern = row(page, 'Brass Lantern');
  await lantern.waitFor();
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('button', { name: 'Discount', exact: true }).click();
  await page.keyboard.type(typed);
  await page.keyboard.press('Enter');
  return lantern;
}
