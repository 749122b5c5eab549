/**
 * Writes the five kinds of certificate of a company, from its root down to an incarnation. Everything is Ed25519.
 * @peculiar/x509 is loaded at the first certificate only: a till that starts needs none, and loading takes 80 ms.
 */
import { X509Certificate, type KeyObject } from 'node:crypto';
import { toHex } from '../journal/bytes.ts';
import type { RandomBytes } from './keys.ts';
import { provideReflection } from './reflection.ts';

export type CertificateRole = 'authority' | 'issuing' | 'enroller' | 'terminal' | 'incarnation';

export type CertificatePlan = {
  readonly role: CertificateRole;
  /** As X.509 name: `O=…,OU=…,CN=…`; all parts are of shapes that need no escaping. */
  readonly subject: string;
  readonly issuer: string;
  readonly subjectKey: KeyObject;
  readonly issuerPublicKey: KeyObject;
  readonly issuerPrivateKey: KeyObject;
  /** The issuer's wall clock, milliseconds since 1970. */
  readonly nowMs: number;
  readonly random: RandomBytes;
};

const dayMs = 86_400_000;
/** Clocks of tills differ: a certificate must not look like one of the future to those who do ask for dates. */
export const backdatedMs = 2 * dayMs;
/** When a certificate of ours was made, by its issuer's clock. */
export const madeAtMs = (der: Uint8Array): number =>
  new X509Certificate(der).validFromDate.getTime() + backdatedMs;
/** 20 years: nobody renews certificates on a shop LAN, and dates are not what ends trust there. */
export const validityMs = 20 * 365 * dayMs;

const ed25519 = { name: 'Ed25519' };

/** The certificate as DER. */
export async function writeCertificate(plan: CertificatePlan): Promise<Uint8Array> {
  provideReflection();
  const x509 = await import('@peculiar/x509');
  const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, ExtendedKeyUsage } = x509;
  const subjectKey = cryptoKey(plan.subjectKey, 'verify');
  const signing = (below: number) => [
    new BasicConstraintsExtension(true, below, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
  ];
  const extensions = {
    // Below the root: the company's issuing key, a till that enrols others, the terminal.
    authority: () => [
      new BasicConstraintsExtension(true, 3, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
    ],
    issuing: () => signing(2),
    enroller: () => signing(1),
    terminal: () => signing(0),
    incarnation: () => [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        ExtendedKeyUsage.serverAuth,
        ExtendedKeyUsage.clientAuth,
      ]),
    ],
  }[plan.role]();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(plan.random),
      subject: plan.subject,
      issuer: plan.issuer,
      // A clock that was reset to 1970 still gives a certificate.
      notBefore: new Date(Math.max(0, plan.nowMs - backdatedMs)),
      notAfter: new Date(plan.nowMs + validityMs),
      publicKey: subjectKey,
      signingKey: cryptoKey(plan.issuerPrivateKey, 'sign'),
      signingAlgorithm: ed25519,
      extensions: [
        ...extensions,
        await x509.SubjectKeyIdentifierExtension.create(subjectKey, false, crypto),
        await x509.AuthorityKeyIdentifierExtension.create(
          cryptoKey(plan.issuerPublicKey, 'verify'),
          false,
          crypto,
        ),
      ],
    },
    crypto,
  );
  return new Uint8Array(certificate.rawData);
}

// One class at run time, two types: the library means the browser's CryptoKey, Node's names more usages.
const cryptoKey = (key: KeyObject, usage: 'sign' | 'verify'): CryptoKey =>
  key.toCryptoKey(ed25519, usage === 'verify', [usage]) as unknown as CryptoKey;

/** RFC 5280 §4.1.2.2: positive, at most 20 bytes; 15 random bytes behind a byte that keeps the sign and the length. */
export const serialNumber = (random: RandomBytes): string => `01${toHex(random(15))}`;
