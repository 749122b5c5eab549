/**
 * Writes one certificate of ours, whatever it is for: subject, issuer, time, number and the two key identifiers.
 * @peculiar/x509 is loaded at the first one only: a till that starts needs none, and loading takes 80 ms.
 */
import type { KeyObject } from 'node:crypto';
import type { Extension } from '@peculiar/x509';
import { toHex } from '../journal/bytes.ts';
import type { RandomBytes } from './keys.ts';
import { provideReflection } from './reflection.ts';

export type SignedPlan = {
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

/** Clocks of tills and phones differ: a certificate must not look like one of the future to those who ask for dates. */
export const backdatedMs = 2 * 86_400_000;

type X509 = typeof import('@peculiar/x509');
type Signing = {
  readonly algorithm: Algorithm & { readonly namedCurve?: string; readonly hash?: string };
  readonly notAfterMs: number;
  /** What makes it the kind that it is. */
  readonly extensions: (x509: X509) => readonly Extension[];
};

/** The certificate as DER. */
export async function writeSigned(
  { subject, issuer, subjectKey, issuerPublicKey, issuerPrivateKey, nowMs, random }: SignedPlan,
  { algorithm, notAfterMs, extensions }: Signing,
): Promise<Uint8Array> {
  provideReflection();
  const x509 = await import('@peculiar/x509');
  // One class at run time, two types: the library means the browser's CryptoKey, Node's names more usages.
  const cryptoKey = (key: KeyObject, usage: 'sign' | 'verify'): CryptoKey =>
    key.toCryptoKey(algorithm, usage === 'verify', [usage]) as unknown as CryptoKey;
  const publicKey = cryptoKey(subjectKey, 'verify');
  const issuerKey = cryptoKey(issuerPublicKey, 'verify');
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serialNumber(random),
      subject,
      issuer,
      // A clock that was reset to 1970 still gives a certificate.
      notBefore: new Date(Math.max(0, nowMs - backdatedMs)),
      notAfter: new Date(notAfterMs),
      publicKey,
      signingKey: cryptoKey(issuerPrivateKey, 'sign'),
      signingAlgorithm: algorithm,
      extensions: [
        ...extensions(x509),
        await x509.SubjectKeyIdentifierExtension.create(publicKey, false, crypto),
        await x509.AuthorityKeyIdentifierExtension.create(issuerKey, false, crypto),
      ],
    },
    crypto,
  );
  return new Uint8Array(certificate.rawData);
}

/** RFC 5280 §4.1.2.2: positive, at most 20 bytes; 15 random bytes behind a byte that keeps the sign and the length. */
const serialNumber = (random: RandomBytes): string => `01${toHex(random(15))}`;
