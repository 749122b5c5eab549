/**
 * Certificates that browsers take, apart from those of the network: the company's web root, one of each till for its
 * screens, and the leaf that a till shows. Nothing that they sign is believed by a till (`chain.ts` knows no P-256).
 */
import { X509Certificate } from 'node:crypto';
import { TillmeshError } from '../domain/errors.ts';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { lanConstraints, type LanNames } from './lan-names.ts';
import { isWebKey } from './web-key.ts';
import { writeSigned, type SignedPlan } from './write-signed.ts';

const dayMs = 86_400_000;
/** As long as the company's CA: a phone that trusts it is not asked again. */
export const webRootMs = 20 * 365 * dayMs;
/** Renewed by itself when a third is left. Nobody tells a phone of a revocation, so that this is how long a thief's lasts. */
export const webTillMs = 180 * dayMs;
export const webLeafMs = 90 * dayMs;

export type WebRole = 'root' | 'till' | 'leaf';

type WebName = {
  readonly company: string;
  readonly store: StoreId;
  readonly terminal: TerminalId;
};

export const webRootSubject = (company: string): string => `O=${company},CN=Tillmesh screens`;
export const webTillSubject = ({ company, store, terminal }: WebName): string =>
  `O=${company},OU=${store},CN=${terminal} screens`;
export const webLeafSubject = ({ company, store, terminal }: WebName): string =>
  `O=${company},OU=${store},CN=${terminal} pages`;

export type WebPlan = SignedPlan & {
  readonly role: WebRole;
  /** Milliseconds since 1970; never later than the issuer's own end. */
  readonly notAfterMs: number;
  /** Of a leaf. */
  readonly names?: LanNames;
};

const nameConstraints = '2.5.29.30';
const p256 = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** The certificate as DER. */
export const writeWebCertificate = (plan: WebPlan): Promise<Uint8Array> =>
  writeSigned(plan, {
    algorithm: p256,
    notAfterMs: plan.notAfterMs,
    extensions(x509) {
      const { KeyUsageFlags } = x509;
      const forServers = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]);
      const signing = (below: number) => [
        new x509.BasicConstraintsExtension(true, below, true),
        new x509.KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
        // On the root, too: some systems trust one for all purposes, and honour what it says itself.
        forServers,
        new x509.Extension(nameConstraints, true, plainBuffer(lanConstraints())),
      ];
      const { names = [], addresses = [] } = plan.names ?? {};
      return {
        root: () => signing(1),
        till: () => signing(0),
        leaf: () => [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          forServers,
          new x509.SubjectAlternativeNameExtension([
            ...names.map((value) => ({ type: 'dns' as const, value })),
            ...addresses.map((value) => ({ type: 'ip' as const, value })),
          ]),
        ],
      }[plan.role]();
    },
  });

/** Throws CERTIFICATE_MALFORMED for anything that is not one certificate with a P-256 key. */
export function readWebCertificate(der: Uint8Array): X509Certificate {
  let certificate: X509Certificate | undefined;
  try {
    if (der.length <= limits.certificateBytes) certificate = new X509Certificate(der);
  } catch {
    certificate = undefined;
  }
  if (!certificate || !isWebKey(certificate.publicKey))
    throw new TillmeshError('CERTIFICATE_MALFORMED', 'not a certificate for screens');
  return certificate;
}

/** Of Node's form of a subject, one part a line. */
export const subjectLines = (subject: string): string => subject.replaceAll(',', '\n');

export const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

/** Ends within a third of its life, or is not valid at this time at all. */
export function isDue(certificate: X509Certificate, nowMs: number): boolean {
  const [begins, ends] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  return nowMs < begins || nowMs >= ends - (ends - begins) / 3;
}

/** The library wants an `ArrayBuffer` of its own, not a view of a larger one. */
const plainBuffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
