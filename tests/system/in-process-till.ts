/**
 * A register inside the test's own process (or a child script of a test): real disk, real TLS on loopback, but with the
 * parts that a test wants to replace: disk, machine identity, transport. The product itself has no such switches.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { orgKeys } from '#lib/documents/org-keys.ts';
import type { Clock } from '#lib/domain/clock.ts';
import type { SeriesLetter, StoreId, TerminalId } from '#lib/domain/ids.ts';
import { plainSettings } from '#lib/domain/settings.ts';
import { machineClock } from '#lib/host/machine-clock.ts';
import { barsInMemory } from '#lib/mesh/bars.ts';
import { TlsTransport } from '#lib/mesh/tls-transport.ts';
import type { Transport } from '#lib/mesh/transport.ts';
import type { RegisterEvent } from '#lib/register/register-parts.ts';
import { Register } from '#lib/register/register.ts';
import type { MachineIdentity } from '#lib/storage/binding.ts';
import type { Disk } from '#lib/storage/disk.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import type { Authority } from '#lib/trust/authority.ts';
import { IdentityStore } from '#lib/trust/identity-store.ts';
import { newKeyPair } from '#lib/trust/keys.ts';
import { operator } from './sales.ts';

export const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));

/** What head office does at enrolment, done by hand: writes the identity of a terminal into its data directory. */
export async function enrolByHand(
  authority: Authority,
  directory: string,
  terminal: string,
): Promise<void> {
  const name = { store: 'S01' as StoreId, terminal: terminal as TerminalId };
  const { privateKey, publicKey } = newKeyPair(random);
  const terminalDer = await authority.issueTerminal({
    ...name,
    publicKey,
    random,
    nowMs: Date.now(),
  });
  new IdentityStore(nodeDisk, join(directory, 'identity')).saveEnrolled(
    {
      ...name,
      company: authority.company,
      letter: 'A' as SeriesLetter,
      caDer: authority.certificateDer,
      terminalDer,
      issuers: authority.issuers,
      relays: [],
    },
    privateKey,
  );
}

export type InProcessOptions = {
  readonly directory: string;
  readonly witness: string;
  /** Where it listens; 0 for any. */
  readonly port: number;
  /** Ports of others on loopback. */
  readonly targets: () => readonly number[];
  readonly machine?: () => MachineIdentity;
  /** The machine's unless another is given. */
  readonly clock?: Clock;
  readonly disk?: Disk;
  readonly wrapTransport?: (transport: Transport) => Transport;
  readonly onEvent?: (event: RegisterEvent) => void;
};

/** Ready to sell, for an operator `max` who may do everything. */
export async function openInProcess(options: InProcessOptions): Promise<Register> {
  const disk = options.disk ?? nodeDisk;
  const register = await Register.open({
    disk,
    directory: options.directory,
    projections: join(options.directory, 'projections.db'),
    identity: new IdentityStore(disk, join(options.directory, 'identity')),
    machine: options.machine ?? (() => ({ machineId: 'the machine of this test' })),
    witnessDirectory: options.witness,
    clock: options.clock ?? machineClock,
    random,
    version: 'test',
    transport: (living, verifyPeer) => {
      const transport = new TlsTransport({
        clock: machineClock,
        credentials: () => living.credentials,
        host: '127.0.0.1',
        port: options.port,
        verifyPeer,
        // Links come and go in these tests; what they lead to is what is looked at.
        onEvent: () => undefined,
      });
      return options.wrapTransport?.(transport) ?? transport;
    },
    targets: () => options.targets().map((port) => ({ host: '127.0.0.1', port })),
    bars: barsInMemory(),
    timing: { retryMs: 20, maxRetryMs: 200 },
    onEvent: options.onEvent ?? (() => undefined),
    onFatal: (error) => {
      throw error;
    },
  });
  // No head office here: what it would publish is put in place of its release.
  const store = register.org;
  store.replace(
    new Map<string, unknown>([
      [orgKeys.settings('S01' as StoreId), plainSettings('EUR')],
      [orgKeys.operator('S01' as StoreId, operator.id), { ...operator }],
    ]),
  );
  return register;
}
