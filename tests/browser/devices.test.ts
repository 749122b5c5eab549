/** Phones and tablets: the way in, sessions and their end, the lock that keeps what was typed, the camera, a count. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeQR } from 'qr/decode.js';
import { fakeProducts } from '#lib/host/fake-shop.ts';
import type { StoreId, TerminalId } from '#lib/domain/ids.ts';
import { LanScreens, type LanView } from '#lib/host/lan-screens.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { FaultyDisk } from '#lib/storage/faulty-disk.ts';
import { seededRandom } from '#lib/storage/seeded-random.ts';
import { WebAuthority } from '#lib/trust/web-authority.ts';
import { webKeyFromBytes } from '#lib/trust/web-key.ts';
import { writeBarcodeFilm } from './barcode-film.ts';
import { launchBrowser } from './find-browser.ts';
import { browser, closedAfterwards, open, pictures } from './opened.ts';
import { becomesAlive, overflowOf, visit } from './pages.ts';
import { openTill } from './till-in-browser.ts';

const lan: LanView = {
  state: 'ready',
  addresses: ['https://192.168.1.20:4443', 'https://till-1.local:4443'],
  fingerprint: Array.from({ length: 16 }, (_, n) => (0xa1b2 + n * 321).toString(16))
    .join(' ')
    .toUpperCase(),
  endsMs: Date.UTC(2027, 4, 20),
};
const phone = { viewport: { width: 360, height: 740 } };

/** Another browser, in which somebody signs in. */
async function alsoSignedIn(url: string, operator: string, pin: string): Promise<Page> {
  if (!browser) throw new Error('no browser');
  const context = await browser.newContext({ locale: 'en-GB', reducedMotion: 'reduce' });
  await closedAfterwards(async () => context);
  const data = { operator, pin };
  const answer = await context.request.post(`${url}/screen/session`, {
    headers: { origin: url },
    data,
  });
  expect(answer.status()).toBe(200);
  return context.newPage();
}

/** What a camera would read in the picture of this element. */
async function qrIn(page: Page, name: RegExp): Promise<string> {
  const picture = page.getByRole('img', { name });
  const { size, path } = await picture.evaluate((svg) => ({
    size: (svg as SVGSVGElement).viewBox.baseVal.width,
    path: svg.querySelector('path')?.getAttribute('d') ?? '',
  }));
  const scale = 4;
  const data = new Uint8Array(size * scale * size * scale * 4).fill(255);
  for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1v1h-1z/g))
    for (let n = 0; n < scale * scale; n++) {
      const at = (Number(y) * scale + Math.floor(n / scale)) * size * scale;
      data.fill(
        0,
        (at + Number(x) * scale + (n % scale)) * 4,
        (at + Number(x) * scale + (n % scale)) * 4 + 3,
      );
    }
  return decodeQR({ width: size * scale, height: size * scale, data });
}

