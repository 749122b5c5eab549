/** A handshake of this process with its own port, as any other till would shake hands with it. */
import { connect, type TLSSocket } from 'node:tls';
import { isTillmeshError } from '../../domain/errors.ts';
import type { Principal } from '../../domain/ids.ts';
import { verifyChain } from '../../trust/chain.ts';
import type { TlsCredentials } from '../../trust/incarnation.ts';
import { meshTlsOptions, peerChain } from '../../trust/tls-chain.ts';
import { type Check, checked, codeOf } from './check.ts';
import { at, type Endpoint } from './reach.ts';

export type Self = {
  readonly principal: Principal;
  readonly credentials: TlsCredentials;
  readonly caDer: Uint8Array;
};

/** `signal` ends it. */
export async function checkOwnTls(own: Endpoint, self: Self, signal: AbortSignal): Promise<Check> {
  const check = 'own-tls';
  let socket: TLSSocket | undefined;
  try {
    socket = await shakeHands(own, self.credentials, signal);
    const { principal } = verifyChain(peerChain(socket), self.caDer);
    return principal === self.principal
      ? checked(check, 'ok', { found: 'ownHandshake', protocol: String(socket.getProtocol()) })
      : checked(check, 'fail', { found: 'ownHandshakeOfAnother', at: at(own) });
  } catch (error) {
    const code = isTillmeshError(error) ? error.code : codeOf(error);
    return checked(check, 'fail', { found: 'noTls', at: at(own), code });
  } finally {
    socket?.destroy();
  }
}

function shakeHands(
  own: Endpoint,
  credentials: TlsCredentials,
  signal: AbortSignal,
): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect({
    ...own,
    ...meshTlsOptions(credentials),
    checkServerIdentity: () => undefined,
  });
  socket.on('error', reject).once('secureConnect', () => resolve(socket));
  const abort = (): void => void socket.destroy(new Error('given up'));
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  return promise;
}
