/**
 * A real PostgreSQL as a child of the relay: made, started, watched, restarted and stopped here. Data under
 * `<DATA>/postgres`, reachable from this machine only, by a random password that only the relay's user can read.
 * The caller holds the lock of the data directory, so a server found running on it is a dead relay's and is stopped first:
 * never two servers on one directory.
 */
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '../lib/domain/clock.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { Logger } from '../lib/host/log.ts';
import { findPostgresBinaries, type PostgresBinaries } from './postgres/binaries.ts';
import { endOf } from './postgres/child.ts';
import {
  assertVersion,
  childEnvironment,
  clusterUser,
  initialise,
  majorVersion,
  readOrMakePassword,
} from './postgres/cluster.ts';
import { freePort } from './postgres/free-port.ts';
import { livingPostmaster, pause, readPostmaster, stopPostmaster } from './postgres/postmaster.ts';
import { runAs, type RunAs } from './postgres/run-as.ts';

export type EmbeddedState = 'starting' | 'running' | 'restarting' | 'closed';

export type EmbeddedDatabaseOptions = {
  /** The relay's data directory; the cluster is its `postgres`, the server's log its `logs/postgres.log`. */
  readonly directory: string;
  /** On 127.0.0.1; without it a free one. */
  readonly port?: number;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Logger;
  readonly onState?: (state: EmbeddedState) => void;
  /** For platforms other than this one. */
  readonly binaries?: PostgresBinaries;
};

/** A crash recovery replays at most 1 GB of log; a server that is alive is given this long to be ready. */
const readyWithinMs = 120_000;
const startTries = 8;
const restartDelaysMs = [100, 200, 500, 1_000, 2_000, 5_000, 10_000] as const;

/** Small machines: 64 MB of buffers hold the hot ends of all indexes. No sockets: their paths are limited to 107 bytes. */
const serverSettings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'shared_buffers=64MB',
  'max_connections=40',
  'max_wal_size=1GB',
  'wal_compression=on',
  'jit=off',
  'log_timezone=UTC',
  'timezone=UTC',
  'log_min_messages=warning',
  'log_min_error_statement=panic',
  'log_checkpoints=off',
] as const;

