/** A till's screens on the shop's network: who gives it the certificate, and under what it keeps it. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { TillmeshError } from '../domain/errors.ts';
import type { Clock } from '../domain/clock.ts';
import type { Host } from '../host/host.ts';
import { LanScreens } from '../host/lan-screens.ts';
import type { Logger } from '../host/log.ts';
import { addressesOf } from '../host/machine-addresses.ts';
import type { Disk } from '../storage/disk.ts';
import type { EnrolledTerminal } from '../trust/identity-store.ts';
import type { KeysAtRest } from '../trust/key-seal.ts';
import type { RandomBytes } from '../trust/keys.ts';
import { verifyChain } from '../trust/chain.ts';
import { askForWebCertificate } from '../trust/web-issuing.ts';
import type { WebIssued } from '../trust/web-identity.ts';
import type { Register } from './register.ts';

type Endpoint = { readonly host: string; readonly port: number };

export type LanParts = {
  readonly host: Host;
  readonly listen: Endpoint;
  /** What it replaces is sealed. */
  readonly disk: Disk;
  readonly keys: KeysAtRest;
  readonly data: string;
  readonly enrolled: EnrolledTerminal;
  readonly register: Pick<Register, 'living'>;
  /** Where head office may answer; asked in this order. */
  readonly relays: () => readonly Endpoint[];
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
};

/** In the data directory: the till's key for its screens, and head office's certificate for it. */
export const lanFile = 'lan-screens.pem';

export function tillLanScreens(parts: LanParts): LanScreens {
  const { host, listen, disk, keys, data, enrolled, clock, random, log } = parts;
  const { company, store, terminal } = enrolled;
  return new LanScreens({
    app: host.app,
    listen,
    disk,
    keys,
    path: join(data, lanFile),
    terminal: { company, store, terminal },
    clock,
    random,
    issue: (publicKey) => askRelays(parts, publicKey),
    addresses: () => addressesOf(listen.host),
    hostName: hostname,
    // Expected while head office is away: whoever wonders looks at the till's own page.
    onProblem: (error) => log.info({ err: error }, 'certificate for the screens on the LAN'),
    onRenewed: (what, endsMs) =>
      log.info({ what, ends: new Date(endsMs).toISOString() }, 'certificate of the LAN screens'),
  });
}

/** Of what they answered the last no counts; a revocation ends the asking. */
async function askRelays(
  { enrolled, register, relays, clock }: LanParts,
  publicKey: Uint8Array,
): Promise<WebIssued> {
  let problem: unknown = new TillmeshError('LINK_FAILED', 'no address of head office');
  for (const { host, port } of relays()) {
    try {
      return await askForWebCertificate({
        host,
        port,
        credentials: register.living.credentials,
        verifyChain: (ders) => verifyChain(ders, enrolled.caDer),
        publicKey,
        clock,
      });
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}
