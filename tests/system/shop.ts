/**
 * A shop of real processes for a test: a relay with its embedded database and some registers on loopback, all under one
 * temporary directory, witnesses too. `close` ends everything that was started, and fails when something cannot be ended.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { Product } from '#lib/domain/product.ts';
import { plainSettings } from '#lib/domain/settings.ts';
import { putCluster } from '#relay/testing/ready-cluster.ts';
import { ApiClient } from '../../src/cli/api-client.ts';
import { type ReadyProcess, spawnProcess } from '../../src/cli/processes.ts';
import { keptPort } from './ports.ts';
import { products as sampleProducts, operator } from './sales.ts';
import { statusSchema, TillProcess, type ReplicaStatus } from './till-process.ts';
import { until } from './until.ts';

export const store = 'S01';
const headOffice = 'HQ-HQ1';
/** Whatever the machine has set: the embedded database is what is tested. */
const environment = { ...process.env, DATABASE_URL: '', SYNC_LISTEN_PORT: '' };
const anything = z.unknown();
const joinCode = z.object({ code: z.string() });

const summarySchema = z.object({
  documents: z.number(),
  lines: z.number(),
  total: z.string(),
});
export type ArchiveSummary = z.infer<typeof summarySchema>;

export class Shop {
  readonly directory: string;
  readonly tills: TillProcess[] = [];
  readonly #ports = { api: 0, sync: 0 };
  /** Every process that was begun, so that none is left behind. */
  readonly #started: { stop(): Promise<unknown> }[] = [];
  #relay: ReadyProcess | undefined;
  #lastSku: string | undefined;

  private constructor(directory: string) {
    this.directory = directory;
  }

  /**
   * A relay that has published products and an operator, and `registers` tills (T1, T2, …) that know them.
   * `prepare` may put something into the relay's directory before its first start.
   */
  static async open(
    registers: number,
    products: readonly Product[] = sampleProducts,
    prepare: (relayDirectory: string) => Promise<void> = async () => undefined,
  ) {
    const shop = new Shop(mkdtempSync(join(tmpdir(), 'tillmesh-shop-')));
    try {
      shop.#ports.api = await keptPort();
      shop.#ports.sync = await keptPort();
      await putCluster(shop.relayDirectory);
      await prepare(shop.relayDirectory);
      await shop.startRelay();
      await shop.publish(products);
      shop.#lastSku = products.at(-1)?.sku;
      for (let n = 1; n <= registers; n++) await shop.addTill(`T${n}`);
      return shop;
    } catch (error) {
      await shop.close();
      throw error;
    }
  }

  /** The first till whose terminal has this name. */
  till(terminal: string): TillProcess {
    const found = this.tills.find((till) => till.terminal === terminal);
    if (!found) throw new Error(`no till ${terminal}`);
    return found;
  }

