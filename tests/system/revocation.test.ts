/**
 * N9 with real processes: a till that head office revokes is refused by relay and tills alike, also by one that heard of it
 * on the LAN alone, before and after restarts; what it had sold is kept, counted and flagged; a replacement is welcome.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { catalogue } from '#lib/domain/errors.ts';
import { refusals } from '#lib/domain/refusals.ts';
import { verifyDirectory } from '#lib/register/verify.ts';
import { openShop } from './one-shop.ts';
import { operator, plannedSale } from './sales.ts';
import { store, type Shop } from './shop.ts';
import type { TillProcess } from './till-process.ts';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

function revoke(
  shop: Shop,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number; out: string; err: string }>();
  const at = ['--data', shop.relayDirectory, '--api', shop.relayApi.url.replace('http://', '')];
  const given = [main, 'revoke', ...args, ...at];
  execFile(process.execPath, given, (error, out, err) =>
    resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
  );
  return promise;
}

let sold = 0;
const sale = () => plannedSale(`revocation-${++sold}`, [[1, 1]]).command;

const meshSchema = z.object({
  peers: z.array(
    z.looseObject({
      terminal: z.string(),
      linked: z.boolean(),
      dials: z.array(z.looseObject({ cause: z.string().optional() })),
    }),
  ),
  events: z.array(
    z.looseObject({
      kind: z.string(),
      peer: z.string().optional(),
      revoked: z.boolean().optional(),
    }),
  ),
});

/** The screen of a till or of head office, to an operator who has signed in there. */
async function screenOf(at: string) {
  const headers = { 'content-type': 'application/json', origin: at };
  const body = JSON.stringify({ operator: operator.id, pin: operator.pin });
  const session = await fetch(`${at}/screen/session`, { method: 'POST', headers, body });
  const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? '';
  return async (path: string, given?: object) => {
    const answer = await fetch(`${at}/screen/${path}`, {
      headers: { ...headers, cookie },
      ...(given && { method: 'POST', body: JSON.stringify(given) }),
    });
    return { status: answer.status, body: (await answer.json()) as unknown };
  };
}
const atTill = (till: TillProcess) => screenOf(`http://127.0.0.1:${till.process.ready.ui ?? 0}`);

async function meshOf(till: TillProcess) {
  const ask = await atTill(till);
  return meshSchema.parse((await ask('mesh')).body);
}

/** Who tells this till that it was revoked, since the process began. */
async function toldBy(till: TillProcess): Promise<string[]> {
  const { events } = await meshOf(till);
  const names = events
    .filter(({ kind, revoked }) => kind === 'turnedAway' && revoked === true)
    .map(({ peer = '' }) => peer.slice(0, peer.lastIndexOf('-')));
  return [...new Set(names)].sort();
}

const linked = (till: TillProcess, names: readonly string[]) =>
  until(`${till.name} with ${names.join(' and ') || 'nobody'}`, async () =>
    (await till.linkedWith()).join() === names.join() ? true : undefined,
  );

const flags = async (till: TillProcess) => (await till.status()).flags['beyond-revocation'] ?? 0;

