/**
 * A shop of real processes for one replay: a relay with its archive and some registers, all on loopback with
 * free ports, under one directory. Every call goes through the HTTP API that anybody else would use.
 */
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Command } from '#lib/domain/commands.ts';
import { isTillmeshError, TillmeshError } from '#lib/domain/errors.ts';
import type { Product } from '#lib/domain/product.ts';
import { plainSettings } from '#lib/domain/settings.ts';
import { ApiClient } from '../api-client.ts';
import { joinCodeSchema } from '../join-codes.ts';
import { type ReadyProcess, spawnProcess } from '../processes.ts';
import type {
  Acknowledgement,
  ArchiveFigures,
  ReplayShop,
  ReplayTill,
  ReplicaFigures,
} from './replay-shop.ts';
import { replayOperator } from './to-command.ts';

export type ProcessShopOptions = {
  readonly directory: string;
  readonly registers: number;
  readonly products: readonly Product[];
  /** Absent: the relay's own embedded database. */
  readonly databaseUrl?: string;
};

const store = 'S01';
/** The dataset's own currency; amounts are cents of it, prices hold their tax and nothing is taxed. */
const settings = plainSettings('GBP');
const catalogWithinMs = 60_000;
const meetWithinMs = 30_000;
const anything = z.unknown();

const figuresSchema = z.object({
  documents: z.number(),
  lines: z.number(),
  total: z.string(),
  stockHash: z.string(),
  flags: z.record(z.string(), z.number()),
});

const archiveSchema = z.object({
  documents: z.number(),
  lines: z.number(),
  sale: z.number(),
  return: z.number(),
  stockAdjustment: z.number(),
  ledgerAdjustment: z.number(),
  total: z.string(),
});

const doneSchema = z.object({
  outcome: z.enum(['done', 'repeated']),
  number: z.string(),
  ackMs: z.number(),
});
const refusedSchema = z.object({ outcome: z.literal('refused'), message: z.string() });

export class ProcessShop implements ReplayShop {
  readonly #options: ProcessShopOptions;
  readonly #tills: ProcessTill[] = [];
  #relay: ReadyProcess | undefined;
  #relayPorts = { api: 0, sync: 0 };
  #closing = false;

  constructor(options: ProcessShopOptions) {
    this.#options = options;
  }

  get tills(): readonly ReplayTill[] {
    return this.#tills;
  }

  /** Head office first, then what it publishes, then the tills; done when every till can sell every product. */
  async open(progress: (text: string) => void): Promise<void> {
    progress('starting head office');
    await this.startRelay();
    await this.#refuseUsedArchive();
    await this.#publish();
    for (let n = 1; n <= this.#options.registers; n++) {
      progress(`starting register ${n} of ${this.#options.registers}`);
      await this.#openTill(`T${n}`);
    }
    progress('waiting for the catalogue');
    const last = this.#options.products.at(-1);
    if (last !== undefined) {
      await Promise.all(this.#tills.map((till) => till.waitForProduct(last)));
    }
  }

  async archive(): Promise<ArchiveFigures | undefined> {
    try {
      return await this.#relayApi().get('/api/archive/summary', archiveSchema);
    } catch (error) {
      // Away for the moment: whoever asks goes on asking, within bounds.
      const away =
        isTillmeshError(error, 'NO_ANSWER') || isTillmeshError(error, 'DATABASE_UNREACHABLE');
      if (away) return undefined;
      throw error;
    }
  }

  /** On the same ports each time, so that tills find a relay that comes back. */
  async startRelay(): Promise<void> {
    const { databaseUrl } = this.#options;
    this.#relay = await this.#spawn('relay', [
      'relay',
      ...['--data', this.#directoryOf('relay')],
      ...['--api', `127.0.0.1:${this.#relayPorts.api}`],
      ...['--sync', `127.0.0.1:${this.#relayPorts.sync}`],
      ...(databaseUrl === undefined ? [] : ['--database-url', databaseUrl]),
    ]);
    const { api = 0, sync = 0 } = this.#relay.ready;
    this.#relayPorts = { api, sync };
  }

  async stopRelay(): Promise<void> {
    await this.#relay?.stop();
  }

