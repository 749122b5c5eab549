/**
 * The dialling side of the wire: TLS first, then the peer's chain, and only then the upgrade, so that nothing is
 * said to a stranger. Host names are not checked: the certificate names a principal, not a place.
 */
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { WebSocket } from 'ws';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { meshTlsOptions, peerChain } from '../trust/tls-chain.ts';
import { HANDSHAKE_MS } from './tls-options.ts';
import type { TlsTransportOptions } from './tls-options.ts';
import type { DialTarget, ProvenPeer } from './transport.ts';

export type Dialled = { readonly socket: WebSocket; readonly peer: ProvenPeer };

/** Rejects with LINK_FAILED, or with what `verifyPeer` threw. `signal` ends a dial that is under way. */
export async function dialTls(
  target: DialTarget,
  options: TlsTransportOptions,
  signal: AbortSignal,
): Promise<Dialled> {
  const secure = await connectTls(target, options, signal);
  try {
    const peer = options.verifyPeer(peerChain(secure));
    if (target.expect !== undefined && target.expect !== peer.principal)
      throw new TillmeshError('LINK_FAILED', `${target.host} is ${peer.principal}`);
    return { socket: await upgrade(secure, options, signal), peer };
  } catch (error) {
    secure.destroy();
    throw error;
  }
}

function connectTls(
  { host, port }: DialTarget,
  { credentials, clock, handshakeMs = HANDSHAKE_MS }: TlsTransportOptions,
  signal: AbortSignal,
): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connect({
      host,
      port,
      ...meshTlsOptions(credentials()),
      checkServerIdentity: () => undefined,
    });
    const fail = (why: string): void => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
      secure.destroy();
      reject(new TillmeshError('LINK_FAILED', why));
    };
    const abort = (): void => fail('stopped');
    const timer = clock.setTimer(() => fail('no answer'), handshakeMs);
    signal.addEventListener('abort', abort);
    // Stays for the life of the socket: an error nobody listens to ends the process.
    secure.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? 'error'));
    secure.once('secureConnect', () => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
      resolve(secure);
    });
    if (signal.aborted) abort();
  });
}

function upgrade(
  secure: TLSSocket,
  { clock, handshakeMs = HANDSHAKE_MS }: TlsTransportOptions,
  signal: AbortSignal,
): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket('ws://tillmesh/', {
      createConnection: () => secure,
      maxPayload: limits.frameBytes,
      perMessageDeflate: false,
      followRedirects: false,
    });
    const fail = (why: unknown): void => {
      settle();
      socket.terminate();
      reject(isTillmeshError(why) ? why : new TillmeshError('LINK_FAILED', String(why)));
    };
    const abort = (): void => fail('stopped');
    const failed = (error: Error): void => fail(error.message);
    const timer = clock.setTimer(() => fail('no answer to the upgrade'), handshakeMs);
    const settle = (): void => {
      timer.cancel();
      signal.removeEventListener('abort', abort);
    };
    signal.addEventListener('abort', abort);
    // terminate() of a socket that is still connecting reports an error once more.
    socket.on('error', failed);
    socket.once('open', () => {
      settle();
      socket.off('error', failed);
      // Nothing is read before the link has its listeners.
      socket.pause();
      resolve(socket);
    });
  });
}
