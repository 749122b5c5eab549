/**
 * Decides whether a certificate chain is one of this company's: [incarnation, terminal] under the CA.
 * Never asks the clock: on a LAN a long outage or a wrong clock must not end trust; revocation does.
 */
import { X509Certificate } from 'node:crypto';
import { TillmeshError } from '../domain/errors.ts';
import {
  isPrincipal,
  parsePrincipal,
  type Identity,
  type Principal,
  type StoreId,
  type TerminalId,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes } from '../journal/bytes.ts';
import type { Verifier } from '../journal/envelope.ts';
import { companyOf, readTerminalSubject } from './authority.ts';
import { checkProfile } from './certificate-profile.ts';
import { verifierOf } from './keys.ts';

export type VerifiedChain = {
  readonly company: string;
  readonly identity: Identity;
  readonly principal: Principal;
  /** Checks signatures of this incarnation. */
  readonly verify: Verifier;
  /** The earlier end of both certificates, milliseconds since 1970: for people, nothing here enforces it. */
  readonly notAfterMs: number;
};

/** A terminal as the CA vouches for it. */
export type VerifiedTerminal = {
  readonly company: string;
  readonly store: StoreId;
  readonly terminal: TerminalId;
};

/**
 * @param ders [incarnation, terminal]
 * @param ca the company's CA certificate
 * Throws CERTIFICATE_UNTRUSTED where somebody signed who may not, CERTIFICATE_MALFORMED for what is no chain of ours at all.
 */
export function verifyChain(
  ders: readonly Uint8Array[],
  ca: X509Certificate | Uint8Array,
): VerifiedChain {
  const [incarnationDer, terminalDer] = ders;
  if (incarnationDer === undefined || terminalDer === undefined || ders.length !== 2)
    malformed(`${ders.length} certificates instead of incarnation and terminal`);
  const incarnation = readCertificate(incarnationDer);
  const { company, store, terminal, certificate } = readTerminal(terminalDer, ca);
  if (!isIssued(incarnation, certificate)) untrusted('incarnation certificate not by its terminal');
  checkProfile(incarnationDer, 'incarnation');

  const principal = /^CN=(.+)$/.exec(incarnation.subject)?.[1];
  if (!isPrincipal(principal)) malformed('name of the incarnation');
  const identity = parsePrincipal(principal);
  // The CA vouches for store and terminal; a terminal may begin lives of its own name only.
  if (identity.store !== store || identity.terminal !== terminal)
    untrusted(`${principal} was signed by ${store}-${terminal}`);

  return {
    company,
    identity,
    principal,
    verify: verifierOf(incarnation.publicKey),
    notAfterMs: Math.min(incarnation.validToDate.getTime(), certificate.validToDate.getTime()),
  };
}

/** The upper half of a chain: a terminal's certificate under the CA. Throws as `verifyChain`. */
export function verifyTerminal(
  terminalDer: Uint8Array,
  ca: X509Certificate | Uint8Array,
): VerifiedTerminal {
  const { company, store, terminal } = readTerminal(terminalDer, ca);
  return { company, store, terminal };
}

function readTerminal(
  terminalDer: Uint8Array,
  ca: X509Certificate | Uint8Array,
): VerifiedTerminal & { readonly certificate: X509Certificate } {
  const authority = ca instanceof X509Certificate ? ca : readCertificate(ca);
  const company = companyOf(authority);
  if (company === undefined) malformed('the CA certificate');
  const certificate = readCertificate(terminalDer);
  // The signature first: all that matters about a stranger's certificate is that it is a stranger's.
  if (!isIssued(certificate, authority)) untrusted('not issued by this company’s CA');
  checkProfile(terminalDer, 'terminal');
  const named = readTerminalSubject(certificate.subject);
  if (named === undefined || named.company !== company) malformed('name of the terminal');
  return { ...named, certificate };
}

/** One certificate in the one form that we write: DER, nothing behind it, Ed25519, within its size. */
function readCertificate(der: Uint8Array): X509Certificate {
  if (der.length > limits.certificateBytes) malformed(`${der.length} bytes`);
  let certificate: X509Certificate;
  let keyType: string | undefined;
  try {
    certificate = new X509Certificate(der);
    // Reading the key is what fails for keys of unknown kinds.
    keyType = certificate.publicKey.asymmetricKeyType;
  } catch (cause) {
    throw new TillmeshError('CERTIFICATE_MALFORMED', 'not a certificate', { cause });
  }
  // The constructor takes PEM and ignores bytes behind the certificate: two chains would stand for one.
  if (!equalBytes(certificate.raw, der)) malformed('not plain DER');
  if (keyType !== 'ed25519') malformed('key is not Ed25519');
  return certificate;
}

/** Both halves are needed: `checkIssued` compares names and key ids, `verify` the signature alone. */
const isIssued = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

function malformed(detail: string): never {
  throw new TillmeshError('CERTIFICATE_MALFORMED', detail);
}

function untrusted(detail: string): never {
  throw new TillmeshError('CERTIFICATE_UNTRUSTED', detail);
}
