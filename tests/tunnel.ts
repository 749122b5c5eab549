/**
 * Plain WebSocket on the loopback → mutual TLS to a till: lets a client without TLS options, the published one,
 * talk to the mesh with a certificate of the company.
 */
import net from 'node:net';
import tls from 'node:tls';
import type { TlsCredentials } from '#lib/trust/incarnation.ts';
import { meshTlsOptions } from '#lib/trust/tls-chain.ts';

export type Tunnel = { readonly url: string; close(): void };

export async function openTunnel(port: number, credentials: TlsCredentials): Promise<Tunnel> {
  const open = new Set<net.Socket>();
  const server = net.createServer((plain) => {
    const secure = tls.connect({
      host: '127.0.0.1',
      port,
      ...meshTlsOptions(credentials),
      checkServerIdentity: () => undefined,
    });
    join(plain, secure, open);
    join(secure, plain, open);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return {
    url: `ws://127.0.0.1:${address.port}`,
    close: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

function join(from: net.Socket, to: net.Socket, open: Set<net.Socket>): void {
  open.add(from);
  // An end that breaks takes the other with it; that is all there is to say about the error.
  from.on('error', () => to.destroy());
  from.on('close', () => {
    open.delete(from);
    to.destroy();
  });
  from.pipe(to);
}
