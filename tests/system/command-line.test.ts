import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { catalogue } from '#lib/domain/errors.ts';
import { keptPort } from './ports.ts';

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'tillmesh-command-line-'));
afterAll(() => rmSync(directory, { recursive: true }));
chmodSync(directory, 0o700);

type Ended = { readonly code: number; readonly out: string; readonly err: string };

function tillmesh(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const env = { ...process.env, DATABASE_URL: '', SYNC_LISTEN_PORT: '', ...environment };
  execFile(process.execPath, [main, ...args], { env, cwd: directory }, (error, out, err) => {
    resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
  });
  return promise;
}

const commands = [
  'demo',
  'relay',
  'register',
  'join-code',
  'issuer',
  'ca',
  'revoke',
  'replay',
  'verify',
  'doctor',
];

test('help names every command, and each explains itself', async () => {
  const { code, out } = await tillmesh(['--help']);
  expect(code).toBe(0);
  for (const command of commands) expect(out).toContain(`\n  ${command} `);
  const helps = await Promise.all(commands.map((command) => tillmesh([command, '--help'])));
  for (const [index, help] of helps.entries()) {
    expect(help).toMatchObject({ code: 0, err: '' });
    expect(help.out).toContain(`Usage: tillmesh ${commands[index]}`);
  }
});

describe('what is not understood is refused with code 2 and starts nothing', () => {
  test.each([
    [['frobnicate']],
    [['register', '--no-such']],
    [['register', 'surplus']],
    [['register', '--ui', '70000']],
    [['register', '--join', 'no-address']],
    [['relay', '--log-level', 'loud']],
    [['demo', '--registers', '0']],
    [['demo', '--registers', '1e1']],
    [['demo', '--products', '5', '--catalog', 'x.csv']],
    [['verify']],
    [['join-code', 'S01']],
    [['revoke', 'S01-T2']],
    [['revoke', 'S01-T2', '--reason', 'tired']],
    [['revoke', 'S01-T2', '--reason', 'lost', '--key', 'xyz']],
    [['doctor', '--relay', 'hq']],
    [['replay']],
  ])('%j', async (args) => {
    const { code, out, err } = await tillmesh(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^error: /);
    expect(err).not.toMatch(/\n\s+at /);
  });
});

describe('a failure is one sentence and code 1', () => {
  test('without a stack, unless it is asked for', async () => {
    const args = ['join-code', 'S01', 'nonsense', '--data', directory];
    const plain = await tillmesh(args);
    expect(plain).toMatchObject({ code: 1, out: '' });
    expect(plain.err.trim().split('\n')).toHaveLength(1);
    expect((await tillmesh([...args, '--debug'])).err).toMatch(/\n\s+at /);
  });

  test('and one JSON object with --json', async () => {
    const { code, out } = await tillmesh(['join-code', 's01', 'T1', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'INPUT_INVALID' } });
  });

  test('a relay that does not run is named as that', async () => {
    const data = join(directory, 'stopped');
    mkdirSync(data);
    writeFileSync(join(data, 'api-token'), 'x'.repeat(43));
    const api = `127.0.0.1:${await keptPort()}`;
    const { code, out, err } = await tillmesh([
      'join-code',
      'S01',
      'T1',
      '--data',
      data,
      '--api',
      api,
    ]);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain(`${catalogue.NO_ANSWER} (http://${api})`);
  });

  test('a damaged format.json says what to write into it', async () => {
    const data = join(directory, 'damaged');
    mkdirSync(data);
    writeFileSync(join(data, 'format.json'), '{"form');
    for (const args of [
      ['register', '--data', data],
      ['relay', '--data', data],
      ['verify', data],
    ]) {
      const { code, out, err } = await tillmesh(args);
      expect([code, out]).toEqual([1, '']);
      expect(err.trim().split('\n')).toHaveLength(1);
      expect(err).toContain('{"format":1,"role":"register"}');
      expect(err).not.toContain('set aside');
    }
  });

  test('problems of a file are a list with --json', async () => {
    const file = join(directory, 'bad.csv');
    const header =
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
    const row = (quantity: string, price: string) =>
      `536365,A1,Thing,${quantity},2010-12-01 08:26:00,${price},1,UK`;
    const rows = [row('123456789', '1'), row('1', '0.00001')];
    writeFileSync(file, [header, ...rows, ''].join('\n'));
    const { code, out } = await tillmesh(['replay', file, '--json']);
    expect(code).toBe(1);
    const { problems } = (JSON.parse(out) as { error: { problems: string[] } }).error;
    expect(problems).toEqual([
      expect.stringMatching(/row 2: Quantity "123456789" is too large/),
      expect.stringMatching(/row 3: UnitPrice "0.00001" has more than 4 digits/),
    ]);
  });

  test('a wrong environment is named without its contents', async () => {
    const { code, err } = await tillmesh(['relay', '--data', join(directory, 'relay')], {
      DATABASE_URL: 'mysql://root:secret@db/x',
    });
    expect(code).toBe(1);
    expect(err).toContain('DATABASE_URL');
    expect(err).not.toContain('secret');
  });
});

test('doctor answers with a line each, or one JSON object', async () => {
  const ports = ['ui', 'mesh', 'api', 'sync'].flatMap((name) => [`--${name}`, '0']);
  const text = await tillmesh(['doctor', '--data', directory, ...ports]);
  expect(text).toMatchObject({ code: 0, err: '' });
  expect(text.out).toMatch(/^ok {4}node /m);
  const { out } = await tillmesh(['doctor', '--data', directory, '--json', ...ports]);
  const data = expect.objectContaining({ check: 'data', state: 'ok', found: directory });
  expect(JSON.parse(out)).toMatchObject({ ok: true, findings: expect.arrayContaining([data]) });
});
