/**
 * Begins an incarnation of a terminal: a new identity and key under the terminal's certificate.
 * Works offline and with any clock: a till whose life must begin anew can ask nobody.
 */
import { createPublicKey, X509Certificate, type KeyObject } from 'node:crypto';
import { TillmeshError } from '../domain/errors.ts';
import { principalOf, type Identity, type IncarnationId, type Principal } from '../domain/ids.ts';
import { toHex } from '../journal/bytes.ts';
import type { Signer } from '../journal/envelope.ts';
import { writeCertificate } from './certificate-builder.ts';
import { readTerminalSubject, terminalSubject } from './certificate-names.ts';
import { newKeyPair, privateKeyPem, samePublicKey, signerOf, type RandomBytes } from './keys.ts';
import { pemOf } from './pem.ts';

/** What a TLS connection of this incarnation is made with; `chainPem` is [incarnation, terminal, …issuers]. */
export type TlsCredentials = {
  readonly caPem: string;
  readonly chainPem: string;
  readonly keyPem: string;
};

export type NewIncarnation = {
  readonly identity: Identity;
  readonly principal: Principal;
  /** DER: [incarnation, terminal, …issuers], as the first journal entry and the roster carry it. */
  readonly chain: readonly Uint8Array[];
  readonly keyPem: string;
  readonly credentials: TlsCredentials;
  readonly signer: Signer;
};

export type IncarnationRequest = {
  readonly caDer: Uint8Array;
  readonly terminalDer: Uint8Array;
  readonly issuers: readonly Uint8Array[];
  readonly terminalKey: KeyObject;
  readonly random: RandomBytes;
  /** The till's wall clock, milliseconds since 1970; may be wrong. */
  readonly nowMs: number;
};

/** Throws CERTIFICATE_MALFORMED where the terminal's certificate and key are not a terminal's, or not each other's. */
export async function issueIncarnation(request: IncarnationRequest): Promise<NewIncarnation> {
  const terminal = new X509Certificate(request.terminalDer);
  const named = readTerminalSubject(terminal.subject);
  if (named === undefined || !samePublicKey(terminal.publicKey, request.terminalKey))
    throw new TillmeshError('CERTIFICATE_MALFORMED', 'terminal certificate and key do not fit');
  const identity: Identity = {
    store: named.store,
    terminal: named.terminal,
    incarnation: toHex(request.random(8)) as IncarnationId,
  };
  const principal = principalOf(identity);
  const keys = newKeyPair(request.random);
  const incarnationDer = await writeCertificate({
    role: 'incarnation',
    subject: `CN=${principal}`,
    issuer: terminalSubject(named.company, named.store, named.terminal),
    subjectKey: keys.publicKey,
    issuerPublicKey: createPublicKey(request.terminalKey),
    issuerPrivateKey: request.terminalKey,
    nowMs: request.nowMs,
    random: request.random,
  });
  const chain = [incarnationDer, request.terminalDer, ...request.issuers];
  const keyPem = privateKeyPem(keys.privateKey);
  return {
    identity,
    principal,
    chain,
    keyPem,
    credentials: { caPem: pemOf(request.caDer), chainPem: pemOf(...chain), keyPem },
    signer: signerOf(keys.privateKey),
  };
}
