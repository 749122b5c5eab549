import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkClock, checkRelay } from '#lib/host/checks/reach.ts';
import { lockDirectory } from '#lib/storage/directory-lock.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { recoveryPath, rotateAuthority } from '#lib/trust/authority-store.ts';
import { Authority } from '#lib/trust/authority.ts';
import { seededBytes } from '#lib/trust/sample-company.ts';
import { checkDataDirectory } from './data-directory.ts';
import { formatFindings, type Finding } from './finding.ts';
import { checkDatabase, checkNode, checkPort } from './machine.ts';

const directory = mkdtempSync(join(tmpdir(), 'tillmesh-doctor-'));
afterAll(() => rmSync(directory, { recursive: true }));
const nowMs = Date.UTC(2026, 10, 2);
const states = (findings: readonly Pick<Finding, 'check' | 'state'>[]): string[] =>
  findings.map(({ check, state }) => `${check} ${state}`);

test.each([
  ['v24.0.0', 'ok'],
  ['v26.1.0', 'ok'],
  ['v22.19.0', 'fail'],
  ['nonsense', 'fail'],
])('node %s is %s', (version, state) => {
  expect(checkNode(version).state).toBe(state);
});

describe('data directory', () => {
  test('a private one that is not enrolled yet', () => {
    chmodSync(directory, 0o700);
    expect(states(checkDataDirectory(directory, nowMs))).toEqual([
      'data ok',
      'in-use ok',
      'disk-space ok',
      'certificate warn',
      'key-seal ok',
    ]);
  });

  test('one that others can read is named with the command that mends it', () => {
    const open = mkdtempSync(join(directory, 'open-'));
    chmodSync(open, 0o755);
    expect(checkDataDirectory(open, nowMs)[0]).toMatchObject({
      state: 'warn',
      todo: expect.stringMatching(/chmod 700/),
    });
  });

  test('of a relay: where the company’s root key lies', async () => {
    const relay = mkdtempSync(join(directory, 'relay-'));
    const plan = { random: seededBytes('doctor'), nowMs };
    const look = () => checkDataDirectory(relay, nowMs).find(({ check }) => check === 'root-key');
    expect(look()).toBeUndefined();
    const root = await Authority.create(plan);
    writeFileSync(join(relay, 'authority.pem'), root.privateKeyPem() + root.certificatePem);
    expect(look()).toMatchObject({ state: 'warn', todo: expect.stringMatching(/ca rotate/) });
    const passphrase = () => Promise.reject(new Error('asked'));
    await rotateAuthority(nodeDisk, relay, { ...plan, passphrase });
    expect(look()).toMatchObject({ state: 'warn', todo: expect.stringMatching(/delete it/) });
    rmSync(recoveryPath(relay));
    expect(look()).toMatchObject({ state: 'ok' });
    writeFileSync(join(relay, 'authority.pem'), 'x');
    expect(look()).toMatchObject({ state: 'fail' });
  });

  test('an absent one, and a file in its place', () => {
    expect(states(checkDataDirectory(join(directory, 'no', 'where'), nowMs))).toEqual([
      'data warn',
      'disk-space ok',
    ]);
    const file = join(directory, 'file');
    writeFileSync(file, '');
    expect(checkDataDirectory(file, nowMs)[0]).toMatchObject({ check: 'data', state: 'fail' });
  });

  test('one that a process runs on is told from a free one', () => {
    const used = mkdtempSync(join(directory, 'used-'));
    expect(checkDataDirectory(used, nowMs)[1]).toMatchObject({ found: 'never used' });
    const lock = lockDirectory(used);
    expect(checkDataDirectory(used, nowMs)[1]).toMatchObject({ found: 'a process runs on it' });
    lock.release();
    expect(checkDataDirectory(used, nowMs)[1]).toMatchObject({ found: 'free to be started' });
  });

  test('a damaged format.json is named with what to write into it', () => {
    const broken = mkdtempSync(join(directory, 'format-'));
    writeFileSync(join(broken, 'format.json'), '{"format":');
    const found = checkDataDirectory(broken, nowMs).find(({ check }) => check === 'format');
    expect(found).toMatchObject({
      state: 'fail',
      todo: expect.stringMatching(/"role":"register"/),
    });
    writeFileSync(join(broken, 'format.json'), '{"format":1,"role":"relay"}');
    expect(states(checkDataDirectory(broken, nowMs))).toContain('format ok');
  });

  test('half an identity fails', () => {
    const half = mkdtempSync(join(directory, 'half-'));
    mkdirSync(join(half, 'identity'));
    writeFileSync(join(half, 'identity', 'enrolment.json'), '{}');
    expect(states(checkDataDirectory(half, nowMs))).toContain('certificate fail');
  });
});

describe('ports and relay', () => {
  test('a taken port is a warning with a way out, a free one is fine', async () => {
    const server = createServer((socket) =>
      // Resets are part of being looked at.
      socket
        .on('error', () => socket.destroy())
        .resume()
        .end('not TLS'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const at = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
    expect(await checkPort('ui', at)).toMatchObject({
      state: 'warn',
      found: `127.0.0.1:${at.port} is in use`,
      todo: expect.stringMatching(/--ui/),
    });
    expect(states(await checkRelay(at, () => 0))).toEqual([
      'relay-name ok',
      'relay-port ok',
      'relay-tls fail',
    ]);
    await new Promise((resolve) => server.close(resolve));
    expect(await checkPort('ui', at)).toMatchObject({ state: 'ok' });
    expect(states(await checkRelay(at, () => 0))).toEqual(['relay-name ok', 'relay-port fail']);
  });

  test('a name that cannot exist', async () => {
    const findings = await checkRelay({ host: 'no-such-host.invalid', port: 1 }, () => 0);
    expect(states(findings)).toEqual(['relay-name fail']);
  });

  test.each([
    [0, 'ok'],
    [-29_000, 'ok'],
    [90_000, 'warn'],
    [-400 * 86_400_000, 'fail'],
  ])('a clock %i ms off is %s', (offMs, state) => {
    expect(checkClock('the relay', -offMs).state).toBe(state);
  });
});

test('the embedded database is there or the way around is named', async () => {
  const finding = await checkDatabase();
  expect(finding.state === 'ok' || finding.todo?.includes('DATABASE_URL')).toBe(true);
});

test('lines stand in columns, with what to do beneath', () => {
  const text = formatFindings([
    { check: 'node', state: 'ok', found: 'v24' },
    { check: 'disk-space', state: 'fail', found: '1 MB free', todo: 'free some' },
  ]);
  expect(text.split('\n')).toEqual([
    'ok    node        v24',
    'fail  disk-space  1 MB free',
    '                  → free some',
  ]);
});
