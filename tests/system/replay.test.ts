/** The replay as a person runs it: the command line, real processes, the embedded database, a made-up file. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const program = join(root, 'src/cli/main.ts');
const week = join(root, 'tests/fixtures/replay/made-up-week.csv');

type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** Whatever the machine has set: the embedded database is what is tested. */
const environment = { ...process.env, DATABASE_URL: '' };

function tillmesh(...args: string[]): Promise<Ended> {
  const { promise, resolve: done } = Promise.withResolvers<Ended>();
  execFile(
    process.execPath,
    [program, ...args],
    { env: environment, timeout: 110_000 },
    (error, out, err) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      done({ code, out, err });
    },
  );
  return promise;
}

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tillmesh-replay-test-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const equal = {
  documents: 19,
  lines: 30,
  sale: 10,
  return: 3,
  stockAdjustment: 3,
  ledgerAdjustment: 3,
  total: '123.99',
  archive: { documents: 19, lines: 30, total: '123.99' },
  equal: true,
};

describe('P4, P9: a replay ends with every figure equal', () => {
  it.each([
    ['on a quiet network', []],
    ['with two tills cut from each other', ['--cut', '1,2']],
    ['with head office away until the end', ['--relay-late']],
  ])('%s', async (_title, options) => {
    const { code, out, err } = await tillmesh('replay', week, '--json', ...options);
    expect(err).toBe('');
    const report: unknown = JSON.parse(out);
    expect(report).toMatchObject(equal);
    const { replicas } = report as { replicas: { terminal: string; stockHash: string }[] };
    expect(replicas.map(({ terminal }) => terminal)).toEqual(['T1', 'T2', 'T3']);
    expect(new Set(replicas.map(({ stockHash }) => stockHash)).size).toBe(1);
    expect(code).toBe(0);
  });
});

describe('bad input ends before any process is started', () => {
  it('with the row and a clear sentence', async () => {
    const header =
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country';
    const file = join(directory, 'bad.csv');
    await writeFile(file, `${header}\n1,X,,1e3,2031-03-03 08:00:00,1,,\n`);
    const shop = join(directory, 'shop');
    const { code, out, err } = await tillmesh('replay', file, '--data', shop);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain('bad.csv, row 2: Quantity "1e3" is not a number');
    expect(err).not.toMatch(/\n\s+at /);
  });

  it('a cut of one till from itself is not understood', async () => {
    expect((await tillmesh('replay', week, '--cut', '1,1')).code).toBe(2);
  });
});
