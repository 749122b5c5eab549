import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { keySealFile, readEnvironment } from './options.ts';

test.each([
  [{}, {}],
  [{ SYNC_LISTEN_PORT: '', DATABASE_URL: '' }, {}],
  [{ SYNC_LISTEN_PORT: '0' }, { syncPort: 0 }],
  [
    { SYNC_LISTEN_PORT: '3101', DATABASE_URL: 'postgresql://u:p@h/d', OTHER: 'x' },
    { syncPort: 3101, databaseUrl: 'postgresql://u:p@h/d' },
  ],
])('the environment %j gives %j', (variables, expected) => {
  expect(readEnvironment(variables)).toEqual(expected);
});

test.each([
  [{ SYNC_LISTEN_PORT: '70000' }, 'SYNC_LISTEN_PORT'],
  [{ SYNC_LISTEN_PORT: '3001x' }, 'SYNC_LISTEN_PORT'],
  [{ DATABASE_URL: 'mysql://root:secret@h/d' }, 'DATABASE_URL'],
])('a wrong variable is named without what it holds: %j', (variables, name) => {
  const attempt = (): unknown => readEnvironment(variables);
  expect(attempt).toThrow(name);
  expect(attempt).not.toThrow('secret');
});

describe('the key seal', () => {
  const credentials = mkdtempSync(join(tmpdir(), 'tillmesh-credentials-'));
  afterAll(() => rmSync(credentials, { recursive: true }));

  test('is the file that is named, before the one of the service manager', () => {
    expect(keySealFile({})).toEqual({});
    expect(keySealFile({ CREDENTIALS_DIRECTORY: credentials })).toEqual({});
    const given = join(credentials, 'tillmesh-key-seal');
    writeFileSync(given, 'a secret');
    expect(keySealFile({ CREDENTIALS_DIRECTORY: credentials })).toEqual({ keySeal: given });
    const named = join(credentials, 'another');
    expect(keySealFile({ CREDENTIALS_DIRECTORY: credentials, TILLMESH_KEY_SEAL: named })).toEqual({
      keySeal: named,
    });
  });

  test('is never looked for beside whoever happens to start it', () => {
    expect(() => keySealFile({ TILLMESH_KEY_SEAL: 'seal' })).toThrow(
      expect.objectContaining({ code: 'KEY_SEAL_UNUSABLE' }),
    );
  });
});
