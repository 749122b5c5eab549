/** Makes a data directory that of a till: one code, one answer, and the enrolment on disk, or one clear error and nothing. */
import { randomBytes, X509Certificate } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { TillmeshError } from '../domain/errors.ts';
import { bindingOf } from '../replica/incarnation.ts';
import type { MachineIdentity } from '../storage/binding.ts';
import { readEnrollerSubject } from '../trust/certificate-names.ts';
import { joinNetwork } from '../trust/enrolment-client.ts';
import type { EnrolledTerminal, IdentityStore } from '../trust/identity-store.ts';
import { parseJoinCode } from '../trust/join-code.ts';
import { newKeyPair } from '../trust/keys.ts';

const random = (length: number) => new Uint8Array(randomBytes(length));

/** Throws ALREADY_ENROLLED, and what `joinNetwork` throws. Killed before it resolves, it can be begun again. */
export async function joinDirectory(
  identity: IdentityStore,
  to: { readonly host: string; readonly port: number; readonly code: string },
  { clock, machine }: { readonly clock: Clock; readonly machine: MachineIdentity },
  onTheirClock?: (wallMs: number) => void,
): Promise<EnrolledTerminal> {
  // Whoever gives a code means to join: to go on as another terminal would be the silent opposite.
  const before = identity.enrolled();
  if (before) throw new TillmeshError('ALREADY_ENROLLED', `${before.store} ${before.terminal}`);
  const code = parseJoinCode(to.code);
  if (!code) throw new TillmeshError('JOIN_CODE_WRONG');
  const { host, port } = to;
  const { privateKey } = newKeyPair(random);
  const enrolled = await joinNetwork({
    ...{ host, port, code, terminalKey: privateKey, random, clock },
    ...(onTheirClock && { onTheirClock }),
  });
  const [issuer] = enrolled.issuers;
  const byTill = issuer && readEnrollerSubject(new X509Certificate(issuer).subject) !== undefined;
  // HQ names itself by the address that it knows; the one that worked just now works too. A till knows the way to HQ.
  const relays = byTill
    ? enrolled.relays
    : [
        { host, port },
        ...enrolled.relays.filter((relay) => relay.host !== host || relay.port !== port),
      ];
  identity.saveEnrolled({ ...enrolled, relays }, privateKey, bindingOf(machine));
  return { ...enrolled, relays, terminalKey: privateKey };
}