test('N9: a revoked till is refused everywhere, what it sold counts, and its replacement is welcome', async () => {
  const shop = await openShop(3);
  const [lost, other, lan] = [shop.till('T1'), shop.till('T2'), shop.till('T3')];
  for (const till of shop.tills) await till.execute(sale());
  await shop.agreed(3);
  const { principal = '' } =
    (await other.status()).peers.find((peer) => peer.principal.startsWith('S01-T1-')) ?? {};

  // Stolen: nobody sees it. T3 sees nobody either, and hears nothing of what follows.
  await lost.cut('HQ-HQ1', other.name, lan.name);
  await lan.cut('HQ-HQ1', other.name, lost.name);
  await linked(lan, []);
  await linked(lost, []);
  await lost.execute(sale());
  await lost.execute(sale());

  // What head office says no to.
  for (const [name, why] of [
    ['S01-T9', refusals.TERMINAL_UNKNOWN],
    ['HQ-HQ1', refusals.REVOKE_HEAD_OFFICE],
  ] as const) {
    const refused = await revoke(shop, name, '--reason', 'lost');
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toContain(catalogue.REVOCATION_REFUSED);
    expect(refused.err).toContain(why);
  }
  const done = await revoke(shop, lost.name, '--reason', 'stolen');
  expect([done.code, done.err]).toEqual([0, '']);
  expect(done.out).toMatch(/^S01-T1 is revoked \(stolen\)/);
  const key = /Its key was ([0-9a-f]{12})/.exec(done.out)?.[1] ?? '';
  // Twice is once.
  const again = await revoke(shop, lost.name, '--reason', 'lost');
  expect([again.code, again.out]).toMatchObject([0, expect.stringContaining('was revoked before')]);
  expect(again.out).toContain('(stolen)');

  // T2 has heard of it from head office: the till is nobody whom it misses.
  await until('T2', async () =>
    (await other.status()).peers.some((peer) => peer.principal === principal) ? undefined : true,
  );
  expect((await shop.relayStatus()).peers.map((peer) => peer.principal)).not.toContain(principal);
  expect(await flags(other)).toBe(0);

  // T3 has not: what the lost till sold before it knew comes in there, from a till like any other.
  await shop.heal(lan, lost);
  await until('the sales of the lost till', async () =>
    (await lan.status()).documents === 5 ? true : undefined,
  );
  expect((await lost.status()).revoked).toBeUndefined();
  await lost.execute(sale());
  await until('one more', async () => ((await lan.status()).documents === 6 ? true : undefined));

  // Head office is away; T3 hears of it from T2 alone.
  await shop.stopRelay();
  await lan.heal(other.name);
  await until('the cut-off', async () =>
    (await lan.linkedWith()).join() === other.name ? true : undefined,
  );
  await linked(lost, []);
  // It is told why, by head office's signature, and stops by itself; what is there can be read.
  const told = await until('the revoked till', async () => (await lost.status()).revoked);
  expect(told.reason).toBe('stolen');
  const refused = await lost.send(sale());
  expect([refused.status, refused.body]).toMatchObject([
    409,
    { outcome: 'refused', code: 'TERMINAL_REVOKED' },
  ]);
  expect(await lost.documents()).toHaveLength(6);
  const onScreen = await atTill(lost);
  const scanned = await onScreen('cart', {
    kind: 'add',
    line: '0123456789abcdef',
    sku: 'P1',
    quantityMilli: 1_000,
  });
  expect([scanned.status, scanned.body]).toMatchObject([409, { code: 'TERMINAL_REVOKED' }]);
  expect(await onScreen('status')).toMatchObject({ status: 200, body: { revoked: told } });
  for (const till of [other, lan])
    await until(`the flag at ${till.name}`, async () => (await flags(till)) === 1 || undefined);

  // It tries everybody.
  await shop.startRelay();
  await lost.heal('HQ-HQ1', other.name, lan.name);
  await lan.heal('HQ-HQ1', lost.name);
  await linked(lan, ['HQ-HQ1', 'S01-T2']);
  await until('all to refuse it', async () =>
    (await toldBy(lost)).join() === 'HQ-HQ1,S01-T2,S01-T3' ? true : undefined,
  );
  const { peers } = await meshOf(lost);
  expect(peers.filter((peer) => peer.linked)).toEqual([]);
  expect(peers.find((peer) => peer.terminal === 'HQ1')?.dials).toMatchObject([
    { cause: 'revoked' },
  ]);

  // After restarts of everybody, head office and itself included.
  for (const till of shop.tills) await till.restart();
  await shop.stopRelay();
  await shop.startRelay();
  expect((await lost.status()).revoked?.reason).toBe('stolen');
  await linked(other, ['HQ-HQ1', 'S01-T3']);
  await until('all to refuse it again', async () =>
    (await toldBy(lost)).join() === 'HQ-HQ1,S01-T2,S01-T3' ? true : undefined,
  );
  expect((await lost.send(sale())).status).toBe(409);

  // A new device under the old name.
  const fresh = await shop.addTill('T1', 'T1-replaced');
  await linked(fresh, ['HQ-HQ1', 'S01-T2', 'S01-T3']);
  await fresh.execute(sale());
  await lost.stop();
  const { flags: shown } = await shop.agreed(7);
  expect(shown).toMatchObject({ 'beyond-revocation': 1 });
  expect((await shop.relayStatus()).flags).toEqual(shown);
  // Entries may come before the notice that makes a flag of them.
  for (const till of [other, lan, fresh])
    await until(`the flags at ${till.name}`, async () =>
      JSON.stringify((await till.status()).flags) === JSON.stringify(shown) ? true : undefined,
    );
  expect((await fresh.status()).revoked).toBeUndefined();
  // Its name means two by now, of which one is revoked already.
  const old = await revoke(shop, 'S01-T1', '--reason', 'lost', '--key', key);
  expect([old.code, old.out]).toMatchObject([0, expect.stringContaining('was revoked before')]);
  await linked(fresh, ['HQ-HQ1', 'S01-T2', 'S01-T3']);

  // A manager does the same on head office's screen; this time the till is linked, and hears it at once.
  const atHeadOffice = await screenOf(shop.relayApi.url);
  const ask = { store, terminal: lan.terminal, reason: 'retired' };
  const { status, body } = await atHeadOffice('hq/revocations', ask);
  expect([status, body]).toMatchObject([200, { outcome: 'done', terminal: 'T3' }]);
  const heard = await until('T3', async () => (await lan.status()).revoked);
  expect(heard.reason).toBe('retired');
  await linked(lan, []);
  await linked(other, ['HQ-HQ1', 'S01-T1']);
  await linked(fresh, ['HQ-HQ1', 'S01-T2']);
  expect((await other.status()).flags).toEqual(shown);
  const audit = readFileSync(join(shop.relayDirectory, 'logs', 'relay.log'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('revocation of a terminal'))
    .map((line) => z.looseObject({ by: z.string(), outcome: z.string() }).parse(JSON.parse(line)));
  expect(audit.map(({ by, outcome }) => `${by} ${outcome}`)).toEqual([
    'api refused',
    'api refused',
    'api done',
    'api repeated',
    'api repeated',
    `${operator.id} done`,
  ]);

  // What verify makes of it is what the tills showed.
  for (const till of shop.tills) await till.stop();
  await shop.stopRelay();
  for (const directory of [...shop.tills.map(({ options }) => options.data), shop.relayDirectory]) {
    const { problems, stores } = await verifyDirectory(directory);
    expect([problems, stores]).toMatchObject([[], [{ projections: 'equal', behind: 0 }]]);
  }
}, 240_000);
