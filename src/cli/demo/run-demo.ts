/** The demo: a relay and some registers as real processes on one machine, with a sample shop in them. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { fileSource } from '#lib/demo/byte-source.ts';
import { readCatalog } from '#lib/demo/catalog-file.ts';
import { generateShop, type Shop } from '#lib/demo/shop.ts';
import { isTillmeshError, TillmeshError } from '#lib/domain/errors.ts';
import { type DirectoryLock, lockDirectory } from '#lib/storage/directory-lock.ts';
import { ApiClient } from '../api-client.ts';
import { joinCodeSchema } from '../join-codes.ts';
import { defaultPorts } from '../options.ts';
import type { Ready, ReadyProcess } from '../processes.ts';
import { type DemoState, readDemo, removeDemo, writeDemo } from './demo-state.ts';
import { portOrAny } from './free-port.ts';
import { KeptProcess } from './kept-process.ts';
import { publishShop } from './publish-shop.ts';
import { sellHistory } from './sell-history.ts';

export type DemoOptions = {
  readonly data: string;
  readonly fresh: boolean;
  readonly registers: number;
  /** Absent: what the demo was begun with, or 2,000. */
  readonly products?: number;
  /** Products of a CSV file instead of generated ones. */
  readonly catalog?: string;
  readonly days: number;
  readonly seed: string;
  /** Takes any free ports instead of the usual ones. */
  readonly freePorts: boolean;
  /** The program of the processes, when it is not this one. */
  readonly entry?: URL;
};

export type DemoProcess = { readonly name: string; readonly url: string; readonly pid: number };

export type RunningDemo = {
  readonly relay: DemoProcess;
  readonly registers: readonly (DemoProcess & { readonly terminal: string })[];
  readonly operators: DemoState['operators'];
  /** Sells the sample days when they have not been sold yet. */
  fillIn(): Promise<{ sold: number; refused: number } | undefined>;
};

const store = 'S01';
const usualProducts = 2_000;
/** Between the ports of two registers; 4100, 4110, 4120 are their screens. */
const portStep = 10;
const catalogWithinMs = 60_000;

export class Demo {
  readonly #options: DemoOptions;
  readonly #say: (line: string) => void;
  readonly #processes: KeptProcess[] = [];
  #lock: DirectoryLock | undefined;
  #stopping = false;

  constructor(options: DemoOptions, say: (line: string) => void) {
    this.#options = options;
    this.#say = say;
  }