describe.skipIf(!browser)('phones and tablets', () => {
  test('the way in: an address to scan, the fingerprint to compare; on a phone without pushing', async () => {
    const { page, url, complaints } = await open({ context: phone, till: { lan } });
    await visit(page, `${url}/sell`);
    await page.getByRole('button', { name: /operator and settings/ }).click();
    await page.getByRole('menuitem', { name: 'Phones and tablets' }).click();
    await page.getByRole('heading', { name: 'Phones and tablets' }).waitFor();
    expect(await qrIn(page, /QR code/)).toBe('http://192.168.1.20:4443');
    await page.getByText(lan.fingerprint ?? '').waitFor();
    await page.getByText('This one').waitFor();
    expect(await overflowOf(page)).toBe(0);
    await page.screenshot({ path: `${pictures}devices-360.png`, fullPage: true });
    await page.setViewportSize({ width: 1024, height: 768 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${pictures}devices-1024-dark.png` });
    expect(complaints).toEqual([]);
  });

  test.each([
    [{ state: 'waiting', addresses: lan.addresses, problem: 'LINK_FAILED' }, 'did not answer'],
    [{ ...lan, state: 'over', problem: 'TERMINAL_REVOKED' }, 'Phones are refused'],
    [undefined, 'tillmesh register --lan-screens'],
  ] as const)('says what is missing: %#', async (view, words) => {
    const { page, url } = await open(view ? { till: { lan: view } } : {});
    await visit(page, `${url}/devices`);
    await page.getByText(words).waitFor();
  });

  test('sessions: a supervisor sees all and ends one; its page goes to the PIN at once', async () => {
    const { page, url } = await open({ till: { lan } });
    const other = await alsoSignedIn(url, 'ann', '1111');
    await visit(other, `${url}/stock`);
    await visit(page, `${url}/devices`);
    await page.getByRole('button', { name: /^Sign out Amina Testerley, Chrome/ }).click();
    await page.screenshot({ path: `${pictures}devices-sessions-1024.png`, fullPage: true });
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.getByText('1 browser was signed out.').waitFor();
    // No sale, no event: the stream itself was closed.
    await other.waitForURL('**/sign-in?next=%2Fstock');
    expect(await page.getByText('Amina Testerley').count()).toBe(0);
  });

  test('sessions: a cashier sees and ends her own, and nobody else’s', async () => {
    const { page, url } = await open({ operator: 'ann', till: { lan } });
    const own = await alsoSignedIn(url, 'ann', '1111');
    await visit(own, `${url}/stock`);
    await alsoSignedIn(url, 'sue', '2222');
    await visit(page, `${url}/devices`);
    await page.getByRole('button', { name: 'Sign out my others' }).click();
    expect(await page.getByText('Omar Samplewood').count()).toBe(0);
    expect(await page.getByRole('button', { name: 'Sign out everybody else' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Sign out', exact: true }).last().click();
    await own.waitForURL('**/sign-in?next=%2Fstock');
    const { sessions } = (await (await page.request.get(`${url}/screen/sessions`)).json()) as {
      sessions: { id: string }[];
    };
    expect(sessions).toHaveLength(1);
    const answer = await page.request.post(`${url}/screen/sessions/end`, {
      headers: { origin: url },
      data: { session: 'AAAAAAAAAAAA' },
    });
    expect(await answer.json()).toMatchObject({ outcome: 'refused', code: 'SESSION_UNKNOWN' });
  });
});

describe.skipIf(!browser)('over https', () => {
  test('Chromium signs in, and its session is for that door alone', async () => {
    if (!browser) return;
    const { host, url } = await open({ operator: null });
    const random = (bytes: number) => new Uint8Array(randomBytes(bytes));
    const authority = await WebAuthority.create('acme', { random, nowMs: Date.now() });
    const terminal = { company: 'acme', store: 'S01' as StoreId, terminal: 'T1' as TerminalId };
    const disk = new FaultyDisk(seededRandom(1));
    disk.makeDirectory('/data');
    const screens = new LanScreens({
      app: host.app,
      listen: { host: '127.0.0.1', port: 0 },
      disk,
      path: '/data/lan-screens.pem',
      terminal,
      clock: machineClock,
      random,
      issue: async (publicKey) => ({
        certificateDer: await authority.issueTill({
          ...terminal,
          publicKey: webKeyFromBytes(publicKey),
          random,
          nowMs: Date.now(),
        }),
        rootDer: authority.rootDer,
      }),
      addresses: () => [],
      hostName: () => 'till-1',
      onProblem: (error) => {
        throw error;
      },
      onRenewed: () => undefined,
    });
    host.admitLan(() => screens.allowed());
    const port = await screens.start();
    await closedAfterwards(async () => ({ close: () => screens.stop() }));
    await screens.look();
    // Whether it trusts the root is what other tests ask; here is how its pages work there.
    const context = await browser.newContext({
      ...phone,
      ignoreHTTPSErrors: true,
      locale: 'en-GB',
    });
    await closedAfterwards(async () => context);
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.screenshot({ path: `${pictures}trust-360.png`, fullPage: true });
    expect(await overflowOf(page)).toBe(0);
    await page.setViewportSize({ width: 1024, height: 768 });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${pictures}trust-1024-dark.png` });
    await Promise.all([
      becomesAlive(page),
      page.getByRole('link', { name: /^Open https/ }).click(),
    ]);
    await page.waitForURL(`https://127.0.0.1:${port}/sign-in**`);
    await page.getByRole('button', { name: /Amina Testerley/ }).click();
    await page.keyboard.type('1111', { delay: 60 });
    await page.keyboard.press('Enter');
    await page.waitForURL(`https://127.0.0.1:${port}/sell`);
    await visit(page, `https://127.0.0.1:${port}/devices`);
    await page.getByText(/Chrome on Linux · On the shop network/).waitFor();
    const cookies = (await context.cookies()).filter(({ name }) => name.includes('tillmesh-'));
    expect(cookies).toMatchObject([
      { name: `__Host-tillmesh-${port}`, secure: true, httpOnly: true, sameSite: 'Strict' },
    ]);
    await page.goto(`${url}/sell`);
    await page.waitForURL(`${url}/sign-in**`);
  });
});