  /** Registers first, so that nothing of theirs is on its way when the relay ends. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all(this.#tills.map((till) => till.process.stop()));
    await this.stopRelay();
  }

  async #spawn(name: string, args: readonly string[]): Promise<ReadyProcess> {
    const process = await spawnProcess(args, { name });
    // An interrupted start: the child came up after everything else was stopped.
    if (this.#closing) await process.stop();
    return process;
  }

  #relayApi(): ApiClient {
    const url = `http://127.0.0.1:${this.#relayPorts.api}`;
    return ApiClient.forDirectory(url, this.#directoryOf('relay'));
  }

  async #refuseUsedArchive(): Promise<void> {
    const before = await this.archive();
    if (before === undefined || before.documents === 0) return;
    throw new TillmeshError(
      'INPUT_INVALID',
      `the database holds ${before.documents} documents already: name an empty one, so that the sums can be compared`,
    );
  }

  async #publish(): Promise<void> {
    const relay = this.#relayApi();
    const pin = String(randomInt(100_000, 1_000_000));
    const operator = { id: replayOperator, name: 'Replay', pin, roles: ['manager'] };
    await relay.put(`/api/settings/${store}`, { name: 'Replay', ...settings }, anything);
    await relay.put(`/api/operators/${store}`, { operators: [operator] }, anything);
    await relay.put('/api/catalog', { products: this.#options.products }, anything);
  }

  async #openTill(terminal: string): Promise<void> {
    const { sync } = this.#relayPorts;
    const { code } = await this.#relayApi().post(
      '/api/join-codes',
      { store, terminal },
      joinCodeSchema,
    );
    const peers = [sync, ...this.#tills.map((till) => till.process.ready.mesh)];
    const directory = this.#directoryOf(terminal);
    const process = await this.#spawn(`register ${terminal}`, [
      'register',
      ...['--data', directory],
      ...['--witness', this.#directoryOf(`witness-${terminal}`)],
      ...['--ui', '127.0.0.1:0'],
      ...['--mesh', '127.0.0.1:0'],
      // All are known by address: a replay has no business on the network around it.
      '--no-discovery',
      ...peers.flatMap((port) => (port === undefined ? [] : ['--peer', `127.0.0.1:${port}`])),
      ...['--join', `${code}@127.0.0.1:${sync}`],
    ]);
    const url = `http://127.0.0.1:${process.ready.ui ?? 0}`;
    this.#tills.push(new ProcessTill(terminal, process, ApiClient.forDirectory(url, directory)));
  }

  #directoryOf(name: string): string {
    return join(this.#options.directory, name);
  }
}

class ProcessTill implements ReplayTill {
  readonly terminal: string;
  readonly process: ReadyProcess;
  readonly #api: ApiClient;

  constructor(terminal: string, process: ReadyProcess, api: ApiClient) {
    this.terminal = terminal;
    this.process = process;
    this.#api = api;
  }

  async execute(command: Command): Promise<Acknowledgement> {
    const { status, body } = await this.#api.send('POST', '/api/commands', command);
    if (status === 200) return doneSchema.parse(body);
    if (status === 409) return refusedSchema.parse(body);
    const text = JSON.stringify(body).slice(0, 500);
    throw new TillmeshError('PROCESS_FAILED', `${this.process.name} answers ${status}: ${text}`);
  }

  figures(): Promise<ReplicaFigures> {
    return this.#api.get('/api/status', figuresSchema);
  }

  async cut(terminal: string): Promise<void> {
    const deadline = AbortSignal.timeout(meetWithinMs);
    for (;;) {
      try {
        await this.#api.post('/api/mesh/cut', { peer: `${store}-${terminal}` }, anything);
        return;
      } catch (error) {
        // Tills that have just started have not heard of each other yet.
        if (!isTillmeshError(error, 'PEER_UNKNOWN') || deadline.aborted) throw error;
        await delay(50);
      }
    }
  }

  async heal(terminal: string): Promise<void> {
    await this.#api.post('/api/mesh/heal', { peer: `${store}-${terminal}` }, anything);
  }

  /** A release comes into force as a whole: one product of it is all of it. */
  async waitForProduct({ sku }: Product): Promise<void> {
    const path = `/api/products?limit=1&q=${encodeURIComponent(sku)}`;
    const found = z.object({ products: z.array(anything) });
    const deadline = AbortSignal.timeout(catalogWithinMs);
    while ((await this.#api.get(path, found)).products.length === 0) {
      if (deadline.aborted) {
        throw new TillmeshError('PROCESS_FAILED', `the catalogue has not reached ${this.terminal}`);
      }
      await delay(50);
    }
  }
}
