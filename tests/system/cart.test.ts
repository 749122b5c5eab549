/** The cart of a real register over its screens' routes, with `kill -9` wherever a cashier could lose something by it. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { catalogShards } from '#lib/documents/catalog-shards.ts';
import { names } from '#lib/documents/names.ts';
import { orgKeys } from '#lib/documents/org-keys.ts';
import { prepareDirectory, sampleHeadOffice, sampleStore } from '#lib/register/sample-register.ts';
import { hashPin } from '#lib/trust/pin-hash.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import { keptPort } from './ports.ts';
import { TillProcess } from './till-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tillmesh-cart-'));
const data = join(root, 'data');
const pin = '4711';
let till: TillProcess;
let cookie = '';

beforeAll(async () => {
  const company = await SampleCompany.create('cart');
  const office = await sampleHeadOffice(company);
  const ann = { id: 'ann', name: 'Ann', roles: ['cashier'], pinHash: hashPin(pin, randomBytes) };
  office.write(names.org(), { [orgKeys.operator(sampleStore, 'ann')]: ann });
  const shards = Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard));
  office.release(2, [names.org(), ...shards]);
  prepareDirectory(office, {
    directory: data,
    company,
    terminal: await company.terminal(sampleStore, 'T1'),
  });
  till = new TillProcess({
    store: sampleStore,
    terminal: 'T1',
    data,
    witness: join(root, 'witness'),
    meshPort: await keptPort(),
    peers: () => [],
  });
  await start();
});
afterAll(async () => {
  await till.stop();
  rmSync(root, { recursive: true });
});

const cartSchema = z.object({
  cart: z.string(),
  totalMinor: z.number(),
  lines: z.array(z.object({ id: z.string(), sku: z.string(), quantityMilli: z.number() })),
});
const changedSchema = z.object({ outcome: z.literal('done'), cart: cartSchema });
const paidSchema = z.object({
  outcome: z.enum(['done', 'repeated']),
  number: z.string(),
  totalMinor: z.number(),
  cart: cartSchema,
});

async function ask<Body>(
  schema: z.ZodType<Body>,
  method: string,
  path: string,
  body?: object,
): Promise<Body> {
  const at = `http://127.0.0.1:${till.process.ready.ui ?? 0}`;
  const answer = await fetch(`${at}/screen/${path}`, {
    method,
    headers: { 'content-type': 'application/json', origin: at, cookie },
    ...(body && { body: JSON.stringify(body) }),
  });
  const set = answer.headers.get('set-cookie');
  if (set) cookie = set.split(';', 1)[0] ?? '';
  return schema.parse(await answer.json());
}

/** Starts the till and signs in: sessions end with the process. */
async function start(): Promise<void> {
  await till.start();
  await ask(z.looseObject({ state: z.literal('open') }), 'POST', 'session', {
    operator: 'ann',
    pin,
  });
}
async function killAndStart(): Promise<void> {
  await till.kill();
  await start();
}

const cart = () => ask(cartSchema, 'GET', 'cart');
const add = (line: string, sku: string) =>
  ask(changedSchema, 'POST', 'cart', { kind: 'add', line, sku, quantityMilli: 1_000 });
const pay = (shown: z.infer<typeof cartSchema>) =>
  ask(paidSchema, 'POST', 'pay', {
    cart: shown.cart,
    totalMinor: shown.totalMinor,
    tenders: [{ kind: 'cash', givenMinor: 100_000 }],
  });

test('each line that was answered is there after a kill at once, and comes once', async () => {
  for (const [n, sku] of ['TEA', 'CUP', 'TEA'].entries()) {
    const answered = await add(`line-${n}`, sku);
    await killAndStart();
    expect(await cart()).toEqual(answered.cart);
    expect((await add(`line-${n}`, sku)).cart).toEqual(answered.cart);
  }
  expect((await cart()).lines.map(({ sku, quantityMilli }) => [sku, quantityMilli])).toEqual([
    ['TEA', 2_000],
    ['CUP', 1_000],
  ]);
  await pay(await cart());
});

test('P3: killed while it is paid, at any moment, a cart is one sale with one number', async () => {
  const ends = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const before = (await till.status()).documents;
    const shown = (await add(`round-${round}`, 'PEN')).cart;
    // From not yet begun to answered: what came of it is known to nobody here.
    const asked = [pay(shown), pay(shown)].map((one) => one.catch(() => undefined));
    if (round % 3 === 1) await new Promise((resolve) => setImmediate(resolve));
    if (round % 3 === 2) await Promise.race(asked);
    await killAndStart();
    const answers = (await Promise.all(asked)).flatMap((answer) => answer ?? []);
    const paid = await pay(shown);
    ends.add(paid.outcome);
    expect([paid.totalMinor, paid.cart.lines]).toEqual([shown.totalMinor, []]);
    for (const answer of answers) expect(answer.number).toBe(paid.number);
    expect((await till.status()).documents).toBe(before + 1);
    expect((await cart()).lines).toEqual([]);
  }
  // At least one was recorded before its kill.
  expect(ends).toContain('repeated');
});
