/** A browser at the pages of a real till: opened, signed in by keyboard, watched for whatever it complains about. */
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { becomesAlive, complaintsOf, visit } from '../browser/pages.ts';
import type { TillProcess } from '../system/till-process.ts';

export type Operator = { readonly name: string; readonly pin: string };

export type Screen = {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Errors and warnings of the console, breaches of the policy among them, exceptions, dialogs. */
  readonly complaints: string[];
};

export const desktop = { width: 1024, height: 768 } as const;

/** Slower than any scanner types: what comes quicker is a scan. */
const personDelayMs = 60;

export const urlOf = (till: TillProcess): string =>
  `http://127.0.0.1:${till.process.ready.ui ?? 0}`;

export async function openScreen(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<Screen> {
  const context = await browser.newContext({
    viewport: desktop,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    ...options,
  });
  return anotherTab(context);
}

/** One more page of the same browser, with the same cookies. */
export async function anotherTab(context: BrowserContext): Promise<Screen> {
  const page = await context.newPage();
  return { context, page, complaints: complaintsOf(page) };
}

/** From whatever page is asked for to that page, with keys alone. */
export async function signIn(page: Page, address: string, who: Operator): Promise<void> {
  await visit(page, address);
  await page.waitForURL('**/sign-in**');
  await typeName(page, who);
  await page.waitForURL((url) => !url.pathname.startsWith('/sign-in'));
}

/** On the page that asks who is there. Resolves when the next page is alive. */
export async function typeName(page: Page, { name, pin }: Operator): Promise<void> {
  // Somebody who locked the till is asked for the PIN alone.
  const choice = page.getByRole('button', { name });
  if ((await choice.count()) > 0) {
    await tabTo(page, name);
    await page.keyboard.press('Enter');
  }
  await page.getByRole('heading', { name }).waitFor();
  await page.keyboard.type(pin);
  await Promise.all([becomesAlive(page), page.keyboard.press('Enter')]);
}

/** Presses Tab until something of that name has the focus. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    const focused = await page.evaluate(() => {
      const here = document.activeElement;
      return here === document.body
        ? ''
        : `${here?.getAttribute('aria-label')} ${here?.textContent}`;
    });
    if (focused.includes(name)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`no key leads to ${name}`);
}

/** `2*lantern`: what is found is added by Enter. `line` is what the cart then shows. */
export async function addByKeyboard(
  page: Page,
  typed: string,
  line: string | RegExp,
): Promise<void> {
  await page.keyboard.type(typed, { delay: personDelayMs });
  await page.getByRole('option').first().waitFor();
  await page.keyboard.press('Enter');
  await cartOf(page).getByText(line).first().waitFor();
}

/**
 * As a scanner does that types like a keyboard: a key every 5 ms by the events' own clock, which is given here, so that a
 * busy machine does not turn it into a slow typist.
 */
export async function scan(page: Page, code: string, line: string | RegExp): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const scanned = page.waitForRequest((request) =>
    (request.postData() ?? '').includes('"kind":"scan"'),
  );
  const beganMs = Date.now();
  const keys = [...code].map((key) => ({ key, text: key }));
  for (const [n, key] of [...keys, { key: 'Enter', text: '\r' }].entries()) {
    const timestamp = (beganMs + n * 5) / 1_000;
    await session.send('Input.dispatchKeyEvent', { type: 'keyDown', timestamp, ...key });
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', timestamp, key: key.key });
  }
  await session.detach();
  await scanned;
  await cartOf(page).getByText(line).first().waitFor();
}

export const cartOf = (page: Page) => page.getByRole('region', { name: 'Sale', exact: true });

/** Of the pane that stands after a sale. */
export async function savedNumber(page: Page): Promise<string> {
  const text = await page
    .getByText(/^Saved S01-/)
    .first()
    .innerText();
  return text.replace('Saved ', '');
}

/** Word and colour of the light at the top start. */
export async function lightIs(page: Page, word: string, colour: LightColour): Promise<void> {
  const pill = page.getByRole('banner').getByText(word, { exact: true });
  await pill.waitFor({ timeout: 60_000 });
  // The word may be cut short within the pill, which has the colour.
  expect(await pill.locator('..').getAttribute('class')).toContain(lightClass[colour]);
}

type LightColour = 'green' | 'orange' | 'blue' | 'red';
const lightClass: Readonly<Record<LightColour, string>> = {
  green: 'text-good',
  orange: 'text-busy',
  blue: 'text-note',
  red: 'text-risk',
};
