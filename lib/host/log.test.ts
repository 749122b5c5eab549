import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogger } from './log.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'tillmesh-log-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('logger', () => {
  it('writes JSON lines with name and time to the stated file, for its owner only', () => {
    const file = path.join(directory, 'logs', 'relay.log');
    createLogger({ file, name: 'relay' }).info({ entries: 3 }, 'archived');
    const line = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(line).toMatchObject({ name: 'relay', entries: 3, msg: 'archived' });
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it.each([
    [{ password: 'hunter2' }],
    [{ database: { url: 'postgres://u:hunter2@h/db' } }],
    [{ req: { headers: { authorization: 'Bearer hunter2' } } }],
    [{ token: 'hunter2' }],
  ])('keeps secrets out: %j', (fields) => {
    const file = path.join(directory, 'x.log');
    createLogger({ file, name: 'x' }).info(fields, 'said');
    const text = readFileSync(file, 'utf8');
    expect(text).not.toContain('hunter2');
    expect(text).toContain('[secret]');
  });

  it('begins a new file at start when the old one has grown too large', () => {
    const file = path.join(directory, 'x.log');
    writeFileSync(file, 'old');
    truncateSync(file, 33 * 1024 * 1024);
    createLogger({ file, name: 'x' }).info('new');
    expect(statSync(file).size).toBeLessThan(1024);
    expect(statSync(`${file}.1`).size).toBe(33 * 1024 * 1024);
  });
});