describe.skipIf(!browser)('a count on a phone, and a lock in the middle of it', () => {
  test('what was typed waits behind the PIN, which nobody else’s opens', async () => {
    const made = await open({ context: phone, operator: 'ann' });
    const { page, url, till, complaints } = made;
    const product = fakeProducts[1];
    if (!product) throw new Error('no product');
    await visit(page, `${url}/stock/${product.sku}`);
    await page.getByRole('button', { name: 'Count' }).click();
    await page.getByRole('button', { name: '1', exact: true }).click();
    await page.getByRole('button', { name: '7', exact: true }).click();
    await page.getByText('17 on the shelf').waitFor();
    await page.screenshot({ path: `${pictures}count-360.png`, fullPage: true });
    expect(await overflowOf(page)).toBe(0);

    await page.request.post(`${url}/screen/lock`, { headers: { origin: url }, data: {} });
    const lock = page.getByRole('dialog', { name: 'Locked' });
    await lock.waitFor();
    await page.screenshot({ path: `${pictures}locked-360.png` });
    expect(await page.getByText('17 on the shelf').isVisible()).toBe(true);
    // Under it: nothing that is touched there or typed reaches the page.
    await page.keyboard.type('2222', { delay: 60 });
    await page.keyboard.press('Enter');
    await lock.getByText('That is not the right PIN.').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.type('1111', { delay: 60 });
    await page.keyboard.press('Enter');
    await lock.waitFor({ state: 'detached' });
    await page.getByText('17 on the shelf').waitFor();
    await page.getByRole('button', { name: 'Save the count' }).click();
    await page.getByText(/^Saved as S01-T1A-/).waitFor();
    expect(till.recentDocuments(1)).toMatchObject([{ type: 'StockCounted', lines: 1 }]);
    // The page follows its till again, with the new session.
    till.change({ peers: [] });
    await page.getByText('No links').waitFor();
    expect(complaints.filter((text) => !text.includes('401'))).toEqual([]);
  });
});

describe.skipIf(!browser)('the camera', () => {
  const [first, second] = fakeProducts;
  const code = first?.barcodes[0] ?? '';
  const directory = mkdtempSync(join(tmpdir(), 'tillmesh-film-'));
  let filming: Browser | undefined;
  beforeAll(async () => {
    const film = join(directory, 'barcode.y4m');
    writeBarcodeFilm(film, code);
    filming = await launchBrowser([
      '--use-fake-device-for-media-stream',
      // Stands in for the question whether the page may use the camera.
      '--use-fake-ui-for-media-stream',
      `--use-file-for-fake-video-capture=${film}`,
    ]);
  });
  afterAll(async () => {
    await filming?.close();
    rmSync(directory, { recursive: true });
  });
  const openFilming = () => {
    const shown = filming;
    if (!shown) throw new Error('no browser');
    return closedAfterwards(() => openTill(shown, { operator: 'ann', context: phone }));
  };

  test('what it sees goes into the sale, once for each time that it is shown', async () => {
    const { page, url, complaints } = await openFilming();
    const wasm: string[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.wasm')) wasm.push(response.url());
    });
    await visit(page, `${url}/sell`);
    expect(wasm).toEqual([]);
    await page.getByRole('button', { name: 'Scan with the camera' }).click();
    await page.getByText(`Scanned ${code}`).waitFor();
    await page.screenshot({ path: `${pictures}camera-360.png` });
    // From this till, and only when it was asked for; the page itself may still run no WebAssembly.
    expect(wasm.map((each) => new URL(each).origin)).toEqual([url]);
    const policy = (await page.request.get(`${url}/sell`)).headers()['content-security-policy'];
    expect(policy).toContain('script-src');
    expect(policy).not.toContain('wasm');
    await page.getByRole('button', { name: 'Close the camera' }).click();
    await page.getByRole('button', { name: 'Sale · 1 line' }).click();
    await page
      .getByText(first?.names ?? '')
      .filter({ visible: true })
      .first()
      .waitFor();
    expect(complaints).toEqual([]);
  });

  test('in the stock it leads to the card of the product', async () => {
    const { page, url } = await openFilming();
    await visit(page, `${url}/stock?query=${encodeURIComponent(second?.names ?? '')}`);
    await page.getByRole('button', { name: 'Scan with the camera' }).click();
    await page.waitForURL(`**/stock/${first?.sku ?? ''}`);
  });

  test.each([
    ['NotAllowedError', 'This browser may not use the camera.'],
    ['NotFoundError', 'No camera was found on this device.'],
    ['NotReadableError', 'Another program uses the camera.'],
    ['TypeError', 'The camera could not be started.'],
  ])('%s: it says what to do, and the page goes on', async (name, words) => {
    const { page, url } = await openFilming();
    await page.addInitScript((error) => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('', error));
    }, name);
    await visit(page, `${url}/stock`);
    await page.getByRole('button', { name: 'Scan with the camera' }).click();
    await page.getByText(words).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('without one there is no button', async () => {
    const { page, url } = await open();
    await visit(page, `${url}/stock`);
    await page
      .getByText(second?.names ?? '')
      .first()
      .waitFor();
    expect(await page.getByRole('button', { name: 'Scan with the camera' }).count()).toBe(0);
  });
});
