/** Tills of one store with real repos and real TLS on loopback, each on a directory of its own. For tests alone. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { realClock } from '../../tests/simulation/real-clock.ts';
import type { Desks } from '../replica/desks.ts';
import { TlsTransport } from '../mesh/tls-transport.ts';
import type { SampleHeadOffice } from '../replica/sample-head-office.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { TillCart } from './cart.ts';
import type { Register } from './register.ts';
import {
  openRegister,
  prepareDirectory,
  sampleHeadOffice,
  type SampleRegisterOptions,
} from './sample-register.ts';

export type LinkedTill = {
  readonly register: Register;
  readonly desks: Desks;
  readonly cart: TillCart;
  readonly port: number;
  stop(): Promise<void>;
};

export class LinkedTills {
  readonly #root: string;
  readonly #company: SampleCompany;
  readonly #office: SampleHeadOffice;
  readonly #running = new Set<LinkedTill>();
  /** By directory: the same keys at every start. */
  readonly #terminals = new Map<string, SampleRegisterOptions['terminal']>();

  private constructor(root: string, company: SampleCompany, office: SampleHeadOffice) {
    this.#root = root;
    this.#company = company;
    this.#office = office;
  }

  static async create(name: string): Promise<LinkedTills> {
    const company = await SampleCompany.create(name);
    const root = mkdtempSync(join(tmpdir(), `tillmesh-${name}-`));
    return new LinkedTills(root, company, await sampleHeadOffice(company));
  }

  /** `directory` names another device than the terminal's own; one that was there goes on. */
  async open(
    terminal: string,
    targets: readonly number[],
    directory = terminal,
  ): Promise<LinkedTill> {
    const isNew = !this.#terminals.has(directory);
    const known = this.#terminals.get(directory);
    // As head office does: no letter of a terminal twice.
    const before = [...this.#terminals.values()].filter((one) => one.terminal === terminal);
    const options = {
      letter: String.fromCharCode(65 + before.length),
      directory: join(this.#root, directory),
      company: this.#company,
      terminal: known ?? (await this.#company.terminal('S01', terminal)),
      clock: realClock,
      wire: {
        transport: (living, verifyPeer) =>
          new TlsTransport({
            clock: realClock,
            credentials: () => living.credentials,
            host: '127.0.0.1',
            port: 0,
            verifyPeer,
            onEvent: () => undefined,
          }),
        targets: () => targets.map((port) => ({ host: '127.0.0.1', port })),
      },
    } satisfies SampleRegisterOptions;
    this.#terminals.set(directory, options.terminal);
    if (isNew) prepareDirectory(this.#office, options);
    const register = await openRegister(options);
    const till: LinkedTill = {
      register,
      desks: register.replica.desks,
      cart: new TillCart({
        register,
        execute: (command) => register.execute(command),
        onProblem: (error) => {
          throw error;
        },
      }),
      port: (await register.replica.mesh.whenListening()).port,
      stop: async () => {
        if (this.#running.delete(till)) await register.stop();
      },
    };
    this.#running.add(till);
    return till;
  }

  async close(): Promise<void> {
    for (const till of this.#running) await till.stop();
    rmSync(this.#root, { recursive: true, force: true });
  }
}
