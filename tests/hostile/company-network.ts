/**
 * A relay, a register under attack and an honest second register in the test's own process: real disks, real mTLS on
 * loopback, one company. What a process of its own adds is in `process-attacks.test.ts`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '#lib/domain/clock.ts';
import type { JournalKey, SeriesLetter } from '#lib/domain/ids.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import type { TlsEvent } from '#lib/mesh/tls-options.ts';
import { TlsTransport } from '#lib/mesh/tls-transport.ts';
import type { Transport } from '#lib/mesh/transport.ts';
import type { RegisterEvent } from '#lib/register/register-parts.ts';
import { Register } from '#lib/register/register.ts';
import { barFile } from '#lib/replica/bar-file.ts';
import type { Replica } from '#lib/replica/replica.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { IdentityStore, type LivingIncarnation } from '#lib/trust/identity-store.ts';
import { SampleCompany, type SampleTerminal } from '#lib/trust/sample-company.ts';
import { ArchiveWriter } from '#relay/archive-writer.ts';
import { settleGeneration } from '#relay/generation-check.ts';
import { InMemoryArchive } from '#relay/in-memory-archive.ts';
import { Relay, type RelayEvent } from '#relay/relay.ts';
import { store, wanted } from '../simulation/goods.ts';
import { until } from '../system/until.ts';

export type Role = 'register' | 'relay';
type VerifyPeer = ConstructorParameters<typeof TlsTransport>[0]['verifyPeer'];

const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** One replica with what a test looks at. */
export class Node<Running extends Register | Relay> {
  readonly role: Role;
  readonly directory: string;
  readonly events: (RegisterEvent | RelayEvent)[] = [];
  running: Running;
  port = 0;

  constructor(role: Role, directory: string, running: Running) {
    this.role = role;
    this.directory = directory;
    this.running = running;
  }

  get replica(): Replica {
    return this.running.replica;
  }

  /** The port is free again when it resolves. */
  async stop(): Promise<void> {
    const { mesh } = this.replica;
    await this.running.stop();
    await mesh.whenStopped();
  }

  /** Offences told so far, and faults of its own: there must be none of these. */
  get offences() {
    return this.events.filter((event) => event.kind === 'hostile');
  }
  get faults() {
    return this.events.filter(({ kind }) => ['fault', 'error', 'storm', 'damaged'].includes(kind));
  }
}

export class CompanyNetwork {
  readonly company: SampleCompany;
  readonly directory: string;
  readonly archive = new InMemoryArchive({
    clock: machineClock,
    identity: { archive: 'hostile', generation: 1 },
  });
  /** Connections that became no link. */
  readonly tlsEvents: TlsEvent[] = [];
  readonly #terminals = new Map<string, SampleTerminal>();
  #register: Node<Register> | undefined;
  #honest: Node<Register> | undefined;
  #relay: Node<Relay> | undefined;
  readonly #more: Node<Register>[] = [];
  /** How far the wall clock of a terminal is off, milliseconds. */
  readonly #offsetsMs: Readonly<Record<string, number>>;
  /** Ports that the register under attack dials beside its own peers. */
  readonly strangers: number[] = [];
  #sales = 0;

  private constructor(
    company: SampleCompany,
    directory: string,
    offsetsMs: Readonly<Record<string, number>>,
  ) {
    this.company = company;
    this.directory = directory;
    this.#offsetsMs = offsetsMs;
  }

  static async open(offsetsMs: Readonly<Record<string, number>> = {}): Promise<CompanyNetwork> {
    const network = new CompanyNetwork(
      await SampleCompany.create('attacked'),
      mkdtempSync(join(tmpdir(), 'tillmesh-hostile-')),
      offsetsMs,
    );
    await network.#enrol('HQ', 'HQ1');
    network.#relay = await network.#openRelay();
    await network.#relay.running.publisher.publish(wanted());
    await network.#enrol(store, 'T1');
    await network.#enrol(store, 'T2');
    network.#register = await network.#openRegister('T1', []);
    network.#honest = await network.#openRegister('T2', [() => network.register.port]);
    await network.settled();
    return network;
  }

