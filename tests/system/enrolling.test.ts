/** With real processes: a till that lets others in while head office is away, and a new issuing key of the company. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Authority } from '#lib/trust/authority.ts';
import { openShop } from './one-shop.ts';
import { plannedSale, products } from './sales.ts';
import type { Shop } from './shop.ts';
import type { TillProcess } from './till-process.ts';
import { until } from './until.ts';

type Ended = { readonly code: number; readonly out: string; readonly err: string };

function tillmesh(...args: readonly string[]): Promise<Ended> {
  const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
    });
  });
}

const apiOf = (url: string): string => new URL(url).host;
const grant = (shop: Shop, till: string, terminals: string): Promise<Ended> =>
  tillmesh(
    ...['issuer', 'grant', till, '--terminals', terminals, '--json'],
    ...['--data', shop.relayDirectory, '--api', apiOf(shop.relayApi.url)],
  );
const newCode = (till: TillProcess): Promise<Ended> =>
  tillmesh(
    ...['join-code', 'new', '--json'],
    ...['--data', till.options.data, '--ui', apiOf(till.api.url)],
  );

/** `CODE@host:port` for the next number of this till, which must be the one that is expected. */
async function codeAt(till: TillProcess, terminal: string): Promise<string> {
  const told = await until('the right to enrol', async () => {
    const { code, out } = await newCode(till);
    return code === 0 ? (JSON.parse(out) as Record<string, unknown>) : undefined;
  });
  expect(told).toMatchObject({ store: 'S01', terminal, port: till.options.meshPort });
  return `${String(told.code)}@127.0.0.1:${till.options.meshPort}`;
}

const sell = (till: TillProcess, id: string) =>
  till.execute(plannedSale(`${id}-of-${till.terminal}`, [[1, 1]]).command);

test('P2: with head office away a till enrols another, a third accepts it, and all is archived later', async () => {
  const shop = await openShop(2);
  const [t1, t2] = [shop.till('T1'), shop.till('T2')];
  expect((await newCode(t1)).err).toMatch(/may not enrol others/);

  expect(await grant(shop, 'S01-T1', '10-12')).toMatchObject({ code: 0, err: '' });
  // A number is one till's to give: neither another grant nor head office's own code takes it away.
  expect((await grant(shop, 'S01-T2', '12-20')).err).toMatch(/name a range that nobody has/);
  expect((await grant(shop, 'S01-T1', '2-3')).err).toMatch(/name a range that nobody has/);
  expect((await grant(shop, 'S01-T9', '30-39')).err).toMatch(/No such peer/);
  await expect(shop.joinCode('T11')).rejects.toThrow(/A till of the store gives this number/);
  const first = await codeAt(t1, 'T10');

  await shop.stopRelay();
  // Before anybody knows of it, T2 is started anew, so that it has never heard of anything but the store's roster.
  await t2.restart();
  const t10 = await shop.addTillWith('T10', first);
  expect((await sell(t10, 'first')).number).toMatch(/^S01-T10A-/);
  await until('T2 and the new till', async () =>
    (await t2.linkedWith()).includes('S01-T10') ? true : undefined,
  );
  await sell(t2, 'other');
  await shop.agreed(2);

  // The code is used up, also for whoever starts the enrolling till anew; the next one is for the next number.
  await t1.restart();
  await expect(shop.addTillWith('T10', first, 'thief')).rejects.toThrow(/used already/);
  shop.tills.pop();
  const t11 = await shop.addTillWith('T11', await codeAt(t1, 'T11'));
  await sell(t11, 'first');
  await shop.agreed(3);

  await shop.startRelay();
  await shop.agreed(3);
  const letters = (await t2.documents()).map(({ number }) => number.replace(/-\d+$/, ''));
  expect(new Set(letters).size).toBe(3);
  // What is known at head office may be replaced there, with a letter of its own.
  const again = await shop.replaceTill('T10', 'T10-anew');
  expect((await sell(again, 'second')).number).toMatch(/^S01-T10B-/);
});

test('a directory of the first version: its tills stay, whether a new key is made or not', async () => {
  const shop = await openShop(1, async (relayDirectory) => {
    const random = (length: number) => new Uint8Array(randomBytes(length));
    const root = await Authority.create({ random, nowMs: Date.now() });
    mkdirSync(relayDirectory, { recursive: true, mode: 0o700 });
    const pem = root.privateKeyPem() + root.certificatePem;
    writeFileSync(join(relayDirectory, 'authority.pem'), pem, { mode: 0o600 });
  });
  const certificates = (till: TillProcess): number =>
    readFileSync(join(till.options.data, 'identity', 'terminal.pem'), 'utf8').split('BEGIN')
      .length - 1;
  const t1 = shop.till('T1');
  expect(certificates(t1)).toBe(1);
  await sell(t1, 'before');
  await shop.stopRelay();
  // Nothing is asked for: the root lay open.
  const rotated = await tillmesh('ca', 'rotate', '--json', '--data', shop.relayDirectory);
  const recovery = join(shop.relayDirectory, 'company-recovery.txt');
  expect(JSON.parse(rotated.out)).toMatchObject({ recovery });
  await shop.startRelay();
  expect(shop.relay.ready).toMatchObject({ recovery });
  const t2 = await shop.addTill('T2');
  expect(certificates(t2)).toBe(2);
  await sell(t1, 'after');
  await sell(t2, 'after');
  await shop.agreed(3);
});

test('a new issuing key: those that are enrolled stay, new ones join, the passphrase is needed', async () => {
  const shop = await openShop(1);
  const rotate = (...args: string[]) =>
    tillmesh('ca', 'rotate', '--json', '--data', shop.relayDirectory, ...args);
  const inRelay = (name: string): string => join(shop.relayDirectory, name);
  const recovery = inRelay('company-recovery.txt');
  const paper = join(shop.directory, 'paper.txt');
  writeFileSync(paper, /^ {4}(\S+)$/m.exec(readFileSync(recovery, 'utf8'))?.[1] ?? '');
  rmSync(recovery);
  expect((await rotate('--passphrase-file', paper)).err).toMatch(/in use by another process/);
  await shop.stopRelay();

  const before = readFileSync(inRelay('authority.pem'), 'utf8');
  const wrong = join(shop.directory, 'wrong.txt');
  writeFileSync(wrong, 'AAAA-AAAA-AAAA-AAAA-AAAA-AAAA');
  expect((await rotate('--passphrase-file', wrong)).err).toMatch(/passphrase does not open/);
  expect(readFileSync(inRelay('authority.pem'), 'utf8')).toBe(before);
  expect(await rotate('--passphrase-file', paper)).toMatchObject({ code: 0, err: '' });
  expect(readFileSync(inRelay('authority.pem'), 'utf8')).not.toBe(before);

  // The relay's own key, which signs releases, stands under the new one from now on.
  const ownOf = () => readFileSync(inRelay('identity/terminal.pem'), 'utf8');
  const [own, issuing] = [ownOf(), (pem: string) => pem.split('-----BEGIN').at(-1)];
  await shop.startRelay();
  expect(issuing(ownOf())).not.toBe(issuing(own));
  const put = { products: [...products, { ...products[0], sku: 'NEW' }] };
  await shop.relayApi.put('/api/catalog', put, z.unknown());
  await until('P7: the new key’s release', async () =>
    (await shop.till('T1').knows('NEW')) ? true : undefined,
  );
  const t2 = await shop.addTill('T2');
  await sell(t2, 'new');
  await sell(shop.till('T1'), 'old');
  await shop.agreed(2);
});
