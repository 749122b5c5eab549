/**
 * `node tests/bench/replace.ts`: a shop of real processes with a large catalogue and a day's sales; one till dies, its directory
 * and witness are lost, and another takes its place with head office away. From the code typed to the first sale
 * acknowledged, and to every old sale folded. A bench judges nothing: it reports target and figure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Sku } from '#lib/domain/ids.ts';
import type { Product } from '#lib/domain/product.ts';
import type { StartProgress } from '#lib/host/start-progress.ts';
import { ApiClient } from '../../src/cli/api-client.ts';
import { operator } from '../system/sales.ts';
import { Shop } from '../system/shop.ts';
import { statusSchema, type TillProcess } from '../system/till-process.ts';
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
const sell = (till: TillProcess): Promise<void> => sellAt(till.api);
async function sellAt(api: ApiClient): Promise<void> {
  const n = ++sold;
  const { sku, prices } = catalogue[(n * 7) % catalogue.length] ?? {};
  const amountMinor = Math.round((prices?.[0]?.unitPriceE4 ?? 0) / 100);
  const { status } = await api.send('POST', '/api/commands', {
    kind: 'CompleteSale',
    command: `replace-bench-${n}`,
    by: operator.id,
    lines: [{ sku: sku ?? ('P1' as Sku), quantityMilli: 1_000 }],
    tenders: [{ kind: 'cash', amountMinor }],
  });
  if (status !== 200) throw new Error(`sale ${n}: ${status}`);
}

/** A new machine with its page open; who stops it ends the till that it has become. */
async function setup({ directory, tills }: Shop) {
  const data = join(directory, 'T2-anew');
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  const child = spawn(
    process.execPath,
    [
      ...[main, 'register', '--data', data, '--witness', join(directory, 'witness-anew')],
      ...['--ui', '127.0.0.1:0', '--mesh', '127.0.0.1:0', '--no-discovery', '--until-stdin-closes'],
      ...tills.flatMap(({ options }) => ['--peer', `127.0.0.1:${options.meshPort}`]),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const { ui } = JSON.parse(line) as { ui: number };
  const at = `http://127.0.0.1:${ui}`;
  return {
    api: () => ApiClient.forDirectory(at, data),
    async join(text: string): Promise<void> {
      const answer = await fetch(`${at}/screen/setup`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: at },
        body: JSON.stringify({ text, at: '' }),
      });
      if (!answer.ok) throw new Error(await answer.text());
    },
    /** What the page asks, as often as it asks. */
    async isReady(): Promise<boolean> {
      const answer = await fetch(`${at}/screen/progress`).catch(() => undefined);
      return answer?.ok === true && ((await answer.json()) as StartProgress).step === 'ready';
    },
    async stop(): Promise<void> {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
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
  for (const gone of [lost.options.data, lost.options.witness])
    rmSync(gone, { recursive: true, force: true });
  shop.tills.splice(shop.tills.indexOf(lost), 1);
  const code = await shop.replacementCode('T2');
  const fresh = await setup(shop);

  // Somebody presses Join.
  const startedMs = performance.now();
  const since = (): number => performance.now() - startedMs;
  await fresh.join(`${code}@127.0.0.1:${shop.syncPort}`);
  figures.joinedMs = since();
  // From here on the tills of the shop are all that it has.
  const leaving = shop.stopRelay();
  await until('the catalogue', async () => (await fresh.isReady()) || undefined, 600_000);
  figures.readyMs = since();
  await sellAt(fresh.api());
  figures.firstSaleMs = since();
  await leaving;
  const wanted = sold;
  await until(
    'all journals',
    async () =>
      (await fresh.api().get('/api/status', statusSchema)).documents >= wanted || undefined,
    600_000,
  );
  figures.allJournalsMs = since();
  await fresh.stop();
  const rows = [
    ['code typed → joined', '', figures.joinedMs],
    ['code typed → page says “Ready to sell”', '', figures.readyMs],
    ['code typed → first sale acknowledged', '≤ 120 s', figures.firstSaleMs],
    [`code typed → all ${wanted} documents counted`, '', figures.allJournalsMs],
  ] as const;
  if (values.json)
    process.stdout.write(`${JSON.stringify({ products: catalogue.length, sales, ...figures })}\n`);
  else
    for (const [what, target, ms] of rows)
      said(`${what.padEnd(50)} ${target.padEnd(10)} ${seconds(ms ?? 0)} s`);
} finally {
  await shop.close();
}
