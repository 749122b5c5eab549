/**
 * `node tests/bench/replace.ts`: a shop of real processes with a large catalogue and a day's sales; one till dies, its directory
 * and witness are lost, and another takes its place with head office away. From the code typed to the first sale
 * acknowledged, and to every old sale folded. A bench judges nothing: it reports target and figure.
 */
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { Sku } from '#lib/domain/ids.ts';
import type { Product } from '#lib/domain/product.ts';
import { operator } from '../system/sales.ts';
import { Shop } from '../system/shop.ts';
import type { TillProcess } from '../system/till-process.ts';
import { until } from '../system/until.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    products: { type: 'string', default: '20000' },
    sales: { type: 'string', default: '10000' },
  },
});
const sales = Number(values.sales);
const catalogue: Product[] = Array.from({ length: Number(values.products) }, (_, i) => ({
  sku: `P${i + 1}` as Sku,
  names: `Product ${i + 1} of the ${i % 97}th shelf`,
  barcodes: [String(4_000_000_000_000 + i)],
  prices: [{ unitPriceE4: 10_000 + (i % 997) * 100 }],
  active: true,
}));
const figures: Record<string, number> = {};
const said = (text: string): void => void process.stderr.write(`${text}\n`);
const seconds = (ms: number): number => Math.round(ms / 100) / 10;

let sold = 0;
async function sell(till: TillProcess): Promise<void> {
  const n = ++sold;
  const { sku, prices } = catalogue[(n * 7) % catalogue.length] ?? {};
  const amountMinor = Math.round((prices?.[0]?.unitPriceE4 ?? 0) / 100);
  await till.execute({
    kind: 'CompleteSale',
    command: `replace-bench-${n}`,
    by: operator.id,
    lines: [{ sku: sku ?? ('P1' as Sku), quantityMilli: 1_000 }],
    tenders: [{ kind: 'cash', amountMinor }],
  });
}

const shop = await Shop.open(3, catalogue);
try {
  const lost = shop.till('T2');
  const begunMs = performance.now();
  await Promise.all(
    shop.tills.map(async (till) => {
      const count = till === lost ? Math.floor(sales / 5) : Math.floor((sales * 2) / 5);
      for (let n = 0; n < count; n++) await sell(till);
    }),
  );
  await shop.agreed(sold, sold, 600_000);
  said(`${sold} sales in ${seconds(performance.now() - begunMs)} s`);

  await lost.kill();
  rmSync(lost.options.data, { recursive: true });
  const code = await shop.joinCode('T2');
  shop.tills.splice(shop.tills.indexOf(lost), 1);
  const startedMs = performance.now();
  const fresh = await shop.addTillWith('T2', `${code}@127.0.0.1:${shop.syncPort}`, 'T2-anew');
  figures.catalogueMs = performance.now() - startedMs;
  await sell(fresh);
  figures.firstSaleMs = performance.now() - startedMs;
  await until(
    'all journals',
    async () => ((await fresh.status()).documents === sold ? true : undefined),
    600_000,
  );
  figures.allJournalsMs = performance.now() - startedMs;
  said(JSON.stringify(figures));
} finally {
  await shop.close();
}
