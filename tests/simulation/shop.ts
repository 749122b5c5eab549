/** The shop: tills and HQ on one network in one simulated world, with what was noticed in it. */
import type { DialTarget } from '#lib/mesh/transport.ts';
import type { RegisterEvent } from '#lib/register/register-parts.ts';
import type { RelayEvent } from '#relay/relay.ts';
import { World } from './clock.ts';
import type { Company, TerminalName } from './company.ts';
import type { DeviceParts } from './device.ts';
import { Headquarters } from './headquarters.ts';
import { Network } from './network.ts';
import { seededRandom } from './seeded-random.ts';
import { Till } from './till.ts';

export type ShopEvent = RegisterEvent | RelayEvent;

export class Shop {
  readonly world = new World();
  readonly network: Network;
  readonly tills: Till[] = [];
  /** Out of use for ever. */
  readonly retired: Till[] = [];
  readonly hq: Headquarters;
  readonly violations: string[] = [];
  /** The last things that happened, for whoever reads a failure. */
  readonly steps: string[] = [];
  readonly eventCounts = new Map<string, number>();
  readonly #company: Company;
  readonly #parts: DeviceParts;

  constructor(company: Company, seed: number) {
    this.#company = company;
    const random = seededRandom(seed * 7_919 + 1);
    this.network = new Network(this.world, seededRandom(seed * 104_729 + 2));
    this.#parts = {
      world: this.world,
      network: this.network,
      random,
      wallMs: Date.UTC(2026, 0, 15, 9),
      violation: (what) => this.violation(what),
      note: (what) => this.note(what),
    };
    this.hq = new Headquarters('hq', {
      ...this.#parts,
      targets: () => this.#targetsOf('hq'),
      onEvent: (event) => this.#event('hq', event),
    });
    this.hq.enrol(company);
  }

  addTill(terminal: TerminalName, name: string = terminal): Till {
    const till = new Till(name, {
      ...this.#parts,
      terminal,
      targets: () => this.#targetsOf(name),
      onEvent: (from, event) => this.#event(from.name, event),
    });
    this.tills.push(till);
    for (const each of this.running) each.replica.mesh.retarget();
    return till;
  }

  /** A new till with its first enrolment. */
  addEnrolledTill(terminal: TerminalName): Till {
    const till = this.addTill(terminal);
    till.enrol(this.#company, till.enrolments++);
    return till;
  }

  enrolAgain(till: Till): boolean {
    if (!this.#company.canEnrol(till.terminal, till.enrolments)) return false;
    till.enrol(this.#company, till.enrolments++);
    return true;
  }

  /** Out of use for ever: a dead till. */
  retire(till: Till): void {
    this.tills.splice(this.tills.indexOf(till), 1);
    this.retired.push(till);
    till.scrap();
  }

  get devices(): (Till | Headquarters)[] {
    return [this.hq, ...this.tills];
  }

  get running() {
    return [
      ...(this.hq.running ? [this.hq.running] : []),
      ...this.tills.flatMap((till) => (till.isSelling && till.running ? [till.running] : [])),
    ];
  }

  note(what: string): void {
    this.steps.push(`${(this.world.nowMs / 1_000).toFixed(2)} ${what}`);
  }

  violation(what: string): void {
    this.violations.push(what);
    this.note(`VIOLATION ${what}`);
  }

  #targetsOf(name: string): DialTarget[] {
    return this.devices
      .filter((device) => device.name !== name)
      .map((device) => ({ host: device.name, port: 1 }));
  }

  #event(from: string, event: ShopEvent): void {
    this.eventCounts.set(event.kind, (this.eventCounts.get(event.kind) ?? 0) + 1);
    if (quiet.has(event.kind)) return;
    const { kind, ...rest } = event;
    this.note(`${from}: ${kind} ${describe(rest)}`);
    // Everybody here is honest.
    if (kind === 'hostile')
      this.violation(`${from} took ${event.peer} for hostile: ${describe(rest)}`);
  }
}

const quiet = new Set(['listening', 'linked', 'unlinked', 'dialFailed', 'double', 'storage']);

const describe = (fields: object): string =>
  JSON.stringify(fields, (_key, value: unknown) =>
    value instanceof Error
      ? `${value.message} ${value.cause instanceof Error ? value.cause.message : ''}`
      : value,
  );
