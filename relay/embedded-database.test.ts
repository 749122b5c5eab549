import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../lib/host/log.ts';
import { machineClock } from '../lib/host/machine-clock.ts';
import { EmbeddedDatabase, type EmbeddedDatabaseOptions } from './embedded-database.ts';
import { findPostgresBinaries } from './postgres/binaries.ts';
import { isPostmasterOf, livingPostmaster, readPostmaster } from './postgres/postmaster.ts';

let directory: string;
let running: EmbeddedDatabase[];

beforeEach(() => {
  // Mode 0700: as root, the user that PostgreSQL runs as cannot enter it without help.
  directory = mkdtempSync(path.join(tmpdir(), 'tillmesh-embedded-'));
  running = [];
});
afterEach(async () => {
  for (const each of running) await each.close();
  rmSync(directory, { recursive: true, force: true });
});

async function start(more: Partial<EmbeddedDatabaseOptions> = {}): Promise<EmbeddedDatabase> {
  const database = await EmbeddedDatabase.start({
    directory,
    clock: machineClock,
    random: randomBytes,
    log: silentLogger(),
    ...more,
  });
  running.push(database);
  return database;
}

async function query(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    let row: unknown[] = [];
    for (const each of sql.split(';'))
      row = (await client.query<unknown[]>({ text: each, rowMode: 'array' })).rows[0] ?? [];
    return row[0];
  } finally {
    await client.end();
  }
}

const until = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
};

const cluster = (): string => path.join(directory, 'postgres');

describe('embedded database', () => {
  it('keeps its data over a clean stop and start, with the same password', async () => {
    const first = await start();
    await query(first.url, 'create table kept (n int); insert into kept values (42)');
    await first.close();
    expect(livingPostmaster(cluster())).toBeUndefined();
    expect(existsSync(path.join(cluster(), 'postmaster.pid'))).toBe(false);
    const second = await start();
    expect(await query(second.url, 'select n from kept')).toBe(42);
  });

  it('listens on loopback only, without sockets, and takes no connection without its password', async () => {
    const database = await start();
    expect(await query(database.url, 'show listen_addresses')).toBe('127.0.0.1');
    expect(await query(database.url, 'show unix_socket_directories')).toBe('');
    expect(await query(database.url, 'show fsync')).toBe('on');
    const wrong = new URL(database.url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(path.join(directory, 'postgres-password')).mode & 0o077).toBe(0);
    expect(existsSync(path.join(directory, 'postgres.pw'))).toBe(false);
  });

  it('puts no hook on signals: the relay alone decides when its database stops', async () => {
    const before = process.listenerCount('SIGINT') + process.listenerCount('SIGTERM');
    const database = await start();
    expect(process.listenerCount('SIGINT') + process.listenerCount('SIGTERM')).toBe(before);
    if (process.platform === 'linux') {
      // Its own session: Ctrl-C in the terminal does not reach it before the relay has drained.
      const session = readFileSync(`/proc/${database.pid}/stat`, 'utf8')
        .split(') ')[1]
        ?.split(' ')[3];
      expect(Number(session)).toBe(database.pid);
    }
    const exitHooks = process.listenerCount('exit');
    await database.close();
    expect(process.listenerCount('exit')).toBe(exitHooks - 1);
  });

  it('starts again when the server dies, on the same port, and says so', async () => {
    const states: string[] = [];
    const database = await start({ onState: (state) => states.push(state) });
    await query(database.url, 'create table kept (n int); insert into kept values (7)');
    const { port, pid } = database;
    process.kill(pid ?? 0, 'SIGKILL');
    await until(() => states.at(-1) === 'restarting');
    await until(() => database.state === 'running');
    expect(database.port).toBe(port);
    expect(database.pid).not.toBe(pid);
    expect(await query(database.url, 'select n from kept')).toBe(7);
    expect(states).toEqual(['running', 'restarting', 'running']);
  });

  it('S2: stops the server that a killed relay left behind; never two on one directory', async () => {
    const relay = await startHolder();
    const orphan = readPostmaster(cluster());
    expect(orphan).toBeDefined();
    const ended = new Promise((resolve) => relay.once('exit', resolve));
    relay.kill('SIGKILL');
    await ended;
    expect(livingPostmaster(cluster())?.pid).toBe(orphan?.pid);

    const database = await start();
    expect(database.pid).not.toBe(orphan?.pid);
    expect(isPostmasterOf(orphan?.pid ?? 0, cluster())).toBe(false);
    expect(await query(database.url, 'select n from held')).toBe(1);
  });

  it('S2: relay and server killed together: the next start recovers', async () => {
    const first = await start();
    await query(first.url, 'create table kept (n int); insert into kept values (3)');
    const relay = { pid: first.pid ?? 0 };
    const closing = first.close();
    process.kill(relay.pid, 'SIGKILL');
    await closing;
    const second = await start();
    expect(await query(second.url, 'select n from kept')).toBe(3);
  });

  it('does not touch a process that merely has the id of a dead server', async () => {
    const first = await start();
    await first.close();
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    try {
      const pid = `${bystander.pid}\n${cluster()}\n0\n1\n\n\n\nready   \n`;
      writeFileSync(path.join(cluster(), 'postmaster.pid'), pid);
      expect(livingPostmaster(cluster())).toBeUndefined();
      expect(bystander.exitCode).toBeNull();
    } finally {
      bystander.kill();
      rmSync(path.join(cluster(), 'postmaster.pid'));
    }
  });

  it('a half-made cluster of a killed relay is made anew', async () => {
    execFileSync('mkdir', ['-p', path.join(directory, 'postgres.new', 'base')]);
    const database = await start();
    expect(await query(database.url, 'select 1')).toBe(1);
  });

  it('says DATABASE_NOT_AVAILABLE where npm has no PostgreSQL for the platform', async () => {
    await expect(findPostgresBinaries('solaris-sparc')).rejects.toMatchObject({
      code: 'DATABASE_NOT_AVAILABLE',
    });
    const none = '/nonexistent/postgres';
    await expect(
      start({ binaries: { postgres: none, initdb: none, pgCtl: none } }),
    ).rejects.toMatchObject({ code: 'DATABASE_NOT_AVAILABLE' });
  });

  it('says PORT_IN_USE when the configured port is taken, DIRECTORY_NEWER for a newer cluster', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const address = other.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await expect(start({ ...(port ? { port } : {}) })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
    });
    await new Promise((resolve) => other.close(resolve));
    writeFileSync(path.join(cluster(), 'PG_VERSION'), '99\n');
    await expect(start()).rejects.toMatchObject({ code: 'DIRECTORY_NEWER' });
  });
});

/** A process of its own that holds the database as a relay does. */
async function startHolder(): Promise<ChildProcess> {
  const program = path.join(import.meta.dirname, 'testing', 'database-holder.ts');
  const node = path.join(import.meta.dirname, '../node_modules/.bin/node');
  const child = spawn(node, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the holder ended: ${code}`)));
  });
  return child;
}