  async start(): Promise<RunningDemo> {
    const { data } = this.#options;
    if (this.#options.fresh) removeDemo(data);
    const known = readDemo(data);
    if (known) this.#refuseOtherShop(known);
    const shop = known?.published && known.historySold ? undefined : await this.#shop(known);
    const state: DemoState = known ?? newState(this.#options, shop);
    if (!known) writeDemo(data, state);
    this.#lock = lockDirectory(data);

    const relay = await this.#startRelay();
    const relayApi = ApiClient.forDirectory(urlOn(relay.ready.api), join(data, 'relay'));
    if (!state.published && shop) {
      await publishShop(relayApi, store, shop);
      state.published = true;
      writeDemo(data, state);
    }
    const registers: { process: ReadyProcess; terminal: string }[] = [];
    for (let n = 0; n < this.#options.registers; n += 1) {
      const terminal = `T${n + 1}`;
      const peers = [relay.ready.sync, ...registers.map(({ process }) => process.ready.mesh)];
      const join = this.#isEnrolled(state, terminal)
        ? []
        : ['--join', await this.#joinCode(relayApi, terminal, relay.ready.sync)];
      const process = await this.#startRegister(terminal, n, peers, join);
      registers.push({ process, terminal });
      if (join.length === 0) continue;
      state.enrolled.push(terminal);
      writeDemo(data, state);
    }
    const tills = registers.map(({ process, terminal }) =>
      ApiClient.forDirectory(urlOn(process.ready.ui), this.#directoryOf(terminal)),
    );
    return {
      relay: { name: relay.name, url: relayApi.url, pid: relay.pid },
      registers: registers.map(({ process, terminal }) => ({
        name: process.name,
        terminal,
        url: urlOn(process.ready.ui),
        pid: process.pid,
      })),
      operators: state.operators,
      fillIn: async () => {
        if (state.historySold || !shop) return undefined;
        await this.#catalogArrived(tills, shop);
        const result = await sellHistory(tills, shop.history, () => this.#stopping);
        if (this.#stopping) return undefined;
        state.historySold = true;
        writeDemo(data, state);
        return result;
      },
    };
  }

  /** Ends registers first, so that their last words reach the relay. Answers how many were down for good. */
  async stop(): Promise<{ readonly died: number }> {
    this.#stopping = true;
    const died = this.#processes.filter((process) => process.isDown).length;
    const [relay, ...registers] = this.#processes;
    await Promise.all(registers.map((process) => process.stop()));
    await relay?.stop();
    this.#lock?.release();
    return { died };
  }

  #startRelay(): Promise<ReadyProcess> {
    return this.#keep('relay', async (before) => [
      'relay',
      ...['--data', join(this.#options.data, 'relay')],
      ...['--api', `127.0.0.1:${before?.api ?? (await this.#port(defaultPorts.api))}`],
      ...['--sync', `127.0.0.1:${before?.sync ?? (await this.#port(defaultPorts.sync))}`],
    ]);
  }

  #startRegister(
    terminal: string,
    index: number,
    peers: readonly (number | undefined)[],
    join: readonly string[],
  ): Promise<ReadyProcess> {
    const [ui, mesh] = [defaultPorts.ui, defaultPorts.mesh].map((port) => port + index * portStep);
    return this.#keep(`register ${terminal}`, async (before) => [
      'register',
      ...['--data', this.#directoryOf(terminal)],
      ...['--ui', `127.0.0.1:${before?.ui ?? (await this.#port(ui ?? 0))}`],
      ...['--mesh', `127.0.0.1:${before?.mesh ?? (await this.#port(mesh ?? 0))}`],
      // All of them are known by address: no need to ask the network of whoever tries the demo.
      '--no-discovery',
      ...peers.flatMap((port) => (port === undefined ? [] : ['--peer', `127.0.0.1:${port}`])),
      ...(before ? [] : join),
    ]);
  }

  async #keep(
    name: string,
    args: (before: Ready | undefined) => Promise<readonly string[]>,
  ): Promise<ReadyProcess> {
    if (this.#stopping) throw new TillmeshError('PROCESS_FAILED', 'the demo is being stopped');
    const { entry } = this.#options;
    const process = new KeptProcess({ name, args, say: this.#say, ...(entry && { entry }) });
    // Known before it runs: whoever stops the demo meanwhile waits for it and ends it.
    this.#processes.push(process);
    return process.start();
  }

  /** The directory knows better than the list: a demo that was ended between the two must not join twice. */
  #isEnrolled(state: DemoState, terminal: string): boolean {
    const enrolment = join(this.#directoryOf(terminal), 'identity', 'enrolment.json');
    return state.enrolled.includes(terminal) || existsSync(enrolment);
  }

  async #joinCode(relay: ApiClient, terminal: string, sync: number | undefined): Promise<string> {
    const { code } = await relay
      .post('/api/join-codes', { store, terminal }, joinCodeSchema)
      .catch((error: unknown) => {
        if (!isTillmeshError(error, 'NAME_IN_USE')) throw error;
        // A demo that was killed while this one joined: its directory knows nothing of that.
        const ask = { store, terminal, reason: 'replaced' };
        return relay.post('/api/replacements', ask, joinCodeSchema);
      });
    return `${code}@127.0.0.1:${sync}`;
  }

  /** Until every till finds the last product: all that HQ published came with it. */
  async #catalogArrived(tills: readonly ApiClient[], shop: Shop): Promise<void> {
    const last = shop.products.at(-1);
    if (!last) return;
    const path = `/api/products?limit=1&q=${encodeURIComponent(last.sku)}`;
    const found = z.object({ products: z.array(z.unknown()) });
    const deadline = AbortSignal.timeout(catalogWithinMs);
    for (const till of tills) {
      while (!this.#stopping && (await till.get(path, found)).products.length === 0) {
        if (deadline.aborted) {
          throw new TillmeshError('PROCESS_FAILED', 'the catalogue has not reached all registers');
        }
        await delay(50);
      }
    }
  }

  async #shop(known: DemoState | undefined): Promise<Shop> {
    const products = known?.products ?? this.#options.products ?? usualProducts;
    const catalog = known?.catalog ?? this.#options.catalog;
    const { seed, days, registers: tills } = this.#options;
    if (catalog === undefined) return generateShop({ seed, products, days, tills });
    // A shop's own goods have no invented sales.
    const shop = generateShop({ seed, products: 0, days: 0, tills });
    const taxes = Object.keys(shop.settings.taxes);
    return { ...shop, products: await readCatalog(fileSource(catalog), taxes) };
  }

  #refuseOtherShop(known: DemoState): void {
    const { products, catalog } = this.#options;
    const same =
      (products === undefined || products === known.products) &&
      (catalog === undefined || catalog === known.catalog);
    if (same) return;
    throw new TillmeshError(
      'INPUT_INVALID',
      'this demo was begun with another catalogue: add --fresh to start over',
    );
  }

  #directoryOf(terminal: string): string {
    return join(this.#options.data, `${store}-${terminal}`);
  }

  #port(usual: number): Promise<number> {
    return this.#options.freePorts ? Promise.resolve(0) : portOrAny(usual, '127.0.0.1');
  }
}

function newState(options: DemoOptions, shop: Shop | undefined): DemoState {
  return {
    version: 1,
    seed: options.seed,
    products: options.products ?? usualProducts,
    ...(options.catalog !== undefined && { catalog: options.catalog }),
    operators: (shop?.operators ?? []).map((operator) => ({
      ...operator,
      roles: [...operator.roles],
    })),
    published: false,
    enrolled: [],
    historySold: false,
  };
}

const urlOn = (port: number | undefined): string => `http://127.0.0.1:${port ?? 0}`;
