/**
 * The accepting side of the wire: TLS 1.3, a bounded number of half-open connections, the peer's chain verified
 * before the upgrade is accepted. Node's own verdict is not used: it lets an expired certificate hide a rogue CA.
 */
import https from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { meshTlsOptions, peerChain } from '../trust/tls-chain.ts';
import { HalfOpen } from './half-open.ts';
import { HANDSHAKE_MS } from './tls-options.ts';
import type { TlsTransportOptions, TurnedAway } from './tls-options.ts';
import type { ProvenPeer } from './transport.ts';

export class TlsListener {
  readonly #options: TlsTransportOptions;
  readonly #accept: (socket: WebSocket, peer: ProvenPeer) => void;
  readonly #server: https.Server;
  readonly #upgrader = new WebSocketServer({
    noServer: true,
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
  });
  readonly #halfOpen: HalfOpen;
  readonly #sockets = new Set<Socket>();

  constructor(options: TlsTransportOptions, accept: (socket: WebSocket, peer: ProvenPeer) => void) {
    this.#options = options;
    this.#accept = accept;
    const deadlineMs = options.handshakeMs ?? HANDSHAKE_MS;
    this.#halfOpen = new HalfOpen(options.clock, {
      sockets: limits.halfOpenSockets,
      perAddress: limits.halfOpenSocketsPerAddress,
      deadlineMs,
    });
    this.#server = https.createServer(
      {
        ...meshTlsOptions(options.credentials()),
        handshakeTimeout: deadlineMs,
        headersTimeout: deadlineMs,
        requestTimeout: deadlineMs * 2,
        keepAliveTimeout: 1_000,
        connectionsCheckingInterval: 1_000,
        maxHeaderSize: 8 * 1024,
      },
      (request, response) => {
        // A request that came whole is no half-open connection; who answers it limits it from here.
        this.#halfOpen.leave(nameOf(request.socket));
        if (options.onRequest !== undefined) options.onRequest(request, response);
        else response.writeHead(426).end();
      },
    );
    this.#server.on('connection', (socket: Socket) => this.#connected(socket));
    this.#server.on('tlsClientError', (_error, socket) =>
      this.#turnAway(socket.remoteAddress, 'no TLS'),
    );
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Rejects with PORT_IN_USE. */
  listen(): Promise<{ port: number }> {
    const { host, port, onEvent } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          error.code === 'EADDRINUSE'
            ? new TillmeshError('PORT_IN_USE', `${host}:${port}`, { cause: error })
            : new TillmeshError('LINK_FAILED', error.code ?? 'listen', { cause: error }),
        );
      });
      this.#server.listen(port, host, () => {
        this.#server.on('error', (error) => onEvent?.({ kind: 'serverFault', error }));
        resolve({ port: (this.#server.address() as AddressInfo).port });
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #connected(socket: Socket): void {
    const connection = nameOf(socket);
    const address = socket.remoteAddress ?? '';
    if (!this.#halfOpen.enter(connection, address, socket)) {
      socket.destroy();
      this.#turnAway(address, 'too many');
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#halfOpen.leave(connection);
    });
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A reset while the answer is written must not end the process.
    socket.on('error', () => socket.destroy());
    const refuse = (why: TurnedAway): void => {
      this.#turnAway(request.socket.remoteAddress, why);
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    };
    // Only browsers say where they come from, and no page has business here, whatever key the browser holds.
    if (request.headers.origin !== undefined) return refuse('a browser');
    const peer = this.#identify(socket);
    if (peer === undefined) return refuse('no chain');
    this.#upgrader.handleUpgrade(request, socket, head, (webSocket) => {
      this.#halfOpen.leave(nameOf(request.socket));
      this.#accept(webSocket, peer);
    });
  }

  #identify(socket: Duplex): ProvenPeer | undefined {
    // A resumed session brings no chain to verify.
    if (!(socket instanceof TLSSocket) || socket.isSessionReused()) return undefined;
    try {
      return this.#options.verifyPeer(peerChain(socket));
    } catch {
      // Whatever is wrong with a stranger's certificate, the answer is the same.
      return undefined;
    }
  }

  #turnAway(address: string | undefined, why: TurnedAway): void {
    this.#options.onEvent?.({ kind: 'turnedAway', address: address ?? '', why });
  }
}

const nameOf = (socket: Socket): string =>
  `${socket.remoteAddress ?? ''} ${socket.remotePort ?? 0}`;
