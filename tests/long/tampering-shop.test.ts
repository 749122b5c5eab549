/**
 * X11 with real processes: several edits at once in the directory of a stopped till. The command line names them, the till
 * says them at its start, the other till and head office flag them, what they hold comes back, and a person ends it.
 */
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Problem } from '#lib/register/verify-report.ts';
import { closeSegment, openSegment } from '#lib/register/sample-tampering.ts';
import { openShop } from '../system/one-shop.ts';
import { plannedSale } from '../system/sales.ts';
import type { TillProcess } from '../system/till-process.ts';
import { until } from '../system/until.ts';

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const findings = z.object({
  findings: z.array(z.object({ code: z.string(), where: z.string() })).optional(),
});
const health = z.object({ findings: z.array(z.string()).optional() });

type Verified = { readonly code: number; readonly problems: readonly Problem[] };

function verify({ options }: TillProcess, against: string): Promise<Verified> {
  const args = [
    'verify',
    options.data,
    '--witness',
    options.witness,
    '--against',
    against,
    '--json',
  ];
  const { promise, resolve } = Promise.withResolvers<Verified>();
  execFile(process.execPath, [program, ...args], { maxBuffer: 1 << 26 }, (error, out) => {
    const { problems } = JSON.parse(out) as { problems: Problem[] };
    resolve({ code: typeof error?.code === 'number' ? error.code : 0, problems });
  });
  return promise;
}

let made = 0;
async function sell(till: TillProcess, count: number): Promise<string[]> {
  const numbers: string[] = [];
  for (let n = 0; n < count; n++) {
    const sale = plannedSale(`sale-number-${++made}`, [[1 + (made % 8), 1]]);
    numbers.push((await till.execute(sale.command)).number);
  }
  return numbers;
}

test('X11: edited by hand, said by the till, flagged at the others, mended from what they hold, ended by a person', async () => {
  const shop = await openShop(2);
  const [one, two] = [shop.till('T1'), shop.till('T2')];
  const before = await sell(one, 12);
  await sell(two, 12);
  await shop.agreed(24);
  const { incarnation } = await one.status();
  const journal = Object.keys((await one.status()).tips).find((key) => key.endsWith(incarnation));
  await one.stop();
  await two.stop();
  const sound = await verify(one, two.options.data);
  expect(sound).toEqual({ code: 0, problems: [] });

  const { data } = one.options;
  const file = `journals/${journal}/1.changes`;
  const bytes = new Uint8Array(readFileSync(join(data, file)));
  const { genesis, changes } = openSegment(bytes, journal as never, 1);
  writeFileSync(join(data, file), closeSegment(genesis, changes.slice(0, -3)));
  const database = new DatabaseSync(join(data, 'projections.db'));
  database.exec(`update stock set quantity = 0`);
  database.close();
  chmodSync(join(data, 'api-token'), 0o644);
  const named = await verify(one, two.options.data);
  expect(named.code).toBe(1);
  const places = named.problems.map(({ kind, where }) => `${kind} ${where}`);
  expect(places).toEqual(
    expect.arrayContaining([
      `edited ${file}`,
      'edited projections.db',
      'open api-token',
      `missing journals/${journal}`,
    ]),
  );

  await two.start();
  await one.start();
  const codes = ['FILE_EDITED', 'JOURNAL_CUT', 'LIFE_RESTORED', 'MODE_OPEN', 'READ_MODELS_EDITED'];
  const seen = await one.api.get('/api/health', health);
  expect([...(seen.findings ?? [])].sort()).toEqual(codes);
  const said = (await one.api.get('/api/status', findings)).findings ?? [];
  expect(said.map(({ code, where }) => `${code} ${where}`)).toEqual(
    expect.arrayContaining([`FILE_EDITED ${file}`, 'FILE_EDITED projections.db']),
  );
  const log = readFileSync(join(data, 'logs', 'register.log'), 'utf8');
  for (const code of codes) expect(log).toContain(`"code":"${code}"`);
  expect(existsSync(join(data, 'aside'))).toBe(true);

  // What was cut comes back, and no number is used again.
  const fresh = await sell(one, 3);
  expect(fresh.filter((number) => before.includes(number))).toEqual([]);
  await shop.agreed(27);
  for (const status of [() => two.status(), () => shop.relayStatus()])
    await until('the flag', async () =>
      (await status()).flags['files-changed'] ? true : undefined,
    );

  await one.api.post('/api/findings/seen', {}, z.unknown());
  expect((await one.api.get('/api/status', findings)).findings).toBeUndefined();
  for (const status of [() => two.status(), () => shop.relayStatus()])
    await until('its end', async () =>
      (await status()).flags['files-changed'] ? undefined : true,
    );
  await one.restart();
  expect(await one.api.get('/api/health', health)).toEqual({});
});
