/** The five kinds of certificate of a company, from its root down to an incarnation. Everything is Ed25519. */
import { X509Certificate } from 'node:crypto';
import { backdatedMs, writeSigned, type SignedPlan } from './write-signed.ts';

export type CertificateRole = 'authority' | 'issuing' | 'enroller' | 'terminal' | 'incarnation';

export type CertificatePlan = SignedPlan & { readonly role: CertificateRole };

/** When a certificate of ours was made, by its issuer's clock. */
export const madeAtMs = (der: Uint8Array): number =>
  new X509Certificate(der).validFromDate.getTime() + backdatedMs;
/** 20 years: nobody renews certificates on a shop LAN, and dates are not what ends trust there. */
export const validityMs = 20 * 365 * 86_400_000;

/** The certificate as DER. */
export const writeCertificate = (plan: CertificatePlan): Promise<Uint8Array> =>
  writeSigned(plan, {
    algorithm: { name: 'Ed25519' },
    notAfterMs: plan.nowMs + validityMs,
    extensions(x509) {
      const { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, ExtendedKeyUsage } =
        x509;
      const signing = (below: number) => [
        new BasicConstraintsExtension(true, below, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign, true),
      ];
      return {
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
    },
  });