  get relay(): ReadyProcess {
    if (!this.#relay) throw new Error('the relay was not started');
    return this.#relay;
  }

  get relayApi(): ApiClient {
    return ApiClient.forDirectory(`http://127.0.0.1:${this.#ports.api}`, this.relayDirectory);
  }

  get relayDirectory(): string {
    return join(this.directory, 'relay');
  }

  get syncPort(): number {
    return this.#ports.sync;
  }

  /** On the same ports each time. */
  async startRelay(): Promise<void> {
    this.#relay = await spawnProcess(this.#relayArguments(), { name: 'relay', environment });
    this.#started.push(this.#relay);
  }

  /** A relay that is not waited for: to be killed before it is ready. */
  beginRelay(): ChildProcess {
    const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
    const child = spawn(
      process.execPath,
      [program, ...this.#relayArguments(), '--until-stdin-closes'],
      // The open pipe ends it when this process does.
      { stdio: ['pipe', 'ignore', 'inherit'], env: environment },
    );
    this.#started.push({
      stop: async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill('SIGKILL');
        await once(child, 'exit');
      },
    });
    return child;
  }

  #relayArguments(): string[] {
    return [
      'relay',
      ...['--data', this.relayDirectory],
      ...['--api', `127.0.0.1:${this.#ports.api}`],
      ...['--sync', `127.0.0.1:${this.#ports.sync}`],
    ];
  }

  async stopRelay(): Promise<void> {
    await this.relay.stop();
  }

  /** `kill -9` of the relay alone: its database server is left behind. */
  async killRelay(): Promise<void> {
    await this.relay.kill();
  }

  /** The relay and its database server at one blow. */
  async killRelayAndDatabase(): Promise<void> {
    const pid = this.databasePid();
    await this.relay.kill();
    if (pid !== undefined) killIfThere(pid);
  }

  /** Of the server that runs, or ran last. */
  databasePid(): number | undefined {
    try {
      const text = readFileSync(join(this.relayDirectory, 'postgres', 'postmaster.pid'), 'utf8');
      return Number(text.split('\n')[0]);
    } catch {
      // No such file: no server.
      return undefined;
    }
  }

  async publish(products: readonly Product[]): Promise<void> {
    const relay = this.relayApi;
    await relay.put(`/api/settings/${store}`, { name: 'Test', ...plainSettings('EUR') }, anything);
    await relay.put(`/api/operators/${store}`, { operators: [operator] }, anything);
    await relay.put('/api/catalog', { products }, anything);
  }

  async joinCode(terminal: string): Promise<string> {
    return (await this.relayApi.post('/api/join-codes', { store, terminal }, joinCode)).code;
  }

  /** Enrols and starts a till, and waits until it can sell; `data` names another directory than the terminal's own. */
  async addTill(terminal: string, data = terminal): Promise<TillProcess> {
    const code = await this.joinCode(terminal);
    return this.addTillWith(terminal, `${code}@127.0.0.1:${this.#ports.sync}`, data);
  }

  /** For another machine in the place of a till, which is revoked by it. */
  async replacementCode(terminal: string): Promise<string> {
    const ask = { store, terminal, reason: 'replaced' };
    return (await this.relayApi.post('/api/replacements', ask, joinCode)).code;
  }

  async replaceTill(terminal: string, data = terminal): Promise<TillProcess> {
    const code = await this.replacementCode(terminal);
    return this.addTillWith(terminal, `${code}@127.0.0.1:${this.#ports.sync}`, data);
  }

  /** With a join code at hand: `CODE@host:port`. */
  async addTillWith(terminal: string, to: string, data = terminal): Promise<TillProcess> {
    const till = await this.#till(terminal, data, to);
    await till.start();
    // A release comes into force as a whole: one product of it is all of it.
    const sku = this.#lastSku;
    if (sku !== undefined)
      await until('the catalogue', async () => ((await till.knows(sku)) ? true : undefined));
    return till;
  }

  /** A till on a directory that lies there already (a copy, a backup); not started. */
  tillOn(terminal: string, data: string): Promise<TillProcess> {
    return this.#till(terminal, data);
  }

  async #till(terminal: string, data: string, to?: string): Promise<TillProcess> {
    const meshPort = await keptPort();
    const till: TillProcess = new TillProcess({
      store,
      terminal,
      data: join(this.directory, data),
      witness: join(this.directory, 'witness'),
      meshPort,
      peers: () => [
        this.#ports.sync,
        ...this.tills.filter((other) => other !== till).map((other) => other.options.meshPort),
      ],
      ...(to === undefined ? {} : { join: to }),
    });
    this.tills.push(till);
    this.#started.push(till);
    return till;
  }

  /** Cuts two tills from each other, both ways, and waits until the link is gone. */
  async cut(a: TillProcess, b: TillProcess): Promise<void> {
    await a.cut(b.name);
    await b.cut(a.name);
    await until('the cut', async () =>
      (await a.linkedWith()).includes(b.name) ? undefined : true,
    );
  }

  async heal(a: TillProcess, b: TillProcess): Promise<void> {
    await a.heal(b.name);
    await b.heal(a.name);
  }

  /** No link of this till to head office. */
  async cutFromHq(till: TillProcess): Promise<void> {
    await till.cut(headOffice);
    await until('the cut', async () =>
      (await till.linkedWith()).includes(headOffice) ? undefined : true,
    );
  }

  async healToHq(till: TillProcess): Promise<void> {
    await till.heal(headOffice);
  }

  relayStatus(): Promise<ReplicaStatus> {
    return this.relayApi.get('/api/status', statusSchema);
  }

  archiveSummary(): Promise<ArchiveSummary> {
    return this.relayApi.get('/api/archive/summary', summarySchema);
  }

  /**
   * P4: all that run agree in documents, lines, total and stock, and so does the archive where there is one.
   * `archived` differs where there are documents that the archive's summary leaves out: counts, closed days.
   */
  async agreed(
    documents: number,
    archived: number = documents,
    withinMs = 120_000,
  ): Promise<ReplicaStatus> {
    let seen: unknown;
    return until(
      `agreement on ${documents} documents`,
      async () => {
        const running = this.tills.filter((till) => till.running);
        const replicas = await Promise.all(running.map((till) => till.status()));
        const figures = replicas.map(figuresOf);
        if (this.#relay?.running) {
          figures.push(figuresOf(await this.relayStatus()));
          const archive = await this.archiveSummary();
          seen = { figures, archive };
          if (archive.documents !== archived || archive.total !== replicas[0]?.total) return;
        } else seen = figures;
        const same = new Set(figures.map((each) => JSON.stringify(each))).size === 1;
        return same && replicas[0]?.documents === documents ? replicas[0] : undefined;
      },
      withinMs,
      () => seen,
    );
  }

  async close(): Promise<void> {
    const ends = await Promise.allSettled(this.#started.map((process) => process.stop()));
    // A relay that was killed and never started again leaves its server behind.
    const pid = this.databasePid();
    if (pid !== undefined) killIfThere(pid);
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }
}

const figuresOf = ({ documents, lines, total, stockHash }: ReplicaStatus) => ({
  documents,
  lines,
  total,
  stockHash,
});

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
