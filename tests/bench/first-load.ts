/** What a page's first load brings over the network in scripts, as sent: compressed where the server compresses. */
import type { Browser } from 'playwright-core';

export type ScriptBytes = { readonly files: number; readonly bytes: number };

/** With an empty cache, until the page is alive: then all that it needs has come. */
export async function scriptBytesOf(
  browser: Browser,
  url: string,
  cookies: readonly { name: string; value: string; url: string }[] = [],
): Promise<ScriptBytes> {
  const context = await browser.newContext({ locale: 'en-GB' });
  try {
    await context.addCookies([...cookies]);
    const page = await context.newPage();
    const scripts: Promise<number>[] = [];
    page.on('requestfinished', (request) => {
      if (!/\.m?js(\?|$)/.test(request.url())) return;
      scripts.push(request.sizes().then(({ responseBodySize }) => responseBodySize));
    });
    const alive = page.waitForRequest((request) => request.url().endsWith('/events'));
    await page.goto(url);
    await alive;
    const sizes = await Promise.all(scripts);
    return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  } finally {
    await context.close();
  }
}
