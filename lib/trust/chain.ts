/**
 * Decides whether a certificate chain is one of this company's: [incarnation, terminal] under the root, and between
 * the two a till that enrolled the terminal, or an issuing key of the company, or the one under the other.
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
import {
  companyOf,
  isIssuingSubject,
  isWithin,
  readEnrollerSubject,
  readTerminalSubject,
  type Enroller,
} from './certificate-names.ts';
import { checkProfile } from './certificate-profile.ts';
import { keyNameOf, verifierOf } from './keys.ts';

export type VerifiedChain = {
  readonly company: string;
  readonly identity: Identity;
  readonly principal: Principal;
  /** Hex SHA-256 of the SubjectPublicKeyInfo of the terminal's certificate. */
  readonly terminalKey: string;
  /** The same of the certificates between terminal and root, the terminal's issuer first. */
  readonly issuerKeys: readonly string[];
  /** Checks signatures of this incarnation. */
  readonly verify: Verifier;
  /** The earliest end of all of its certificates, milliseconds since 1970: for people, nothing here enforces it. */
  readonly notAfterMs: number;
};

/** A terminal as the company vouches for it. */
export type VerifiedTerminal = {
  readonly company: string;
  readonly store: StoreId;
  readonly terminal: TerminalId;
};

/**
 * @param ders [incarnation, terminal, …issuers], the terminal's issuer first and the root not among them
 * @param ca the company's root certificate
 * Throws CERTIFICATE_UNTRUSTED where somebody signed who may not, CERTIFICATE_MALFORMED for what is no chain of ours at all.
 */
export function verifyChain(
  ders: readonly Uint8Array[],
  ca: X509Certificate | Uint8Array,
): VerifiedChain {
  const [incarnationDer, ...above] = ders;
  if (incarnationDer === undefined || above.length === 0 || ders.length > limits.chainCertificates)
    malformed(`${ders.length} certificates instead of incarnation, terminal and issuers`);
  const incarnation = readCertificate(incarnationDer);
  const { company, store, terminal, certificate, issuers } = readTerminal(above, ca);
  if (!isIssued(incarnation, certificate)) untrusted('incarnation certificate not by its terminal');
  checkProfile(incarnationDer, 'incarnation');

  const principal = /^CN=(.+)$/.exec(incarnation.subject)?.[1];
  if (!isPrincipal(principal)) malformed('name of the incarnation');
  const identity = parsePrincipal(principal);
  // The company vouches for store and terminal; a terminal may begin lives of its own name only.
  if (identity.store !== store || identity.terminal !== terminal)
    untrusted(`${principal} was signed by ${store}-${terminal}`);

  const all = [incarnation, certificate, ...issuers];
  return {
    company,
    identity,
    principal,
    terminalKey: keyNameOf(certificate.publicKey),
    issuerKeys: issuers.map(({ publicKey }) => keyNameOf(publicKey)),
    verify: verifierOf(incarnation.publicKey),
    notAfterMs: Math.min(...all.map(({ validToDate }) => validToDate.getTime())),
  };
}

/** The upper part of a chain: [terminal, …issuers] under the root. Throws as `verifyChain`. */
export function verifyTerminal(
  ders: readonly Uint8Array[],
  ca: X509Certificate | Uint8Array,
): VerifiedTerminal {
  const { company, store, terminal } = readTerminal(ders, ca);
  return { company, store, terminal };
}

/** The range of a till that may enrol: [its certificate as such, …issuers] under the root. Throws as `verifyChain`. */
export function verifyEnroller(
  ders: readonly Uint8Array[],
  ca: X509Certificate | Uint8Array,
): Enroller & { readonly company: string } {
  const { company, enroller } = readIssuers(ders, readRoot(ca));
  if (enroller === undefined) malformed('not a till that may enrol');
  return { company, ...enroller };
}

/** Whoever signs terminals for the company: [root], or [issuing, root]. Gives the company; throws as `verifyChain`. */
export function verifyAuthority(ders: readonly Uint8Array[]): string {
  const root = ders.at(-1);
  if (root === undefined || ders.length > 2) malformed('the CA certificate');
  const { company, enroller } = readIssuers(ders.slice(0, -1), readRoot(root));
  if (enroller !== undefined) untrusted('a till’s certificate in the company’s place');
  return company;
}

function readTerminal(
  ders: readonly Uint8Array[],
  ca: X509Certificate | Uint8Array,
): VerifiedTerminal & {
  readonly certificate: X509Certificate;
  readonly issuers: readonly X509Certificate[];
} {
  const [terminalDer, ...issuerDers] = ders;
  if (terminalDer === undefined) malformed('no certificate of a terminal');
  const { company, enroller, issuer, certificates } = readIssuers(issuerDers, readRoot(ca));
  const certificate = readCertificate(terminalDer);
  // The signature first: all that matters about a stranger's certificate is that it is a stranger's.
  if (!isIssued(certificate, issuer)) untrusted('not issued by this company’s CA');
  checkProfile(terminalDer, 'terminal');
  const named = readTerminalSubject(certificate.subject);
  if (named === undefined || named.company !== company) malformed('name of the terminal');
  const { store, terminal } = named;
  if (enroller && (enroller.store !== store || !isWithin(terminal, enroller)))
    untrusted(`${store}-${terminal} is not in the range of ${enroller.store}-${enroller.terminal}`);
  return { company, store, terminal, certificate, issuers: certificates };
}

type Root = { readonly company: string; readonly certificate: X509Certificate };

type Issuers = {
  readonly company: string;
  /** Whose signature a terminal needs: the lowest of `certificates`, or the root. */
  readonly issuer: X509Certificate;
  /** The lowest first. */
  readonly certificates: readonly X509Certificate[];
  /** Where the lowest is a till that may enrol. */
  readonly enroller?: Enroller;
};

function readRoot(ca: X509Certificate | Uint8Array): Root {
  const certificate = ca instanceof X509Certificate ? ca : readCertificate(ca);
  const company = companyOf(certificate);
  if (company === undefined) malformed('the CA certificate');
  return { company, certificate };
}

/** What leads from a terminal to the root: nothing, an issuing key of the company, a till that may enrol, or till under key. */
function readIssuers(ders: readonly Uint8Array[], { company, certificate: root }: Root): Issuers {
  const certificates = ders.map(readCertificate);
  let issuer = root;
  let enroller: Enroller | undefined;
  for (const [at, certificate] of [...certificates.entries()].toReversed()) {
    if (!isIssued(certificate, issuer)) untrusted('not issued by this company’s CA');
    // A till that may enrol signs terminals and nobody who would sign in its turn.
    if (enroller !== undefined) untrusted('signed by a till that may enrol, and no terminal');
    const der = ders[at] ?? malformed('no certificate');
    if (isIssuingSubject(certificate.subject, company)) {
      if (issuer !== root) untrusted('an issuing key that the root did not sign');
      checkProfile(der, 'issuing');
    } else {
      enroller = readEnroller(certificate, company);
      checkProfile(der, 'enroller');
    }
    issuer = certificate;
  }
  return { company, issuer, certificates, ...(enroller && { enroller }) };
}

function readEnroller({ subject }: X509Certificate, ofCompany: string): Enroller {
  const named = readEnrollerSubject(subject);
  if (named === undefined || named.company !== ofCompany) malformed('name of an issuer');
  const { company: _, ...enroller } = named;
  // Relays live there: a till would enrol head office.
  if (enroller.store === headOffice) untrusted('a till that would enrol for head office');
  return enroller;
}

const headOffice = 'HQ';

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
