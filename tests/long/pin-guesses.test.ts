/** X1 at its full length: 10,000 guesses of four workers at every name, the till killed between tries. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { orgKeys } from '#lib/documents/org-keys.ts';
import { names } from '#lib/documents/names.ts';
import { limits } from '#lib/domain/limits.ts';
import { prepareDirectory, sampleHeadOffice, sampleStore } from '#lib/register/sample-register.ts';
import { hashPin } from '#lib/trust/pin-hash.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import { keptPort } from '../system/ports.ts';
import { TillProcess } from '../system/till-process.ts';

const root = mkdtempSync(join(tmpdir(), 'tillmesh-guesses-'));
const people = { ann: ['cashier', '4711'], max: ['manager', '5812'] } as const;
let till: TillProcess;

beforeAll(async () => {
  const company = await SampleCompany.create('guesses');
  const office = await sampleHeadOffice(company);
  for (const [id, [role, pin]] of Object.entries(people))
    office.write(names.org(), {
      [orgKeys.operator(sampleStore, id)]: {
        id,
        name: id,
        roles: [role],
        pinHash: hashPin(pin, randomBytes),
      },
    });
  office.release(2, [names.org()]);
  const terminal = await company.terminal(sampleStore, 'T1');
  const data = join(root, 'data');
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

async function guess(
  operator: string,
  pin: string,
): Promise<{ code?: string; retryAfterMs?: number }> {
  const at = `http://127.0.0.1:${till.process.ready.ui ?? 0}`;
  const answer = await fetch(`${at}/screen/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: at },
    body: JSON.stringify({ operator, pin }),
  });
  return (await answer.json()) as { code?: string; retryAfterMs?: number };
}

test('X1: of 10,000 guesses a till looks at ten for each name that it knows; the last supervisor waits for minutes, not for a lock', async () => {
  const guesses = 10_000;
  const looked: Record<string, number> = { ann: 0, max: 0 };
  let next = 0;
  const work = async (until: number): Promise<void> => {
    while (next < until) {
      const n = next++;
      const name = ['ann', 'max', `nobody-${n}`][n % 3] ?? 'ann';
      // Never the right one: what is asked is how many get looked at.
      const pin = String(n).padStart(5, '0');
      const { code } = await guess(name, pin);
      expect(code).toMatch(/^PIN_/);
      if (code === 'PIN_WRONG' && name in looked) looked[name] = (looked[name] ?? 0) + 1;
    }
  };
  for (const until of [100, 500, 2_000, 6_000, guesses]) {
    await Promise.all([0, 1, 2, 3].map(() => work(until)));
    await till.kill();
    await till.start();
  }
  for (const name of ['ann', 'max']) {
    expect(looked[name]).toBeGreaterThanOrEqual(limits.pinFreeTries);
    expect(looked[name]).toBeLessThanOrEqual(limits.pinTries);
  }
  const { code, retryAfterMs = 0 } = await guess('max', '00000');
  expect(code).toBe('PIN_DELAYED');
  expect(retryAfterMs).toBeLessThanOrEqual(limits.pinLastWaitMs);
});
