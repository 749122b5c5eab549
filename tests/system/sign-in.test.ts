/** X1 and X2 against a real register: guessing PINs by HTTP with kills in between, and what a foreign page can do. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { orgKeys } from '#lib/documents/org-keys.ts';
import { names } from '#lib/documents/names.ts';
import { limits } from '#lib/domain/limits.ts';
import { prepareDirectory, sampleHeadOffice, sampleStore } from '#lib/register/sample-register.ts';
import { hashPin } from '#lib/trust/pin-hash.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import { keptPort } from './ports.ts';
import { TillProcess } from './till-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tillmesh-sign-in-'));
const data = join(root, 'data');
const pins: Readonly<Record<string, string>> = { ann: '4711', max: '5812' };
let till: TillProcess;

beforeAll(async () => {
  const company = await SampleCompany.create('sign-in');
  const office = await sampleHeadOffice(company);
  for (const [id, role] of [
    ['ann', 'cashier'],
    ['max', 'manager'],
  ] as const) {
    office.write(names.org(), {
      [orgKeys.operator(sampleStore, id)]: {
        id,
        name: id,
        roles: [role],
        pinHash: hashPin(pins[id] ?? '', randomBytes),
      },
    });
  }
  office.release(2, [names.org()]);
  const terminal = await company.terminal(sampleStore, 'T1');
  prepareDirectory(office, { directory: data, company, terminal });
  till = new TillProcess({
    store: sampleStore,
    terminal: 'T1',
    data,
    witness: join(root, 'witness'),
    meshPort: await keptPort(),
    peers: () => [],
  });
  await till.start();
});
afterAll(async () => {
  await till.stop();
  rmSync(root, { recursive: true });
});

const answerSchema = z.looseObject({
  code: z.string().optional(),
  state: z.string().optional(),
  error: z.looseObject({ code: z.string() }).optional(),
});

async function ask(method: string, path: string, body?: object, more: Record<string, string> = {}) {
  const at = `http://127.0.0.1:${till.process.ready.ui ?? 0}`;
  const answer = await fetch(`${at}/screen/${path}`, {
    method,
    headers: { 'content-type': 'application/json', origin: at, ...more },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const read = answerSchema.parse(await answer.json());
  return { status: answer.status, cookie: answer.headers.get('set-cookie'), ...read };
}
const signIn = (operator: string, pin = pins[operator] ?? '0000') =>
  ask('POST', 'session', { operator, pin });

test('P2: signs in with nothing but its own disk, and the cookie opens what a role allows', async () => {
  const { status, state, cookie } = await signIn('ann');
  expect([status, state]).toEqual([200, 'open']);
  expect(cookie).toMatch(/^tillmesh-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const own = { cookie: cookie?.split(';', 1)[0] ?? '' };
  expect((await ask('GET', 'status', undefined, own)).status).toBe(200);
  expect((await ask('GET', 'status')).error?.code).toBe('SIGN_IN_NEEDED');
  expect(await ask('POST', 'mesh/cut', { peer: 'S01-T2' }, own)).toMatchObject({
    status: 403,
    code: 'NOT_PERMITTED',
  });
  const foreign = await ask('POST', 'lock', {}, { ...own, origin: 'http://evil.example' });
  expect(foreign.error?.code).toBe('ORIGIN_NOT_ALLOWED');
  expect((await ask('GET', 'session', undefined, own)).state).toBe('open');
});

test('X1: 2,000 guesses of four workers, the till killed whenever they have to wait, are ten looked at', async () => {
  const guesses = 2_000;
  let guess = 0;
  let checked = 0;
  let kills = 0;
  let hasToWait = false;
  // Two thirds at one name, the rest at names that nobody bears.
  const work = async (worker: number): Promise<void> => {
    while (guess < guesses && !hasToWait) {
      const pin = String(guess++).padStart(4, '0');
      const name = guess % 3 === 0 ? `guess-${worker}-${pin}` : 'ann';
      const { code, state } = await signIn(name, pin);
      expect(state).toBeUndefined();
      if (name !== 'ann') continue;
      if (code === 'PIN_WRONG') checked++;
      else if (code === 'PIN_DELAYED' && kills < 3) hasToWait = true;
    }
  };
  for (;;) {
    hasToWait = false;
    await Promise.all([0, 1, 2, 3].map(work));
    if (guess >= guesses) break;
    kills++;
    await till.kill();
    await till.start();
  }
  expect(kills).toBe(3);
  expect(checked).toBeGreaterThanOrEqual(limits.pinFreeTries);
  expect(checked).toBeLessThanOrEqual(limits.pinTries);
  // The right PIN does not help while a wait lasts, and nobody else is kept out.
  expect((await signIn('ann')).code).toMatch(/^PIN_(DELAYED|LOCKED)$/);
  const { cookie } = await signIn('max');
  const own = { cookie: cookie?.split(';', 1)[0] ?? '' };
  expect((await ask('POST', 'unlock', { operator: 'ann' }, own)).status).toBe(200);
  expect((await signIn('ann')).state).toBe('open');
});

test('X1: killed while a PIN is being checked, the try counts', async () => {
  for (let n = 0; n < limits.pinFreeTries; n++) {
    const going = signIn('ann', '0000').catch(() => undefined);
    if (n % 2 === 0) await going;
    else {
      await countedOnDisk(going);
      await till.kill();
      await going;
      await till.start();
    }
  }
  expect((await signIn('ann')).code).toBe('PIN_DELAYED');
});

test('X12: the file of counts is the owner’s alone; no PIN, hash or token is in log or status', async () => {
  expect(statSync(join(data, 'wrong-pins.json')).mode & 0o777).toBe(0o600);
  const { cookie } = await signIn('max');
  const token = /=([\w-]{43});/.exec(cookie ?? '')?.[1] ?? '';
  const seen =
    readFileSync(join(data, 'logs', 'register.log'), 'utf8') + JSON.stringify(await till.status());
  expect(token).toHaveLength(43);
  for (const secret of [token, 'argon2id', ...Object.values(pins)]) {
    expect([secret, seen.includes(`"${secret}`)]).toEqual([secret, false]);
  }
});

/** Resolves when a try that was just sent has been counted on disk, or is answered. */
async function countedOnDisk(going: Promise<unknown>): Promise<void> {
  const inode = () => statSync(join(data, 'wrong-pins.json')).ino;
  const before = inode();
  const answered = { is: false };
  void going.finally(() => (answered.is = true));
  while (inode() === before && !answered.is) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
