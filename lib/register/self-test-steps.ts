/**
 * What usually breaks at a till, as the steps of its self-test: its own port and certificate, the way to head office,
 * clocks, disk, the witness, and whether the read models are where the journals are. Looks only, and changes nothing.
 */
import { isIP } from 'node:net';
import type { Clock } from '../domain/clock.ts';
import { type Check, checked } from '../host/checks/check.ts';
import { checkCertificate } from '../host/checks/certificate.ts';
import { checkSpace } from '../host/checks/disk-space.ts';
import { checkOwnTls } from '../host/checks/own-tls.ts';
import { checkClock, checkPortAnswers, checkRelay, type Endpoint } from '../host/checks/reach.ts';
import type { Disk } from '../storage/disk.ts';
import { Witness } from '../storage/witness.ts';
import type { IdentityStore } from '../trust/identity-store.ts';
import type { Register } from './register.ts';
import type { SelfTestStep } from './self-test.ts';

export type SelfTestParts = {
  readonly register: Register;
  readonly identity: IdentityStore;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly directory: string;
  readonly witnessDirectory: string;
  /** Where this till listens for others; `0.0.0.0` and `::` are all of its addresses. */
  readonly mesh: () => Endpoint;
  readonly relays: readonly Endpoint[];
  /** Of this machine on its networks, its own loopback excepted. */
  readonly addresses: () => readonly string[];
};

export function selfTestSteps(parts: SelfTestParts): readonly SelfTestStep[] {
  const { register, identity, disk, clock, directory } = parts;
  return [
    { check: 'address', run: () => [checkAddress(parts)] },
    {
      check: 'own-port',
      run: () => Promise.all(ownEndpoints(parts).map((own) => checkPortAnswers('own-port', own))),
    },
    {
      check: 'own-tls',
      async run(signal) {
        const enrolled = identity.enrolled();
        const [own] = ownEndpoints(parts);
        if (!enrolled || !own) return [checked('own-tls', 'fail', { found: 'notEnrolled' })];
        const { principal, credentials } = register.living;
        return [await checkOwnTls(own, { principal, credentials, caDer: enrolled.caDer }, signal)];
      },
    },
    { check: 'certificate', run: () => [checkCertificate(identity, clock.wallMs())] },
    { check: 'relay-port', run: () => checkRelays(parts) },
    { check: 'clock', run: () => checkPeerClocks(register) },
    { check: 'disk-space', run: () => [checkSpace(disk, directory)] },
    { check: 'witness', run: () => [checkWitness(parts)] },
    { check: 'figures', run: () => [checkFigures(register)] },
  ];
}

const isEvery = (host: string): boolean => host === '0.0.0.0' || host === '::';
const isLoopback = (host: string): boolean => /^(?:127\.|::1$|localhost$)/.test(host);

function checkAddress({ mesh, relays, addresses }: SelfTestParts): Check {
  if (isLoopback(mesh().host))
    return relays.length > 0 && relays.every(({ host }) => isLoopback(host))
      ? checked('address', 'ok', { found: 'oneMachine' })
      : checked('address', 'warn', { found: 'loopbackOnly' });
  const found = addresses();
  return found.length === 0
    ? checked('address', 'warn', { found: 'noAddress' })
    : checked('address', 'ok', { found: 'addresses', addresses: found });
}

/** By every address under which another till could call. */
function ownEndpoints({ mesh, addresses }: SelfTestParts): readonly Endpoint[] {
  const { host, port } = mesh();
  if (!isEvery(host)) return [{ host, port }];
  const all = addresses();
  return (all.length === 0 ? ['127.0.0.1'] : all).map((own) => ({ host: own, port }));
}

/** Of an address that needs no name, the line about its name would say nothing. */
async function checkRelays({ relays, clock }: SelfTestParts): Promise<readonly Check[]> {
  if (relays.length === 0) return [checked('relay-port', 'warn', { found: 'noRelay' })];
  const all = await Promise.all(relays.map((relay) => checkRelay(relay, () => clock.wallMs())));
  return all.flat().filter((one) => !(one.found === 'name' && isIP(one.host) !== 0));
}

function checkPeerClocks({ replica }: Register): readonly Check[] {
  const compared = replica.mesh.peers.flatMap((principal) => {
    const offsetMs = replica.voice.clockOffsetMs(principal);
    const terminal = principal.slice(0, principal.lastIndexOf('-'));
    return offsetMs === undefined ? [] : [checkClock(terminal, offsetMs)];
  });
  // Nobody to compare with is no fault of this till.
  return compared.length > 0 ? compared : [checked('clock', 'ok', { found: 'nobodyToCompare' })];
}

/** Reads the note anew, as the next start will. */
function checkWitness({ register, disk, witnessDirectory }: SelfTestParts): Check {
  const { living, replica } = register;
  const { seq } = replica.own.tip;
  let problem: string | undefined;
  const witness = Witness.open(disk, witnessDirectory, living.incarnation, {
    onProblem: ({ code }) => (problem = code),
  });
  if (problem !== undefined) return checked('witness', 'warn', { found: 'broke', code: problem });
  // It runs ahead of the journal by a block at most, and never behind what this process has written.
  return witness.check(seq) === 'ok' && witness.last === seq
    ? checked('witness', 'ok', { found: 'witness', seq })
    : checked('witness', 'warn', { found: 'witnessBehind' });
}

/** Behind for longer than a moment means that a fold failed. */
function checkFigures({ replica, models }: Register): Check {
  const tips = replica.tips();
  const behind = [...tips].filter(([journal, { seq }]) => (models.cursor(journal)?.seq ?? 0) < seq);
  return behind.length === 0
    ? checked('figures', 'ok', { found: 'figures', journals: tips.size })
    : checked('figures', 'warn', { found: 'figuresBehind', journals: behind.length });
}
