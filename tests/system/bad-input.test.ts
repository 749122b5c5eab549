/** A process that cannot start says one clear sentence and what to do, ends with a code, and prints nothing else. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { plainSettings } from '#lib/domain/settings.ts';
import { catalogue, type ErrorCode } from '#lib/domain/errors.ts';
import { askArchive } from './archive-rows.ts';
import { keptPort } from './ports.ts';
import { Shop } from './shop.ts';

const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'tillmesh-bad-input-'));

let shop: Shop;
beforeAll(async () => {
  shop = await Shop.open(1);
});
afterAll(async () => {
  await shop?.close();
  rmSync(root, { recursive: true });
});

type Ended = { readonly code: number; readonly out: string; readonly err: string };

function tillmesh(args: readonly string[], database = ''): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const env = { ...process.env, DATABASE_URL: database, SYNC_LISTEN_PORT: '' };
  execFile(process.execPath, [program, ...args], { env, timeout: 60_000 }, (error, out, err) => {
    resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err });
  });
  return promise;
}

/** Of the right form, and of nobody. */
const madeUp = '7QZK-3M8V-A1XW-9T0R';

let directories = 0;
function newDirectory(): string {
  directories++;
  return join(root, `data-${directories}`);
}

const register = (data: string, ...more: readonly string[]): string[] => [
  'register',
  ...['--data', data, '--witness', join(root, 'witness')],
  ...['--ui', '127.0.0.1:0', '--mesh', '127.0.0.1:0', '--no-discovery'],
  ...more,
];
const relay = (data: string, ...more: readonly string[]): string[] => [
  'relay',
  ...['--data', data, '--api', '127.0.0.1:0', '--sync', '127.0.0.1:0'],
  ...more,
];

/** One line: the catalogue's sentence, and in brackets what it is about. */
function expectSentence(ended: Ended, code: ErrorCode): void {
  expect(ended).toMatchObject({ code: 1, out: '' });
  expect(ended.err.trimEnd().split('\n')).toHaveLength(1);
  expect(ended.err).toContain(catalogue[code]);
  expect(ended.err).not.toMatch(/\bat .*:\d+:\d+|node:|Error:/);
}

/** A port that somebody listens on while `run` goes on. */
async function withTakenPort<Result>(run: (port: number) => Promise<Result>): Promise<Result> {
  const server = createServer();
  server.listen(await keptPort(), '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  try {
    return await run(typeof address === 'object' && address ? address.port : 0);
  } finally {
    server.close();
  }
}

test('a join code that nobody gave out, and one with a slip in it', async () => {
  const code = await shop.joinCode('T6');
  const slip = code.slice(0, -1) + (code.endsWith('7') ? '8' : '7');
  for (const wrong of [madeUp, slip]) {
    const to = `${wrong}@127.0.0.1:${shop.syncPort}`;
    expectSentence(await tillmesh(register(newDirectory(), '--join', to)), 'JOIN_CODE_WRONG');
  }
});

test('a join code that is no code at all is not understood', async () => {
  const ended = await tillmesh(register(newDirectory(), '--join', `ABCD@127.0.0.1:1`));
  expect(ended).toMatchObject({ code: 2, out: '' });
  expect(ended.err).toContain('is not like 7QZK-3M8V-A1XW-9T0R@hq:3001');
});

test('a join code that was used', async () => {
  const code = await shop.joinCode('T7');
  const to = `${code}@127.0.0.1:${shop.syncPort}`;
  const till = await shop.addTillWith('T7', to);
  await till.stop();
  expectSentence(await tillmesh(register(newDirectory(), '--join', to)), 'JOIN_CODE_USED');
  // The directory that joined with it goes on.
  await till.start();
});

test('a join code that has expired', async () => {
  const code = await shop.joinCode('T8');
  await askArchive(
    shop.relayDirectory,
    `update join_codes set expires_at_ms = 1 where terminal = 'T8'`,
  );
  const to = `${code}@127.0.0.1:${shop.syncPort}`;
  expectSentence(await tillmesh(register(newDirectory(), '--join', to)), 'JOIN_CODE_EXPIRED');
});

test('a relay that is not there', async () => {
  const to = `${madeUp}@127.0.0.1:${await keptPort()}`;
  expectSentence(await tillmesh(register(newDirectory(), '--join', to)), 'JOIN_UNREACHABLE');
});

test('a register that never joined', async () => {
  expectSentence(await tillmesh(register(newDirectory(), '--no-setup')), 'NOT_ENROLLED');
});

test('a name of a new till has one spelling', async () => {
  const ended = await tillmesh(['join-code', 'S01', 'T007', '--data', shop.relayDirectory]);
  expectSentence(ended, 'INPUT_INVALID');
  expect(ended.err).toContain('a number without zeros before it');
  for (const terminal of ['T0', 'T007', 't1']) {
    const ask = { store: 'S01', terminal };
    const { status, body } = await shop.relayApi.send('POST', '/api/join-codes', ask);
    expect([status, JSON.stringify(body)]).toEqual([400, expect.stringContaining('without zeros')]);
  }
});

test('a directory that has joined already spends no second code', async () => {
  const till = shop.till('T1');
  await till.stop();
  const code = await shop.joinCode('T9');
  const to = `${code}@127.0.0.1:${shop.syncPort}`;
  const ended = await tillmesh(register(till.options.data, '--join', to));
  expectSentence(ended, 'ALREADY_ENROLLED');
  expect(ended.err).toContain('S01 T1');
  await till.start();
  await (await shop.addTillWith('T9', to)).stop();
});

