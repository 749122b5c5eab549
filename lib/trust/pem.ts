/** Certificates as PEM text (RFC 7468), one or several. */
import { TillmeshError } from '../domain/errors.ts';

export function pemOf(...certificates: readonly Uint8Array[]): string {
  return certificates.map(block).join('');
}

function block(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

/** The certificates (DER) in a PEM text, in its order. Throws FILE_DAMAGED where there is none. */
export function certificatesOf(pem: string): Uint8Array[] {
  const blocks = pem.matchAll(
    /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g,
  );
  const ders = [...blocks].map(([, base64]) => new Uint8Array(Buffer.from(base64 ?? '', 'base64')));
  if (ders.length === 0) throw new TillmeshError('FILE_DAMAGED', 'no certificate in it');
  return ders;
}
