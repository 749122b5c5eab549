/**
 * The second door of a process: its pages for the shop's network, https alone. Whoever speaks plain http to the same
 * port, as a telephone does at first, gets the page on trust and nothing else.
 */
import { createServer as createPlainServer, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';
import { asPortError } from './host.ts';

export type LanListenerOptions = {
  /** Whose routes are served; it must be ready. */
  readonly app: FastifyInstance;
  /** What is answered to plain http. */
  readonly page: RequestListener;
  readonly listen: { readonly host: string; readonly port: number };
  readonly clock: Clock;
};

/** From the first byte to the end of a handshake, and of the headers of a request. */
const handshakeMs = 10_000;
/** A page on trust and a download are small: a plain connection lives no longer, whatever it does. */
const plainMs = 20_000;
/** The first byte of a TLS record that begins a handshake (RFC 8446 §5.1). */
const tlsHandshake = 0x16;

export class LanListener {
  readonly #options: LanListenerOptions;
  readonly #server: Server;
  readonly #plain;
  readonly #secure: (socket: Socket) => void;
  readonly #sockets = new Set<Socket>();

  constructor(options: LanListenerOptions) {
    this.#options = options;
    this.#plain = createPlainServer({ maxHeaderSize: 8 * 1024 }, options.page);
    this.#server = createServer(
      {
        minVersion: 'TLSv1.2',
        handshakeTimeout: handshakeMs,
        headersTimeout: handshakeMs,
        // As the first door has it.
        requestTimeout: 60_000,
        keepAliveTimeout: 30_000,
      },
      (request, response) => options.app.routing(request, response),
    );
    this.#server.maxConnections = limits.lanSockets;
    // Strangers end handshakes as they like: that is no news.
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
    const [secure] = this.#server.listeners('connection') as ((socket: Socket) => void)[];
    this.#secure = (socket) => secure?.call(this.#server, socket);
    this.#server.removeAllListeners('connection');
    this.#server.on('connection', (socket: Socket) => this.#connected(socket));
  }

  /** What is shown from the next connection on. Before the first, handshakes fail. */
  use({ chainPem, keyPem }: { readonly chainPem: string; readonly keyPem: string }): void {
    this.#server.setSecureContext({ cert: chainPem, key: keyPem, minVersion: 'TLSv1.2' });
  }

  /** Answers with the port. PORT_IN_USE, PORT_NOT_AVAILABLE. */
  listen(): Promise<number> {
    const { listen } = this.#options;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => reject(asPortError(error, listen)));
      this.#server.listen(listen.port, listen.host, () => {
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #connected(socket: Socket): void {
    const ofAddress = [...this.#sockets].filter(
      ({ remoteAddress }) => remoteAddress === socket.remoteAddress,
    );
    if (ofAddress.length >= limits.lanSocketsPerAddress) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    const { clock } = this.#options;
    const silent = clock.setTimer(() => socket.destroy(), handshakeMs);
    socket.once('close', () => {
      this.#sockets.delete(socket);
      silent.cancel();
    });
    // A reset before anything was said must not end the process.
    socket.on('error', () => socket.destroy());
    socket.once('data', (first: Buffer) => {
      silent.cancel();
      socket.pause();
      socket.unshift(first);
      if (first[0] === tlsHandshake) this.#secure(socket);
      else this.#answerPlainly(socket);
    });
  }

  #answerPlainly(socket: Socket): void {
    const over = this.#options.clock.setTimer(() => socket.destroy(), plainMs);
    socket.once('close', () => over.cancel());
    this.#plain.emit('connection', socket);
    socket.resume();
  }
}
