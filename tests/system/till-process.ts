/** One register as a real process on its own directory: start, kill, start again, sell by HTTP, read what it holds. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Command } from '#lib/domain/commands.ts';
import type { JournalKey } from '#lib/domain/ids.ts';
import type { DocumentRow } from '#lib/host/services.ts';
import { ApiClient, type ApiAnswer } from '../../src/cli/api-client.ts';
import { type ReadyProcess, spawnProcess } from '../../src/cli/processes.ts';

const anything = z.unknown();

const tips = z.record(z.string(), z.object({ seq: z.number(), hash: z.string() }));

export const statusSchema = z.object({
  role: z.string(),
  store: z.string(),
  terminal: z.string(),
  incarnation: z.string(),
  letter: z.string(),
  revoked: z.object({ reason: z.string(), atMs: z.number() }).optional(),
  peers: z.array(z.object({ principal: z.string(), linked: z.boolean() })),
  tips,
  documents: z.number(),
  lines: z.number(),
  total: z.string(),
  stockHash: z.string(),
  flags: z.record(z.string(), z.number()),
  alarms: z.array(z.looseObject({ kind: z.string(), terminal: z.string().optional() })).optional(),
  copies: z
    .object({
      own: z.object({
        seq: z.number(),
        onPeers: z.number(),
        atHq: z.number(),
        archived: z.number(),
      }),
    })
    .optional(),
  archived: z.object({ archive: z.string(), generation: z.number(), tips }).optional(),
});
export type ReplicaStatus = z.infer<typeof statusSchema>;

export const doneSchema = z.object({
  outcome: z.enum(['done', 'repeated']),
  number: z.string(),
  journal: z.custom<JournalKey>(),
  seq: z.number(),
  hash: z.string(),
  ackMs: z.number(),
});
export type Done = z.infer<typeof doneSchema>;

const pageSchema = z.object({
  documents: z.array(z.custom<DocumentRow>()),
  next: z.string().optional(),
});
const pageRows = 500;

export type TillOptions = {
  readonly store: string;
  readonly terminal: string;
  readonly data: string;
  readonly witness: string;
  readonly meshPort: number;
  /** Ports of the relay and of other tills. */
  readonly peers: () => readonly number[];
  /** `CODE@127.0.0.1:port`, for the first start. */
  readonly join?: string;
};

export class TillProcess {
  readonly terminal: string;
  readonly options: TillOptions;
  /** From the spawn to the ready line, one figure for each start. */
  readonly readyMs: number[] = [];
  /** Further options from the next start on. */
  extra: readonly string[] = [];
  #process: ReadyProcess | undefined;
  #api: ApiClient | undefined;

  constructor(options: TillOptions) {
    this.terminal = options.terminal;
    this.options = options;
  }

  /** `S01-T1`: how a cut names it. */
  get name(): string {
    return `${this.options.store}-${this.terminal}`;
  }

  get process(): ReadyProcess {
    if (!this.#process) throw new Error(`${this.name} was not started`);
    return this.#process;
  }

  get running(): boolean {
    return this.#process?.running === true;
  }

  get api(): ApiClient {
    if (!this.#api) throw new Error(`${this.name} was not started`);
    return this.#api;
  }

  async start(): Promise<void> {
    const { data, witness, meshPort, peers, join: to } = this.options;
    const startedMs = performance.now();
    this.#process = await spawnProcess(
      [
        'register',
        ...['--data', data],
        ...['--witness', witness],
        ...['--ui', '127.0.0.1:0'],
        ...['--mesh', `127.0.0.1:${meshPort}`],
        '--no-discovery',
        ...this.extra,
        ...peers().flatMap((port) => ['--peer', `127.0.0.1:${port}`]),
        ...(to === undefined || isEnrolled(data) ? [] : ['--join', to]),
      ],
      { name: `register ${this.name}` },
    );
    this.readyMs.push(performance.now() - startedMs);
    this.#api = ApiClient.forDirectory(`http://127.0.0.1:${this.#process.ready.ui ?? 0}`, data);
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** `kill -9`. It must have lived until then: what ended by itself is another fault than the one that is tested. */
  async kill(): Promise<void> {
    const { code, signal } = await this.process.kill();
    if (signal !== 'SIGKILL')
      throw new Error(
        `${this.name} ended by itself (${signal ?? code}): ${this.process.lastWords}`,
      );
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** The directory is gone, as after a stolen till. What lies outside it stays. */
  wipe(): void {
    if (this.running) throw new Error(`${this.name} still runs`);
    rmSync(this.options.data, { recursive: true });
  }

  send(command: Command): Promise<ApiAnswer> {
    return this.api.send('POST', '/api/commands', command);
  }

  /** The command must be done, now or before. */
  async execute(command: Command): Promise<Done> {
    const { status, body } = await this.send(command);
    if (status !== 200)
      throw new Error(`${this.name}: ${status} ${JSON.stringify(body)}\n${this.complaints()}`);
    return doneSchema.parse(body);
  }

  status(): Promise<ReplicaStatus> {
    return this.api.get('/api/status', statusSchema);
  }

  /** In thousandths. */
  async stock(sku: string): Promise<number> {
    const answer = z.object({ quantityMilli: z.number() });
    return (await this.api.get(`/api/stock/${sku}`, answer)).quantityMilli;
  }

  async knows(sku: string): Promise<boolean> {
    const found = z.object({ products: z.array(anything) });
    const path = `/api/products?limit=1&q=${encodeURIComponent(sku)}`;
    return (await this.api.get(path, found)).products.length > 0;
  }

  /** All documents of the store that this till holds. */
  async documents(): Promise<DocumentRow[]> {
    const rows: DocumentRow[] = [];
    for (let after: string | undefined; ;) {
      const from = after === undefined ? '' : `&after=${after}`;
      const page = await this.api.get(`/api/documents?limit=${pageRows}${from}`, pageSchema);
      rows.push(...page.documents);
      if (page.next === undefined) return rows;
      after = page.next;
    }
  }

  async cut(...names: string[]): Promise<void> {
    for (const peer of names) await this.api.post('/api/mesh/cut', { peer }, anything);
  }

  async heal(...names: string[]): Promise<void> {
    for (const peer of names) await this.api.post('/api/mesh/heal', { peer }, anything);
  }

  /** Which `store-terminal`s it is linked with now. */
  async linkedWith(): Promise<string[]> {
    const { peers } = await this.status();
    return peers
      .filter(({ linked }) => linked)
      .map(({ principal }) => principal.slice(0, principal.lastIndexOf('-')))
      .sort();
  }

  /** The last warnings and errors of its log. */
  complaints(): string {
    const lines = readFileSync(join(this.options.data, 'logs', 'register.log'), 'utf8').split('\n');
    return lines
      .filter((line) => /"level":[456]0/.test(line))
      .slice(-5)
      .join('\n');
  }
}

const isEnrolled = (data: string): boolean => existsSync(join(data, 'identity', 'enrolment.json'));
