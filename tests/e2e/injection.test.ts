/** X5, X6, X14: whatever a product, a person or a search is called is shown as it was typed, and does nothing else. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Sku } from '#lib/domain/ids.ts';
import type { Product } from '#lib/domain/product.ts';
import { plainSettings } from '#lib/domain/settings.ts';
import { buildPagesIfStale } from '../../src/cli/build-pages.ts';
import { launchBrowser } from '../browser/find-browser.ts';
import { visit } from '../browser/pages.ts';
import { Shop, store } from '../system/shop.ts';
import { until } from '../system/until.ts';
import { hostileNames, hostileQueries } from './hostile-texts.ts';
import { openScreen, type Screen, typeName, urlOf } from './screen.ts';

await buildPagesIfStale();
const browser: Browser | undefined = await launchBrowser();

const anything = z.unknown();
const pin = '482916';
/** Each is a person of the till; as many as its page shows at once. */
const people = hostileNames.filter((_, n) => n % 5 === 0);
const storeNames = hostileNames.filter((_, n) => n % 4 === 1);
/** The code of a product may be any printable text, but it is short. */
const codes = hostileNames.filter((name) => /^[!-~][ -~]{0,38}[!-~]$/.test(name));
const codeOf = (n: number): string => `X-${n + 1}`;
const named = (sku: string, names: string): Product => ({
  sku: sku as Sku,
  names,
  barcodes: [],
  department: 'gifts',
  prices: [{ unitPriceE4: 10_100 }],
  active: true,
});
const products: Product[] = [
  ...hostileNames.map((name, n) => ({
    ...named(codeOf(n), name),
    ...(name.length <= 48 && { barcodes: [name] }),
    tax: 'standard',
  })),
  ...codes
    .filter((code) => !['__proto__', 'constructor'].includes(code))
    .map((code) => named(code, `Coded ${code}`)),
];

