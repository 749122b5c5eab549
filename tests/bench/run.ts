/**
 * `npm run bench`: what the product promises in milliseconds, on real processes and a real disk, with the disk's own limit in
 * the same run. Prints a table and, with --json, one object. A bench judges nothing: it reports target and figure.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { JournalKey, Sku } from '#lib/domain/ids.ts';
import type { Product } from '#lib/domain/product.ts';
import { plainSettings } from '#lib/domain/settings.ts';
import { ApiClient } from '../../src/cli/api-client.ts';
import { spawnProcess, type ReadyProcess } from '../../src/cli/processes.ts';
import { until } from '../system/until.ts';
import { round, spread, type Spread } from './statistics.ts';
import { BenchTill } from './till.ts';

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sales: { type: 'string', default: '400' },
    products: { type: 'string', default: '20000' },
    history: { type: 'string', default: '10000' },
  },
});
const directory = mkdtempSync(join(tmpdir(), 'tillmesh-bench-'));
const anything = z.unknown();
const words = [
  'white',
  'hanging',
  'heart',
  'lantern',
  'metal',
  'cream',
  'cupid',
  'holder',
  'red',
  'retro',
  'spot',
  'bag',
  'jumbo',
  'union',
  'jack',
  'mug',
  'blue',
  'polka',
  'dot',
  'wrap',
];
const word = (n: number) => words[n % words.length] ?? '';
const catalogue: Product[] = Array.from({ length: Number(values.products) }, (_, i) => ({
  sku: `P${i + 1}` as Sku,
  names: `${word(i)} ${word(Math.floor(i / 20))} ${word(Math.floor(i / 400))} ${i + 1}`,
  barcodes: [],
  prices: [{ unitPriceE4: 10_000 + (i % 997) * 100 }],
  active: true,
}));

type Sold = { acks: number[]; limits: number[]; begun: [number, number][]; ms: number };
type Seen = { seen: [number, number][]; confirmed: [number, number][]; cursor: number };
type Started = { journal: JournalKey; mesh: number };
const rows: { figure: string; target: string; measured: unknown }[] = [];
const report = (figure: string, target: string, measured: unknown) => {
  rows.push({ figure, target, measured });
  process.stderr.write(`${figure.padEnd(62)} ${target.padEnd(26)} ${JSON.stringify(measured)}\n`);
};

let relay: ReadyProcess | undefined;
const tills: BenchTill[] = [];
try {
  relay = await spawnProcess(
    ['relay', '--data', join(directory, 'relay'), '--api', '127.0.0.1:0', '--sync', '127.0.0.1:0'],
    { name: 'relay' },
  );
  const api = ApiClient.forDirectory(
    `http://127.0.0.1:${relay.ready.api ?? 0}`,
    join(directory, 'relay'),
  );
  await api.put('/api/settings/S01', { name: 'Bench', ...plainSettings('EUR') }, anything);
  await api.put(
    '/api/operators/S01',
    { operators: [{ id: 'max', name: 'Max', pin: '482916', roles: ['manager'] }] },
    anything,
  );
  await api.put('/api/catalog', { products: catalogue }, anything);
  const start = async (terminal: string, peers: number[]) => {
    const { code } = await api.post(
      '/api/join-codes',
      { store: 'S01', terminal },
      z.object({ code: z.string() }),
    );
    const till = new BenchTill();
    tills.push(till);
    const started = await till.ask<Started>({
      kind: 'start',
      options: {
        data: join(directory, terminal, 'data'),
        ui: { host: '127.0.0.1', port: 0 },
        mesh: { host: '127.0.0.1', port: 0 },
        join: { code, host: '127.0.0.1', port: relay?.ready.sync ?? 0 },
        peers: peers.map((port) => ({ host: '127.0.0.1', port })),
        discovery: false,
        witness: join(directory, 'witness'),
        allowHosts: [],
        logLevel: 'warn',
        version: 'bench',
      },
    });
    await until(
      'the catalogue',
      async () =>
        (await till.ask<{ products: number }>({ kind: 'state' })).products === catalogue.length
          ? true
          : undefined,
      180_000,
    );
    return { till, ...started };
  };
  const a = await start('T1', []);
  const b = await start('T2', [a.mesh]);
  await until('the link', async () =>
    (await b.till.ask<{ peers: string[] }>({ kind: 'state' })).peers.length === 2
      ? true
      : undefined,
  );
  await delay(3_000);

  const flow = async (perSecond: number, count: number) => {
    await b.till.ask({ kind: 'watch', journal: a.journal });
    const sold = await a.till.ask<Sold>({
      kind: 'sell',
      count,
      perSecond,
      lines: 5,
      measureLimit: true,
    });
    const last = sold.begun.at(-1)?.[0] ?? 0;
    const there = await until('the last sale on the peer', async () => {
      const now = await b.till.ask<Seen>({ kind: 'seen' });
      return now.cursor >= last ? now : undefined;
    });
    const own = await until('the last copy', async () => {
      const now = await a.till.ask<Seen>({ kind: 'seen' });
      return (now.confirmed.at(-1)?.[0] ?? 0) >= last ? now : undefined;
    });
    const begun = new Map(sold.begun);
    const since = (list: [number, number][]) =>
      list.flatMap(([seq, at]) => {
        const from = begun.get(seq);
        return from === undefined ? [] : [at - from];
      });
    return {
      acks: spread(sold.acks),
      limit: spread(sold.limits),
      peer: spread(since(there.seen)),
      copy: spread(since(own.confirmed)),
    };
  };
  const sales = Number(values.sales);
  await flow(20, 60);
  for (const [perSecond, count] of [
    [1, Math.min(40, sales)],
    [20, sales],
  ] as const) {
    const { acks, limit, peer, copy } = await flow(perSecond, count);
    const ratio = (x: Spread) => round(x.p50 / limit.p50);
    report(`acknowledged (5 lines, ${perSecond}/s), ms`, 'p50 ≤ 4 × limit, p99 ≤ 15', {
      ...acks,
      limit,
      ratio: ratio(acks),
    });
    report(`on a LAN peer's screen model, ${perSecond}/s, ms`, 'p50 ≤ 4, p99 ≤ 20', peer);
    report(`copy confirmed, ${perSecond}/s, ms`, 'p50 ≤ 6', copy);
  }

  const names = { a: 'S01-T1', b: 'S01-T2', hq: 'HQ-HQ1' };
  await a.till.ask({ kind: 'cut', peers: [names.b] });
  await b.till.ask({ kind: 'cut', peers: [names.a, names.hq] });
  await b.till.ask({ kind: 'watch', journal: a.journal });
  const burst = await a.till.ask<Sold>({
    kind: 'sell',
    count: 5_000,
    perSecond: 0,
    lines: 5,
    measureLimit: false,
  });
  report('5,000 sales without a pause: ms, and acknowledgement', '–', {
    ms: Math.round(burst.ms),
    acks: spread(burst.acks),
  });
  await delay(3_000);
  await a.till.ask({ kind: 'heal', peers: [names.b] });
  const healed = await b.till.ask<number>({ kind: 'heal', peers: [names.a] });
  const caught = await until('5,000 sales', async () => {
    const now = await b.till.ask<Seen>({ kind: 'seen' });
    return now.seen.length >= 5_000 ? now : undefined;
  });
  report('5,000 sales caught up, verified and folded, ms', '≤ 1,500', {
    ms: Math.round((caught.seen.at(-1)?.[1] ?? 0) - healed),
    firstMs: Math.round((caught.seen[0]?.[1] ?? 0) - healed),
  });
  await b.till.ask({ kind: 'heal', peers: [names.hq] });

  const history =
    Number(values.history) - (await a.till.ask<{ tip: number }>({ kind: 'state' })).tip;
  if (history > 0)
    await a.till.ask({ kind: 'sell', count: history, perSecond: 0, lines: 5, measureLimit: false });
  const queries = Array.from(
    { length: 1_000 },
    (_, i) =>
      [
        `${word(i).slice(0, 3)} ${word(i * 7).slice(0, 4)}`,
        `P${(i * 13) % catalogue.length}`,
        word(i * 3),
        `${word(i)} ${i}`,
      ][i % 4] ?? '',
  );
  const search = await a.till.ask<{ times: number[]; found: number }>({ kind: 'search', queries });
  report(`search in ${catalogue.length} products, ms`, 'p99 ≤ 10', {
    ...spread(search.times),
    found: search.found,
  });
  await delay(5_000);
  report(
    'RSS of a till after all this, MB',
    '≤ 250 when idle',
    Math.round((await a.till.ask<{ rss: number }>({ kind: 'state' })).rss / 1e6),
  );
  await a.till.end();
  await delay(1_000);

  const data = join(directory, 'T1', 'data');
  const starts: number[] = [];
  const readies: number[] = [];
  for (let i = 0; i < 5; i++) {
    const before = performance.now();
    const till = await spawnProcess(
      [
        'register',
        '--data',
        data,
        '--witness',
        join(directory, 'witness'),
        '--ui',
        '127.0.0.1:0',
        '--mesh',
        '127.0.0.1:0',
        '--no-discovery',
      ],
      { name: 'register' },
    );
    readies.push(performance.now() - before);
    const client = ApiClient.forDirectory(`http://127.0.0.1:${till.ready.ui ?? 0}`, data);
    const { products } = await client.get(
      '/api/products?q=heart&limit=1',
      z.object({ products: z.array(anything) }),
    );
    starts.push(performance.now() - before);
    if (products.length !== 1) throw new Error('no product found');
    if (i === 4) {
      await delay(10_000);
      const status = readFileSync(`/proc/${till.pid}/status`, 'utf8');
      const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) * 1_024;
      report('RSS of a till, started and idle for 10 s, MB', '≤ 250', Math.round(rss / 1e6));
    }
    await till.stop();
  }
  report(
    `process start to ready (${catalogue.length} products, ${values.history} sales), ms`,
    '–',
    spread(readies),
  );
  report('process start to first product found, ms', '≤ 600', spread(starts));
} finally {
  for (const till of tills) await till.end().catch(() => undefined);
  await relay?.stop();
  rmSync(directory, { recursive: true, force: true });
}

const archive = await new Promise<string>((resolve, reject) => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./archive.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (data: Buffer) => (text += data.toString()));
  child.on('exit', (code) =>
    code === 0 ? resolve(text) : reject(new Error(`archive bench ended with ${code}`)),
  );
});
report('archive', '≥ 6,000 sales/s', JSON.parse(archive.slice(archive.indexOf('{'))));
if (values.json) process.stdout.write(`${JSON.stringify(rows)}\n`);
