/**
 * A till that is dead, with all that it had, is replaced with real processes: the code by one command of head office, the new
 * machine by its own page, everything else by the tills of the shop, with head office off and kills in between.
 */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { SetupAnswer } from '#lib/host/setup-services.ts';
import type { StartProgress } from '#lib/host/start-progress.ts';
import { openShop } from './one-shop.ts';
import { keptPort } from './ports.ts';
import { operator, plannedSale } from './sales.ts';
import type { Shop } from './shop.ts';
import type { TillProcess } from './till-process.ts';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const begun: ChildProcess[] = [];
afterEach(async () => {
  for (const child of begun.splice(0)) await killed(child);
});

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function replace(shop: Shop, ...args: readonly string[]): Promise<{ out: string; err: string }> {
  const at = ['--data', shop.relayDirectory, '--api', new URL(shop.relayApi.url).host];
  const given = ['--json', '--at', `127.0.0.1:${shop.syncPort}`];
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'replace', ...args, ...at, ...given], (_error, out, err) => {
      resolve({ out, err });
    });
  });
}

const codeSchema = z.object({ outcome: z.string(), code: z.string() });
const lineSchema = z.looseObject({ role: z.string(), ui: z.number() });

/** A register on a directory that has not joined: its page, and every ready line that it prints. */
async function beginSetup(shop: Shop, data: string, peers: readonly TillProcess[]) {
  const port = await keptPort();
  const child = spawn(
    process.execPath,
    [
      ...[main, 'register', '--data', data, '--witness', join(shop.directory, 'witness-anew')],
      ...['--ui', '127.0.0.1:0', '--mesh', `127.0.0.1:${port}`],
      ...['--no-discovery', '--until-stdin-closes'],
      ...peers.flatMap(({ options }) => ['--peer', `127.0.0.1:${options.meshPort}`]),
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  begun.push(child);
  const lines: z.infer<typeof lineSchema>[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(lineSchema.parse(JSON.parse(line)));
  });
  const [first] = await until('the page', () => (lines.length > 0 ? lines : undefined));
  expect(first?.role).toBe('setup');
  const at = `http://127.0.0.1:${first?.ui ?? 0}`;
  const post = async (text: string, to = ''): Promise<SetupAnswer> => {
    const headers = { 'content-type': 'application/json', origin: at };
    const body = JSON.stringify({ text, at: to });
    const answer = await fetch(`${at}/screen/setup`, { method: 'POST', headers, body });
    return (await answer.json()) as SetupAnswer;
  };
  const progress = async (): Promise<StartProgress | undefined> => {
    const answer = await fetch(`${at}/screen/progress`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as StartProgress) : undefined;
  };
  return { child, port, lines, at, post, progress };
}

async function atScreen(till: TillProcess) {
  const at = `http://127.0.0.1:${till.process.ready.ui ?? 0}`;
  const headers = { 'content-type': 'application/json', origin: at };
  const body = JSON.stringify({ operator: operator.id, pin: operator.pin });
  const session = await fetch(`${at}/screen/session`, { method: 'POST', headers, body });
  const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  return async (path: string, given?: object) => {
    const answer = await fetch(`${at}/screen/${path}`, {
      headers: { ...headers, cookie },
      ...(given && { method: 'POST', body: JSON.stringify(given) }),
    });
    return (await answer.json()) as Record<string, unknown>;
  };
}

let sold = 0;
const sell = (till: TillProcess, product = 1) =>
  till.execute(plannedSale(`replacing-${++sold}`, [[product, 2]]).command);

test('P10, P3: a dead till is replaced: code from head office, all the rest from its peers', async () => {
  const shop = await openShop(3);
  const [t1, lost, t3] = [shop.till('T1'), shop.till('T2'), shop.till('T3')];
  for (let n = 0; n < 6; n++) for (const till of [t1, lost, t3]) await sell(till);
  const old = await sell(lost, 3);
  // A customer stands there when it dies.
  const before = await atScreen(lost);
  const rung = { kind: 'add', line: '0123456789abcdef', sku: 'P5', quantityMilli: 3_000 };
  const { cart: left } = (await before('cart', rung)) as { cart: { cart: string } };
  const atOther = await atScreen(t1);
  const { total, stockHash } = await shop.agreed(19);
  await lost.kill();
  shop.tills.splice(shop.tills.indexOf(lost), 1);
  for (const gone of [lost.options.data, lost.options.witness])
    rmSync(gone, { recursive: true, force: true });

  // Until it is replaced, a supervisor may go on with its cart at any other till.
  await until('the cart of the dead till', async () => {
    const { carts } = (await atOther('carts')) as { carts: { cart: string; state: string }[] };
    return carts.some((one) => one.cart === left.cart && one.state === 'left') || undefined;
  });

  // The command may be given again: the first code is void then.
  const first = codeSchema.parse(JSON.parse((await replace(shop, 'S01-T2')).out));
  const again = await replace(shop, 'S01-T2', '--reason', 'lost');
  const { code } = codeSchema.parse(JSON.parse(again.out));
  expect([first.outcome, first.code === code]).toEqual(['done', false]);

  const data = join(shop.directory, 'T2-anew');
  const hq = `127.0.0.1:${shop.syncPort}`;
  const one = await beginSetup(shop, data, [t1, t3]);
  expect(await one.post('not a code')).toMatchObject({ code: 'CODE_MALFORMED' });
  expect(await one.post(code, 'nowhere at all/')).toMatchObject({ code: 'PLACE_MALFORMED' });
  expect(await one.post(code)).toMatchObject({ code: 'NO_PLACE' });
  expect(await one.post(first.code, hq)).toMatchObject({
    code: expect.stringMatching(/^JOIN_CODE_/),
  });
  expect(await one.post(code, `127.0.0.1:${await keptPort()}`)).toMatchObject({
    code: 'JOIN_UNREACHABLE',
  });
  // A till of the shop that was given no numbers.
  expect(await one.post(code, `127.0.0.1:${t1.options.meshPort}`)).toMatchObject({
    code: 'ENROLLING_NOT_GRANTED',
  });
  await killed(one.child);

  // Begun again; as people type it.
  const two = await beginSetup(shop, data, [t1, t3]);
  const typed = ` ${code.toLowerCase().replaceAll('-', ' ')} @ ${hq} `;
  expect(await two.post(typed)).toMatchObject({ outcome: 'done', store: 'S01', terminal: 'T2' });
  await shop.stopRelay();
  // The same process is the till from here on, at the same address; killed while all is coming.
  await until('the till in place of the page', () => two.lines.length > 1 || undefined);
  expect(two.lines[1]).toMatchObject({ role: 'register', terminal: 'T2', ui: two.lines[0]?.ui });
  const onItsWay = await until('how far it is', two.progress);
  expect(['linking', 'catalogue', 'ready']).toContain(onItsWay.step);
  await killed(two.child);

  const fresh = await shop.tillOn('T2', 'T2-anew');
  await fresh.start();
  const at = `http://127.0.0.1:${fresh.process.ready.ui ?? 0}`;
  await until('all that is needed to sell', async () => {
    const answer = (await (await fetch(`${at}/screen/progress`)).json()) as StartProgress;
    return answer.step === 'ready' || undefined;
  });
  const same = await until('the old journals', async () => {
    const { documents, ...figures } = await fresh.status();
    return documents === 19 ? figures : undefined;
  });
  expect(same).toMatchObject({ total, stockHash, letter: 'B' });

  // Its customer is still there, and pays once.
  const ask = await atScreen(fresh);
  let last: unknown;
  const cart = await until(
    'the cart that was left',
    async () => {
      const shown = (await ask('cart')) as { cart: string; totalMinor: number };
      last = [shown, await ask('carts'), await atOther('carts'), fresh.complaints()];
      return shown.cart === left.cart ? shown : undefined;
    },
    30_000,
    () => last,
  );
  const pay = {
    cart: cart.cart,
    totalMinor: cart.totalMinor,
    tenders: [{ kind: 'card', amountMinor: cart.totalMinor }],
  };
  const paid = await ask('pay', pay);
  expect(paid).toMatchObject({ outcome: 'done', number: 'S01-T2B-S-1' });
  await until('the sale at another till', async () =>
    (await t1.status()).documents === 20 ? true : undefined,
  );
  expect(await atOther('pay', pay)).toMatchObject({ outcome: 'repeated', number: 'S01-T2B-S-1' });

  // Goods of a receipt of the life before come back.
  const back = await fresh.execute({
    kind: 'CompleteReturn',
    command: 'replacing-return',
    by: operator.id,
    of: { journal: old.journal, seq: old.seq },
    lines: [{ ofLine: 0, quantityMilli: 1_000 }],
    tenders: [{ kind: 'cash', amountMinor: 303 }],
  });
  expect(back.number).toBe('S01-T2B-R-1');
  expect((await fresh.documents()).map(({ number }) => number)).toContain(old.number);
  const numbers = (await t3.documents()).map(({ number }) => number);
  expect(new Set(numbers).size).toBe(numbers.length);

  await shop.startRelay();
  const { flags } = await shop.agreed(21);
  expect(flags).not.toHaveProperty('terminal-fork');
  expect(flags).not.toHaveProperty('duplicate-sale');
}, 180_000);
