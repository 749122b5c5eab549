import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { ApiClient } from '../../src/cli/api-client.ts';
import { Demo, type DemoOptions } from '../../src/cli/demo/run-demo.ts';
import { type ReadyProcess, type SpawnOptions, spawnProcess } from '../../src/cli/processes.ts';

const entry = new URL('./fixtures/stand-in.ts', import.meta.url);
const directory = mkdtempSync(join(tmpdir(), 'tillmesh-processes-'));
afterAll(() => rmSync(directory, { recursive: true }));

const started: ReadyProcess[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((process) => process.kill()));
});

async function start(name: string, options: SpawnOptions = {}): Promise<ReadyProcess> {
  const data = join(directory, name);
  const process = await spawnProcess(['relay', '--data', data], { entry, name, ...options });
  started.push(process);
  return process;
}

/** Nobody holds the pid any more, a zombie neither. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a child process', () => {
  test('is ready when it says so, answers, and stops cleanly', async () => {
    const child = await start('plain');
    expect(child.ready).toMatchObject({ role: 'relay', pid: child.pid });
    const api = ApiClient.forDirectory(
      `http://127.0.0.1:${child.ready.api}`,
      join(directory, 'plain'),
    );
    expect(await api.send('GET', '/api/status')).toMatchObject({ status: 200 });
    expect(await child.stop()).toEqual({ code: 0, signal: null });
    expect(child.running).toBe(false);
    await expect(api.send('GET', '/api/health')).rejects.toMatchObject({ code: 'NO_ANSWER' });
  });

  test('that cannot start is reported with its own sentence', async () => {
    await expect(start('no-start')).rejects.toThrow(/no-start: The data directory is in use/);
  });

  test('that never gets ready is ended and reported', async () => {
    await expect(start('no-ready', { readyWithinMs: 1_000 })).rejects.toThrow(
      /no-ready: was not ready within 1 s/,
    );
  });

  test('that does not stop is killed after the deadline', async () => {
    const child = await start('no-stop');
    expect(await child.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('can be killed at once', async () => {
    const child = await start('killed');
    expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  test('ends by itself when its parent is killed', async () => {
    const processes = fileURLToPath(new URL('../../src/cli/processes.ts', import.meta.url));
    const script = `import { spawnProcess } from ${JSON.stringify(processes)};
      const child = await spawnProcess(['relay', '--data', ${JSON.stringify(join(directory, 'orphan'))}],
        { entry: new URL(${JSON.stringify(entry.href)}) });
      process.stdout.write(child.pid + '\\n');`;
    const file = join(directory, 'parent.mts');
    writeFileSync(file, script);
    const parent = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(pid).toBeGreaterThan(0);
    parent.kill('SIGKILL');
    await gone(pid);
  });
});

describe('the demo', () => {
  const data = join(directory, 'demo');
  const options: DemoOptions = {
    data,
    fresh: false,
    registers: 2,
    products: 30,
    days: 0,
    seed: 'test',
    freePorts: true,
    entry,
  };
  const lines = (...path: string[]): string[] =>
    readFileSync(join(data, ...path), 'utf8')
      .trim()
      .split('\n');

  async function run(change: Partial<DemoOptions> = {}): Promise<string[]> {
    const said: string[] = [];
    const demo = new Demo({ ...options, ...change }, (line) => said.push(line));
    try {
      const running = await demo.start();
      expect(running.operators.length).toBeGreaterThan(0);
      await running.fillIn();
    } finally {
      await demo.stop();
    }
    return said;
  }

  test('publishes and enrols once; a second start finds its data', async () => {
    expect(await run()).toEqual([]);
    expect(lines('relay', 'puts')).toContain('/api/catalog');
    const puts = lines('relay', 'puts').length;
    expect(lines('S01-T2', 'starts').join()).toContain('--join ABCD-EFGH@127.0.0.1:');

    expect(await run({ registers: 3 })).toEqual([]);
    expect(lines('relay', 'puts')).toHaveLength(puts);
    expect(lines('S01-T2', 'starts')).toHaveLength(2);
    expect(lines('S01-T2', 'starts')[1]).not.toContain('--join');
    expect(lines('S01-T3', 'starts')[0]).toContain('--join');
    // The relay and the two registers before it.
    expect(lines('S01-T3', 'starts')[0]?.match(/--peer/g)).toHaveLength(3);
  });

  test('another catalogue needs --fresh, which starts over', async () => {
    await expect(run({ products: 40 })).rejects.toThrow(/--fresh/);
    await run({ fresh: true });
    expect(lines('S01-T1', 'starts')).toHaveLength(1);
  });

  test('--fresh takes only a demo away', async () => {
    const other = mkdtempSync(join(directory, 'other-'));
    writeFileSync(join(other, 'thesis.txt'), 'years of work');
    await expect(run({ data: other, fresh: true })).rejects.toMatchObject({
      code: 'DIRECTORY_FOREIGN',
    });
    expect(readFileSync(join(other, 'thesis.txt'), 'utf8')).toBe('years of work');
  });

  test('--fresh waits for nobody: a demo that runs keeps its data', async () => {
    const demo = new Demo(options, () => undefined);
    try {
      await demo.start();
      await expect(run({ fresh: true })).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
      await expect(run()).rejects.toMatchObject({ code: 'DIRECTORY_LOCKED' });
      expect(lines('S01-T1', 'starts').length).toBeGreaterThan(0);
    } finally {
      await demo.stop();
    }
  });

  test('a process that dies is reported and runs again where it was, and all of it stops', async () => {
    const said: string[] = [];
    const { promise: again, resolve } = Promise.withResolvers<undefined>();
    const demo = new Demo({ ...options, fresh: true }, (line) => {
      said.push(line);
      if (line === 'register T1 runs again') resolve(undefined);
    });
    const { registers } = await demo.start().catch(async (error: unknown) => {
      await demo.stop();
      throw error;
    });
    const [first] = registers;
    process.kill(first?.pid ?? 0, 'SIGKILL');
    await again;
    expect(said[0]).toMatch(/^register T1 ended by itself \(SIGKILL\)/);
    const [before, after] = lines('S01-T1', 'starts');
    expect(after).toContain(`--ui ${new URL(first?.url ?? '').host}`);
    expect(before).toContain('--join');
    expect(after).not.toContain('--join');
    expect(await demo.stop()).toEqual({ died: 0 });
  });
});