  get register(): Node<Register> {
    if (!this.#register) throw new Error('no register');
    return this.#register;
  }
  get honest(): Node<Register> {
    if (!this.#honest) throw new Error('no honest register');
    return this.#honest;
  }
  get relay(): Node<Relay> {
    if (!this.#relay) throw new Error('no relay');
    return this.#relay;
  }
  node(role: Role): Node<Register> | Node<Relay> {
    return role === 'relay' ? this.relay : this.register;
  }

  /** Another honest register. */
  async add(terminal: string): Promise<Node<Register>> {
    await this.#enrol(store, terminal);
    const peers = [() => this.register.port, () => this.honest.port];
    const node = await this.#openRegister(terminal, peers);
    this.#more.push(node);
    await this.settled();
    return node;
  }

  get registers(): readonly Node<Register>[] {
    return [this.register, this.honest, ...this.#more];
  }
  get #everybody(): (Node<Register> | Node<Relay>)[] {
    return [this.#register, this.#honest, this.#relay, ...this.#more].filter(
      (node) => node !== undefined,
    );
  }

  /** Everybody is linked with everybody, and prices are in force. */
  async settled(): Promise<void> {
    await until('the network', () => {
      const all = this.#everybody;
      const linked = all.every((node) => this.honestPeersOf(node).length === all.length - 1);
      return linked && this.registers.every(({ running }) => running.release > 0)
        ? true
        : undefined;
    });
  }

  honestPeersOf(node: Node<Register> | Node<Relay>): string[] {
    const own = this.#everybody.map((other): string => other.replica.me.principal);
    return node.replica.mesh.peers.filter((peer) => own.includes(peer));
  }

  /** A sale of the attacked register, or of the honest one for a relay. Returns how long it took to acknowledge. */
  sellOnce(at: Role = 'register'): { tookMs: number; journal: JournalKey; seq: number } {
    const seller = at === 'relay' ? this.honest : this.register;
    const startedMs = performance.now();
    const done = seller.running.execute({
      kind: 'CompleteSale',
      command: `sale-under-attack-${++this.#sales}`,
      by: 'ann',
      lines: [{ sku: 'TEA', quantityMilli: 1_000 }],
      tenders: [{ kind: 'cash', givenMinor: 1_000 }],
    });
    if (done.outcome !== 'done') throw new Error(JSON.stringify(done));
    return { tookMs: performance.now() - startedMs, journal: done.journal, seq: done.seq };
  }

  /** A sale that reaches everybody. */
  async sell(at: Role = 'register'): Promise<void> {
    await this.arrived(this.sellOnce(at));
  }

  /** Everybody has this entry. */
  async arrived({ journal, seq }: { journal: JournalKey; seq: number }): Promise<void> {
    for (const other of this.#everybody)
      await until(`the entry at ${other.directory}`, () =>
        other.replica.journals.tip(journal).seq >= seq ? true : undefined,
      );
  }

  /** P4: all three agree in documents, total and stock. */
  async agreed(): Promise<void> {
    await this.sell();
    const figures = () =>
      [
        ...this.registers.map(({ running }) => running.models),
        this.relay.running.readSide(store)?.models,
      ].map((models) => JSON.stringify([models?.totals(), models?.stockHash()]));
    await until('agreement', () => new Set(figures()).size === 1 || undefined, 20_000, figures);
  }

  async restart(role: Role): Promise<void> {
    const node = this.node(role);
    await node.stop();
    if (role === 'relay') this.#relay = await this.#openRelay(node.port);
    else this.#register = await this.#openRegister('T1', [() => this.honest.port], node.port);
    await this.settled();
  }

  async close(): Promise<void> {
    for (const node of this.#everybody) await node.stop();
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #enrol(of: string, terminal: string): Promise<void> {
    const made = await this.company.terminal(of, terminal);
    this.#terminals.set(terminal, made);
    new IdentityStore(nodeDisk, join(this.directory, terminal, 'identity')).saveEnrolled(
      {
        company: 'acme',
        store: made.store,
        terminal: made.terminal,
        letter: 'A' as SeriesLetter,
        caDer: this.company.caDer,
        terminalDer: made.certificateDer,
        issuers: made.issuers,
        relays: [],
      },
      made.key,
    );
  }

  clockOf(terminal: string): Clock {
    const offsetMs = this.#offsetsMs[terminal] ?? 0;
    return { ...machineClock, wallMs: () => machineClock.wallMs() + offsetMs };
  }

  #parts(terminal: string, port: number) {
    const directory = join(this.directory, terminal);
    const clock = this.clockOf(terminal);
    return {
      disk: nodeDisk,
      directory,
      identity: new IdentityStore(nodeDisk, join(directory, 'identity')),
      machine: () => ({ machineId: 'the machine of this test' }),
      clock,
      random,
      version: '0.0.0-test',
      bars: barFile(nodeDisk, join(directory, 'bars.json')),
      timing: { retryMs: 50, maxRetryMs: 200 },
      transport: (living: LivingIncarnation, verifyPeer: VerifyPeer): Transport =>
        new TlsTransport({
          clock,
          credentials: () => living.credentials,
          host: '127.0.0.1',
          port,
          verifyPeer,
          onEvent: (event) => this.tlsEvents.push(event),
        }),
      onFatal: (error: unknown) => {
        throw error;
      },
    };
  }

  async #openRegister(
    terminal: string,
    peers: readonly (() => number)[],
    port = 0,
  ): Promise<Node<Register>> {
    const parts = this.#parts(terminal, port);
    const targets = [...peers, () => this.relay.port];
    const events: RegisterEvent[] = [];
    const running = await Register.open({
      ...parts,
      projections: join(parts.directory, 'projections.db'),
      witnessDirectory: join(this.directory, `witness-${terminal}`),
      targets: () => {
        const strangers = terminal === 'T1' ? this.strangers : [];
        const ports = [...targets.map((target) => target()), ...strangers];
        return ports.map((at) => ({ host: '127.0.0.1', port: at }));
      },
      onEvent: (event) => events.push(event),
    });
    return this.#node('register', parts.directory, running, events);
  }

  async #openRelay(port = 0): Promise<Node<Relay>> {
    const parts = this.#parts('HQ1', port);
    const events: RelayEvent[] = [];
    const writer = new ArchiveWriter({
      archive: this.archive,
      clock: machineClock,
      settle: () => settleGeneration(running, this.archive),
      onArchived: (tips) => running.archivedMore(tips),
    });
    const running = await Relay.open({
      ...parts,
      projections: () => ':memory:',
      targets: () => [],
      stores: [store],
      archive: writer,
      onEvent: (event) => events.push(event),
    });
    await writer.check();
    return this.#node('relay', parts.directory, running, events);
  }

  async #node<Running extends Register | Relay>(
    role: Role,
    directory: string,
    running: Running,
    events: (RegisterEvent | RelayEvent)[],
  ): Promise<Node<Running>> {
    const node = new Node(role, directory, running);
    node.port = (await running.replica.mesh.whenListening()).port;
    // The node's own list goes on where the one of its start ended.
    node.events.push(...events);
    events.push = (...more) => node.events.push(...more);
    return node;
  }
}