export class EmbeddedDatabase {
  readonly #options: EmbeddedDatabaseOptions;
  readonly #binaries: PostgresBinaries;
  readonly #as: RunAs;
  readonly #cluster: string;
  readonly #password: string;
  #port: number;
  #child: ChildProcess | undefined;
  #state: EmbeddedState = 'starting';
  #restart: Promise<void> = Promise.resolve();
  // Sent in passing when the process ends without close(): the server then stops by itself.
  readonly #onExit = (): void => {
    this.#child?.kill('SIGINT');
  };

  private constructor(
    options: EmbeddedDatabaseOptions,
    binaries: PostgresBinaries,
    as: RunAs,
    cluster: string,
    password: string,
  ) {
    this.#options = options;
    this.#binaries = binaries;
    this.#as = as;
    this.#cluster = cluster;
    this.#password = password;
    this.#port = options.port ?? 0;
  }

  /** @throws DATABASE_NOT_AVAILABLE, DATABASE_FAILED, PORT_IN_USE */
  static async start(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
    const { clock, log } = options;
    const directory = path.resolve(options.directory);
    const cluster = path.join(directory, 'postgres');
    mkdirSync(path.join(directory, 'logs'), { recursive: true });
    const binaries = options.binaries ?? (await findPostgresBinaries());
    const owner = statSync(cluster, { throwIfNoEntry: false })?.uid;
    const self = process.getuid?.();
    if (owner !== undefined && self !== undefined && self !== 0 && owner !== self) {
      throw new TillmeshError('DATABASE_FAILED', `${cluster} belongs to another user (${owner})`);
    }
    const as = await runAs([directory, binaries.postgres, binaries.initdb], owner);
    const version = await majorVersion(binaries, as);

    const orphan = livingPostmaster(cluster);
    if (orphan !== undefined) {
      log.warn({ pid: orphan.pid }, 'a server was left behind by a killed relay: stopping it');
      await stopPostmaster(cluster, orphan.pid, clock);
    }
    const password = readOrMakePassword(directory, options.random);
    if (existsSync(path.join(cluster, 'PG_VERSION'))) assertVersion(cluster, version);
    else await initialise(directory, cluster, password, binaries, as);

    const database = new EmbeddedDatabase(options, binaries, as, cluster, password);
    process.on('exit', database.#onExit);
    try {
      await database.#startServer();
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  }

  /** With the password: pass it to the driver, never to a log. */
  get url(): string {
    return `postgres://${clusterUser}:${this.#password}@127.0.0.1:${this.#port}/postgres`;
  }

  get port(): number {
    return this.#port;
  }

  get state(): EmbeddedState {
    return this.#state;
  }

  /** The server's process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Closes connections, writes a checkpoint, waits for the end. Call it after everything that uses the database has closed. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#enter('closed');
    process.off('exit', this.#onExit);
    await this.#restart;
    const child = this.#child;
    if (child?.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      const ended = endOf(child);
      child.kill('SIGINT');
      const timers = [
        this.#options.clock.setTimer(() => child.kill('SIGQUIT'), 15_000),
        this.#options.clock.setTimer(() => child.kill('SIGKILL'), 25_000),
      ];
      await ended;
      for (const timer of timers) timer.cancel();
    }
    this.#child = undefined;
  }

  /**
   * More than one try: another program may take the free port first, and after a kill of the server alone its children
   * hold the shared memory for a moment.
   */
  async #startServer(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (this.#port === 0 || attempt > 1) await this.#choosePort();
      const child = this.#spawnServer();
      const problem = await this.#untilReady(child);
      if (problem === undefined) {
        this.#watch(child);
        return;
      }
      if (attempt === startTries || this.#state === 'closed') {
        throw new TillmeshError('DATABASE_FAILED', problem);
      }
      await pause(this.#options.clock, 100 * attempt);
    }
  }

  async #choosePort(): Promise<void> {
    const wanted = this.#options.port;
    // Clients of a running relay know the port: after the first start it stays.
    if (wanted === undefined && this.#state === 'restarting') return;
    this.#port = await freePort(wanted ?? 0);
  }

  #spawnServer(): ChildProcess {
    const logFile = openSync(
      path.join(this.#options.directory, 'logs', 'postgres.log'),
      'a',
      0o600,
    );
    try {
      const settings = serverSettings.flatMap((setting) => ['-c', setting]);
      const args = ['-D', this.#cluster, '-p', String(this.#port), ...settings];
      // A session of its own: Ctrl-C in a terminal reaches the relay alone, which drains and then stops the server.
      const child = this.#as.spawn(this.#binaries.postgres, args, {
        cwd: '/',
        detached: process.platform !== 'win32',
        stdio: ['ignore', logFile, logFile],
        env: childEnvironment,
      });
      // An error to spawn is an end as well: see endOf.
      child.on('error', () => undefined);
      this.#child = child;
      return child;
    } finally {
      closeSync(logFile);
    }
  }

  /** Undefined when it takes connections, otherwise the reason. */
  async #untilReady(child: ChildProcess): Promise<string | undefined> {
    const { clock } = this.#options;
    let ended: string | undefined;
    void endOf(child).then((how) => {
      ended = how;
    });
    const endMs = clock.monotonicMs() + readyWithinMs;
    while (clock.monotonicMs() < endMs) {
      await pause(clock, 15);
      if (ended !== undefined) return `it ended at its start: ${ended}`;
      const found = readPostmaster(this.#cluster);
      if (found?.ready === true && found.pid === child.pid) return undefined;
    }
    child.kill('SIGQUIT');
    await endOf(child);
    return 'it was not ready in time';
  }

  #watch(child: ChildProcess): void {
    this.#enter('running');
    void endOf(child).then((how) => {
      if (this.#state === 'closed') return;
      this.#options.log.error({ how }, 'the embedded database ended by itself');
      this.#child = undefined;
      this.#enter('restarting');
      this.#restart = this.#restartUntilRunning();
    });
  }

  async #restartUntilRunning(): Promise<void> {
    for (let attempt = 0; this.#state === 'restarting'; attempt++) {
      const delayMs = restartDelaysMs[Math.min(attempt, restartDelaysMs.length - 1)] ?? 10_000;
      await pause(this.#options.clock, delayMs);
      if (this.#state !== 'restarting') return;
      try {
        await this.#startServer();
        this.#options.log.info({ pid: this.pid }, 'the embedded database runs again');
      } catch (error) {
        this.#options.log.error({ err: error }, 'the embedded database does not start');
      }
    }
  }

  #enter(state: EmbeddedState): void {
    // Closed is final: a start that was under way must not report itself as running.
    if (this.#state === 'closed' || this.#state === state) return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}
