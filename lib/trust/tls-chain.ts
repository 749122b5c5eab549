/**
 * How certificates travel on a TLS connection: the options of both ends, and the chain that a peer sent.
 * TLS proves that the peer holds its key; whether the chain is ours is decided by `chain.ts` alone.
 */
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { TlsCredentials } from './incarnation.ts';

/**
 * Options of both ends of a mesh connection. Node is given no CA and its verdict is not asked, for two reasons:
 * it would enforce dates, and an expired certificate of a rogue CA hides the untrusted issuer behind the date.
 * There is a third: where Node itself has found a client's chain good, some versions (24.21, 26.8) lose
 * the chain before anyone can read it (nodejs/node#65579). A connection stays worthless until `verifyChain`.
 */
export const meshTlsOptions = (credentials: TlsCredentials) => ({
  cert: credentials.chainPem,
  key: credentials.keyPem,
  ca: [] as string[],
  minVersion: 'TLSv1.3' as const,
  requestCert: true,
  rejectUnauthorized: false,
});

/** One more than any genuine chain has, so that a longer one is refused and not cut; more is not even collected. */
const mostCertificates = limits.chainCertificates + 1;

/**
 * The certificates (DER) that the peer of this connection sent, its own first, without a self-signed CA at the end.
 * Throws CERTIFICATE_MALFORMED where it sent none. A resumed session has no chain: it fails in `verifyChain`.
 */
export function peerChain(socket: TLSSocket): Uint8Array[] {
  const chain: Uint8Array[] = [];
  let certificate: LinkedCertificate | undefined = socket.getPeerCertificate(true);
  while (certificate?.raw !== undefined && chain.length < mostCertificates) {
    const issuer: LinkedCertificate | undefined = certificate.issuerCertificate;
    // A self-signed certificate is its own issuer in Node's list.
    if (issuer === certificate) break;
    chain.push(new Uint8Array(certificate.raw));
    certificate = issuer;
  }
  if (chain.length === 0) throw new TillmeshError('CERTIFICATE_MALFORMED', 'no certificate');
  return chain;
}

/** Node gives null after the end of a connection and an empty object without a certificate; its types say neither. */
type LinkedCertificate = Partial<PeerCertificate> & { issuerCertificate?: LinkedCertificate };
