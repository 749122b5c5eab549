import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isTillmeshError } from '../domain/errors.ts';
import { lockDirectory } from './directory-lock.ts';

let directory: string;
beforeEach(() => {
  directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-lock-'));
});
afterEach(() => fs.rmSync(directory, { recursive: true, force: true }));

function isLocked(): boolean {
  try {
    lockDirectory(directory).release();
    return false;
  } catch (error) {
    if (!isTillmeshError(error, 'DIRECTORY_LOCKED')) throw error;
    return true;
  }
}

describe('lockDirectory', () => {
  it('lets one in, within a process too, until it is released', () => {
    const lock = lockDirectory(directory);
    expect(isLocked()).toBe(true);
    expect(isLocked()).toBe(true);
    lock.release();
    expect(isLocked()).toBe(false);
  });

  it('holds between processes, and the kernel gives it back after SIGKILL', async () => {
    const module = pathToFileURL(path.join(import.meta.dirname, 'directory-lock.ts')).href;
    const script = `
      const { lockDirectory } = await import(${JSON.stringify(module)});
      globalThis.lock = lockDirectory(${JSON.stringify(directory)});
      process.stdout.write('locked');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exit = once(child, 'exit');
    try {
      const [first] = await Promise.race([once(child.stdout, 'data'), exit]);
      expect(String(first)).toBe('locked');
      expect(isLocked()).toBe(true);
    } finally {
      child.kill('SIGKILL');
    }
    expect(await exit).toEqual([null, 'SIGKILL']);
    expect(isLocked()).toBe(false);
  });

  it('a damaged lock file does not keep the shop closed', () => {
    fs.writeFileSync(path.join(directory, 'lock.db'), 'x'.repeat(5_000));
    const lock = lockDirectory(directory);
    expect(isLocked()).toBe(true);
    lock.release();
  });

  it('says that the lock file cannot be made', () => {
    expect(() => lockDirectory(path.join(directory, 'absent'))).toThrow(/absent/);
  });
});