test('a join code comes with the line that uses it, and that line works', async () => {
  const api = new URL(shop.relayApi.url).host;
  const args = ['join-code', 'S01', 'T12', '--data', shop.relayDirectory, '--api', api];
  const plain = await tillmesh(args);
  expect(plain.out).toMatch(/\n {2}npx tillmesh register --join [0-9A-Z-]{19}@\S+:3001\n/);
  const { out } = await tillmesh([...args, '--at', `127.0.0.1:${shop.syncPort}`]);
  const to = /--join (\S+)/.exec(out)?.[1] ?? '';
  await (await shop.addTillWith('T12', to)).stop();
});

test('operators of a store without settings are not lost, and the answer says what is missing', async () => {
  const put = (path: string, body: object) => shop.relayApi.put(path, body, answer);
  const answer = z.object({ release: z.number().optional(), note: z.string().optional() });
  const operators = [{ id: 'eve', name: 'Eve', roles: ['cashier'], pin: '1234' }];
  const early = await put('/api/operators/S77', { operators });
  expect(early).toEqual({ note: expect.stringContaining('/api/settings/S77') });
  const settings = await put('/api/settings/S77', { name: 'Late', ...plainSettings('EUR') });
  expect(settings.release).toBeGreaterThan(1);
});

test('what the API refuses it refuses in words that are not a programmer’s', async () => {
  const { body } = await shop.relayApi.send('POST', '/api/join-codes', { store: 7, more: 1 });
  expect(JSON.stringify(body)).toMatch(/terminal: .*"body: has a field that nobody knows here/);
  expect(JSON.stringify(body)).not.toMatch(/Invalid input|expected|received|undefined/);
});

test.each(['--ui', '--mesh'])('a code outlives a start whose port %s is in use', async (option) => {
  const code = await shop.joinCode('T10');
  const to = `${code}@127.0.0.1:${shop.syncPort}`;
  const data = newDirectory();
  await withTakenPort(async (port) => {
    const more = ['--join', to, option, `127.0.0.1:${port}`];
    const ended = await tillmesh(register(data, ...more));
    expectSentence(ended, 'PORT_IN_USE');
    expect(ended.err).toContain(`(${option} 127.0.0.1:${port})`);
  });
  const [row] = await askArchive<{ used: boolean }>(
    shop.relayDirectory,
    `select used from join_codes where id = '${code.slice(0, 4)}'`,
  );
  expect(row).toEqual({ used: false });
});

test('a relay enrols no till as one of its own, and its log says who joined', async () => {
  const args = ['join-code', 'HQ', 'T1', '--data', shop.relayDirectory];
  const ended = await tillmesh([...args, '--api', new URL(shop.relayApi.url).host]);
  expectSentence(ended, 'INPUT_INVALID');
  const code = await shop.joinCode('T11');
  const log = readFileSync(join(shop.relayDirectory, 'logs', 'relay.log'), 'utf8');
  expect(log).toContain(`"kind":"codeMade","id":"${code.slice(0, 4)}","store":"S01"`);
  expect(log).toContain('"kind":"enrolled"');
  expect(log).not.toContain(code);
});

test.each(['--ui', '--mesh'])('a register whose port %s is in use', async (option) => {
  const till = shop.till('T1');
  await till.stop();
  await withTakenPort(async (port) => {
    const ended = await tillmesh(register(till.options.data, option, `127.0.0.1:${port}`));
    expectSentence(ended, 'PORT_IN_USE');
    expect(ended.err).toContain(`(${option} 127.0.0.1:${port})`);
  });
  // It was refused before it could do harm.
  await till.start();
});

test.each(['--api', '--sync'])('a relay whose port %s is in use', async (option) => {
  await withTakenPort(async (port) => {
    const ended = await tillmesh(relay(newDirectory(), option, `127.0.0.1:${port}`));
    expectSentence(ended, 'PORT_IN_USE');
    expect(ended.err).toContain(`(${option} 127.0.0.1:${port})`);
  });
});

test('a data directory that another process has', async () => {
  const { data } = shop.till('T1').options;
  expectSentence(await tillmesh(register(data)), 'DIRECTORY_LOCKED');
  expectSentence(await tillmesh(relay(shop.relayDirectory)), 'DIRECTORY_LOCKED');
  expect((await shop.till('T1').status()).role).toBe('register');
});

test('a data directory of a newer version', async () => {
  for (const [role, args] of [
    ['register', register],
    ['relay', relay],
  ] as const) {
    const data = newDirectory();
    mkdirSync(data);
    writeFileSync(join(data, 'format.json'), JSON.stringify({ format: 999, role }));
    expectSentence(await tillmesh(args(data)), 'DIRECTORY_NEWER');
  }
});

test('a data directory of the other role', async () => {
  await shop.till('T1').stop();
  expectSentence(await tillmesh(relay(shop.till('T1').options.data)), 'DIRECTORY_FOREIGN');
  await shop.till('T1').start();
});

test('a database that cannot be reached, without its password', async () => {
  const url = `postgres://till:secret-word@127.0.0.1:${await keptPort()}/archive`;
  for (const ended of [
    await tillmesh(relay(newDirectory(), '--database-url', url)),
    await tillmesh(relay(newDirectory()), url),
  ]) {
    expectSentence(ended, 'DATABASE_UNREACHABLE');
    expect(ended.err).not.toContain('secret-word');
  }
});
