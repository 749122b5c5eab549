import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { closeDirectory } from './private-directory.ts';

const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-private-'));
afterAll(() => fs.rmSync(root, { recursive: true }));

const modeOf = (at: string): number => fs.statSync(at).mode & 0o777;

test('X12: a directory that was open to others is closed, its keys too; what is nobody’s secret is left as it is', () => {
  const data = path.join(root, 'unpacked');
  const files = ['api-token', 'authority.pem', 'identity/terminal.key', 'identity/current.json'];
  for (const file of [...files, 'format.json']) {
    fs.mkdirSync(path.dirname(path.join(data, file)), { recursive: true });
    fs.writeFileSync(path.join(data, file), 'x');
  }
  for (const file of [...files, 'format.json']) fs.chmodSync(path.join(data, file), 0o644);
  for (const directory of [data, path.join(data, 'identity')]) fs.chmodSync(directory, 0o755);
  const { closed, open } = closeDirectory(data);
  expect(open).toEqual([]);
  expect(closed).toHaveLength(files.length + 2);
  for (const file of files) expect([file, modeOf(path.join(data, file))]).toEqual([file, 0o600]);
  expect([modeOf(data), modeOf(path.join(data, 'identity'))]).toEqual([0o700, 0o700]);
  expect(modeOf(path.join(data, 'format.json'))).toBe(0o644);
  expect(closeDirectory(data)).toEqual({ closed: [], open: [] });
});

test('X12: what cannot be closed is named', () => {
  const data = path.join(root, 'mounted');
  fs.mkdirSync(data);
  fs.chmodSync(data, 0o777);
  const chmod = vi.spyOn(fs, 'chmodSync').mockImplementation(() => {
    throw Object.assign(new Error('EPERM'), { code: 'EPERM' });
  });
  try {
    expect(closeDirectory(data)).toEqual({ closed: [], open: [data] });
  } finally {
    chmod.mockRestore();
  }
});