describe.skipIf(!browser)('hostile texts', () => {
  let shop: Shop;
  let screen: Screen;
  let url = '';
  let office: Screen;
  let officeUrl = '';

  beforeAll(async () => {
    if (!browser) throw new Error('no browser');
    shop = await Shop.open(1, products);
    const relay = shop.relayApi;
    const taxes = { standard: { percentE4: 200_000, name: hostileNames[5] ?? '' } };
    const settings = { name: hostileNames[0], ...plainSettings('EUR', taxes) };
    await relay.put(`/api/settings/${store}`, settings, anything);
    const operators = people.map((name, n) => ({ id: `p${n}`, name, pin, roles: ['manager'] }));
    await relay.put(`/api/operators/${store}`, { operators }, anything);
    // More stores of the first of them, so that head office has all the names to show.
    for (const [n, name] of storeNames.entries()) {
      const other = `S${n + 2}`;
      await relay.put(`/api/settings/${other}`, { name, ...plainSettings('EUR') }, anything);
      await relay.put(`/api/operators/${other}`, { operators: operators.slice(0, 1) }, anything);
    }
    const customers = hostileNames.map((name, n) => ({
      id: `c${n}`,
      name,
      mail: name.slice(0, 9),
    }));
    await relay.put('/api/customers', { customers }, anything);
    url = urlOf(shop.till('T1'));
    officeUrl = `http://127.0.0.1:${shop.relay.ready.api ?? 0}`;
    screen = await openScreen(browser);
    office = await openScreen(browser);
    for (const { context } of [screen, office])
      await context.addInitScript(() => {
        document.addEventListener('securitypolicyviolation', (event) => {
          console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
        });
      });
    const known = z.object({ operators: z.array(z.object({ name: z.string() })) });
    await until('the people', async () => {
      const answer = await screen.context.request.get(`${url}/screen/operators`);
      const { operators: there } = known.parse(await answer.json());
      return there.some(({ name }) => name === people[0]) ? true : undefined;
    });
  });
  afterAll(async () => {
    await browser?.close();
    await shop.close();
  });

  /** All that can be read on the page, as it reads. */
  const textOf = (page: Page): Promise<string> =>
    page.evaluate(() => document.body.textContent ?? '');

  /** Nothing ran, and nothing stands in the page that the product does not put there itself. */
  async function isHarmless(page: Page): Promise<void> {
    const found = await page.evaluate(() => {
      const foreign = [...document.querySelectorAll('body *')].filter(
        (element) =>
          [
            'IFRAME',
            'OBJECT',
            'EMBED',
            'BASE',
            'META',
            'LINK',
            'STYLE',
            'MATH',
            'MARQUEE',
          ].includes(element.tagName.toUpperCase()) ||
          [...element.attributes].some(
            ({ name, value }) => name.startsWith('on') || /^\s*javascript:/i.test(value),
          ) ||
          (element.tagName === 'IMG' && !element.getAttribute('src')?.startsWith('/')),
      );
      return {
        hit: 'hit' in window || 'hit' in Object.prototype,
        foreign: foreign.map((element) => element.outerHTML.slice(0, 200)),
        elsewhere: performance
          .getEntriesByType('resource')
          .map(({ name }) => name)
          .filter((name) => !name.startsWith(location.origin)),
      };
    });
    expect(found).toEqual({ hit: false, foreign: [], elsewhere: [] });
    expect([...screen.complaints, ...office.complaints]).toEqual([]);
  }

  test('X5: people are on the sign-in page by their names, and one of them signs in', async () => {
    const { page } = screen;
    await visit(page, `${url}/sign-in?next=${encodeURIComponent('javascript:window.hit=1')}`);
    const text = await textOf(page);
    for (const name of people) expect(text).toContain(name);
    await isHarmless(page);
    await typeName(page, { name: people[0] ?? '', pin });
    // Not where the address wanted to go.
    await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\/(sell)?$/);
    await isHarmless(page);
  });

  test('X5: products, prices typed by hand, batches and reasons are read as they were typed on every page', async () => {
    const { page } = screen;
    const till = shop.till('T1');
    const sale = await till.execute({
      kind: 'CompleteSale',
      command: 'hostile-sale',
      by: 'p0',
      lines: hostileNames.map((name, n) => ({
        sku: codeOf(n) as Sku,
        quantityMilli: 1_000,
        unitPriceE4: 20_200,
        override: name,
        batch: name.slice(0, 20).trim(),
      })),
      tenders: [{ kind: 'cash', givenMinor: 100_000 }],
      external: { system: '<b>test</b>', id: '<img src=x onerror=window.hit=1>' },
    });
    const adjusted: string[] = [];
    for (const reason of hostileNames.slice(0, 3)) {
      const lines = [{ sku: codeOf(0) as Sku, quantityMilli: 5_000, batch: reason.slice(0, 40) }];
      const command = `hostile-adjust-${adjusted.length}`;
      const done = await till.execute({ kind: 'AdjustStock', command, by: 'p1', reason, lines });
      adjusted.push(done.number);
    }
    // A till shows a page of products at a time; the rest comes by search.
    await visit(page, `${url}/sell`);
    const shown = await textOf(page);
    expect(hostileNames.filter((name) => shown.includes(name)).length).toBeGreaterThan(25);
    await isHarmless(page);
    await visit(page, `${url}/stock`);
    const listed = await textOf(page);
    for (const { sku, names } of products)
      if (!listed.includes(names)) expect([sku, names, listed.length]).toEqual('not on the page');
    await isHarmless(page);

    await visit(page, `${url}/documents/${sale.number}`);
    const receipt = await textOf(page);
    for (const name of hostileNames) {
      expect(receipt).toContain(name);
      expect(receipt).toContain(`Price typed: ${name}`);
    }
    expect(receipt).toContain(people[0]);
    await isHarmless(page);
    for (const path of [
      `/documents/${sale.number}/return`,
      `/documents/${adjusted[0]}`,
      '/documents',
      `/stock/${codeOf(0)}`,
      '/sync',
      '/status',
    ]) {
      await visit(page, url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await isHarmless(page);
    }
    await visit(page, `${url}/documents/${adjusted[2]}`);
    expect(await textOf(page)).toContain(hostileNames[2]);
    await isHarmless(page);
  });

  test('X5: head office shows stores, people, receipts and where they went as they are called', async () => {
    const { page } = office;
    await visit(page, `${officeUrl}/sign-in?next=${encodeURIComponent('javascript:window.hit=1')}`);
    const text = await textOf(page);
    for (const name of people) expect(text).toContain(name);
    await typeName(page, { name: people[0] ?? '', pin });
    await page.waitForURL(`${officeUrl}/hq`);
    const names = [hostileNames[0] ?? '', ...storeNames];
    const showsStores = async (): Promise<void> => {
      const shown = await textOf(page);
      for (const name of names) expect(shown).toContain(name);
      await isHarmless(page);
    };
    await page.getByRole('heading', { name: 'Stores' }).waitFor();
    await showsStores();

    const [document] = (await shop.till('T1').documents()).filter(({ lines }) => lines > 50);
    const receipt = `/hq/documents/${store}/${document?.number}`;
    await until('the sale at head office', async () => {
      const answer = await office.context.request.get(officeUrl + receipt);
      return answer.ok() ? true : undefined;
    });
    await visit(page, officeUrl + receipt);
    const paper = await textOf(page);
    for (const name of hostileNames) expect(paper).toContain(`Price typed: ${name}`);
    expect(paper).toContain(people[0]);
    await page.getByText('Proof', { exact: true }).click();
    await isHarmless(page);

    await visit(page, `${officeUrl}/hq/documents`);
    await page
      .getByRole('row', { name: people[0] ?? '' })
      .first()
      .waitFor();
    await showsStores();
    await visit(page, `${officeUrl}/hq/stores/S2`);
    await page.getByRole('heading', { name: storeNames[0] ?? '' }).waitFor();
    await isHarmless(page);

    await visit(page, `${officeUrl}/hq/terminals`);
    await showsStores();
    await page.getByRole('button', { name: 'Enrol a till' }).click();
    const dialog = page.getByRole('dialog');
    expect((await dialog.getByRole('option').allTextContents()).join()).toContain(storeNames[0]);
    for (const query of hostileQueries.filter((_, n) => n % 9 === 0)) {
      await dialog.getByLabel('Terminal').fill(query);
      await page.keyboard.press('Enter');
      await dialog.getByText('A terminal is one to three letters').waitFor();
    }
    await isHarmless(page);
  });

  test('X5: products with hostile codes have their card, and are found in the cart', async () => {
    const { page } = screen;
    for (const code of codes.slice(0, 4)) {
      await visit(page, `${url}/stock/${encodeURIComponent(code)}`);
      await page.getByRole('heading', { name: `Coded ${code}` }).waitFor();
      await isHarmless(page);
    }
    await visit(page, `${url}/sell`);
    const [name = ''] = hostileNames;
    await page.getByRole('combobox').fill(name);
    // Of all that have these words in their names.
    await page.getByRole('option', { name: `${name} X-1` }).click();
    const cart = page.getByRole('region', { name: 'Sale', exact: true });
    await cart.getByText(name, { exact: true }).waitFor();
    await page.keyboard.press('Delete');
    await page.getByText(`Removed: ${name}`).waitFor();
    await isHarmless(page);
  });

  test('X6, X14: whatever is searched for is a text, and the search goes on', async () => {
    const { page } = screen;
    await visit(page, `${url}/stock`);
    const search = page.getByRole('textbox', { name: 'Name, code or barcode' });
    for (const query of hostileQueries) {
      const answered = page.waitForResponse((response) =>
        response.url().includes('/screen/tiles?'),
      );
      await search.fill(query);
      // A field of one line keeps no line breaks; what it has is what is asked for.
      const typed = await search.inputValue();
      expect([query.slice(0, 60), (await answered).status()]).toEqual([query.slice(0, 60), 200]);
      const found = page.getByRole('row').nth(1);
      await found
        .or(page.getByText(`Nothing is called “${typed.trim()}”`))
        .first()
        .waitFor();
    }
    await search.fill(codeOf(7));
    await page.getByRole('row', { name: hostileNames[7] ?? '' }).waitFor();
    await isHarmless(page);
  });

  test('X5: an address with a hostile text answers with that text, and never with its markup', async () => {
    const { page, context } = screen;
    const pathsOfTill = (text: string) => [
      `/stock?query=${text}`,
      `/stock?department=${text}`,
      `/stock/${text}`,
      `/documents/${text}`,
      `/documents/${text}/return`,
      `/documents?find=${text}`,
      `/sign-in?next=${text}`,
      `/${text}`,
    ];
    const pathsOfOffice = (text: string) => [
      `/hq/stores/${text}`,
      `/hq/documents/${text}/${text}`,
      `/hq/documents/${store}/${text}?hash=${text}`,
      `/hq/documents?store=${text}&terminal=${text}&type=${text}`,
      `/hq/${text}`,
    ];
    const short = hostileQueries.filter((text) => text.length < 1_000);
    for (const [n, query] of short.entries()) {
      const text = encodeURIComponent(query);
      const asked = [
        ...pathsOfTill(text).map((path) => [context, url, path] as const),
        // One code reads them all, and each costs a page: every fourth is enough.
        ...(n % 4 === 0 ? pathsOfOffice(text) : []).map(
          (path) => [office.context, officeUrl, path] as const,
        ),
      ];
      await Promise.all(
        asked.map(async ([who, origin, path]) => {
          const answer = await who.request.get(origin + path, { maxRedirects: 0 });
          expect([path, answer.status()]).toEqual([path, expect.toSatisfy(isExpected)]);
          const html = await answer.text();
          if (/[<>]/.test(query) && html.includes(query)) expect(path).toBe('without its markup');
          const location = answer.headers()['location'] ?? '/';
          expect([path, location]).toEqual([path, expect.stringMatching(/^\/(?!\/)/)]);
        }),
      );
    }
    // In the browser: what is no product and no document is named, with its own 404 in the console.
    for (const query of hostileNames.filter((_, n) => n % 6 === 1)) {
      const text = encodeURIComponent(query);
      await visit(page, `${url}/stock?query=${text}`);
      await isHarmless(page);
      for (const path of [`/stock/${text}`, `/documents/${text}`])
        await isNamed(screen, url + path, query);
      const ofOffice = [`/hq/stores/${text}`, `/hq/documents/${store}/${text}`];
      for (const path of ofOffice) await isNamed(office, officeUrl + path, query);
    }
  });

  /** A page that there is not says so, with the text that was asked for. */
  async function isNamed({ page, complaints }: Screen, address: string, query: string) {
    await page.goto(address);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await textOf(page)).toContain(query);
    const refused = complaints.splice(0).filter((one) => !one.includes('404'));
    expect([address, refused]).toEqual([address, []]);
    await isHarmless(page);
  }
});

const isExpected = (status: number): boolean =>
  [200, 302, 303, 307, 308, 400, 404].includes(status);
