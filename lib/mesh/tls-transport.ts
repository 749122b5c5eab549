/**
 * The real wire: WebSocket over mutual TLS 1.3, one port for links and for enrolment. Identity is decided by the
 * certificate chain before the first frame, on both sides; dates are not enforced between tills.
 */
import type { WebSocket } from 'ws';
import { TillmeshError } from '../domain/errors.ts';
import { Heartbeat } from './heartbeat.ts';
import { dialTls } from './tls-dial.ts';
import { TlsListener } from './tls-listener.ts';
import { PING_MS } from './tls-options.ts';
import type { TlsTransportOptions } from './tls-options.ts';
import type { DialTarget, ProvenPeer, RawLink, Transport } from './transport.ts';
import { WebSocketLink } from './web-socket-link.ts';

export class TlsTransport implements Transport {
  readonly #options: TlsTransportOptions;
  readonly #heartbeat: Heartbeat;
  readonly #sockets = new Set<WebSocket>();
  #listener: TlsListener | undefined;
  #dials = new AbortController();

  constructor(options: TlsTransportOptions) {
    this.#options = options;
    this.#heartbeat = new Heartbeat(options.clock, options.pingMs ?? PING_MS);
  }

  async start(accept: (link: RawLink) => void): Promise<{ port: number }> {
    if (this.#listener !== undefined) throw new TillmeshError('INVARIANT', 'started twice');
    const listener = new TlsListener(this.#options, (socket, peer) =>
      accept(this.#link(socket, peer, false)),
    );
    const started = await listener.listen();
    this.#listener = listener;
    return started;
  }

  async dial(target: DialTarget): Promise<RawLink> {
    const { socket, peer } = await dialTls(target, this.#options, this.#dials.signal);
    return this.#link(socket, peer, true);
  }

  /** Ends listening, dials under way and every socket. May be started again. */
  async stop(): Promise<void> {
    this.#dials.abort();
    this.#dials = new AbortController();
    const listener = this.#listener;
    this.#listener = undefined;
    for (const socket of this.#sockets) socket.terminate();
    await listener?.close();
  }

  #link(socket: WebSocket, peer: ProvenPeer, dialled: boolean): RawLink {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const later = (run: () => void, delayMs: number): void => {
      this.#options.clock.setTimer(run, delayMs);
    };
    return new WebSocketLink(socket, peer, dialled, this.#heartbeat, later);
  }
}
