/** A WebSocket as a link: binary frames in order, pings both ways, and every error an end instead of a crash. */
import type { WebSocket } from 'ws';
import type { Principal } from '../domain/ids.ts';
import type { Heartbeat, Pulse } from './heartbeat.ts';
import { endBy } from './protocol.ts';
import type { LinkEnd, ProvenPeer, RawLink } from './transport.ts';

type Listener = Parameters<RawLink['listen']>[0];

/** A goodbye that is not answered ends the socket by the heartbeat at the latest; here after this. */
const GOODBYE_MS = 1_000;

/** No mark of the heartbeat, which counts. */
const PROBE = 'alive';
/** A copy that dials again and again while the original hangs. */
const MOST_PROBES = 8;

export class WebSocketLink implements RawLink {
  readonly peer: Principal;
  readonly terminalKey: string;
  readonly issuerKeys: readonly string[];
  readonly dialled: boolean;
  readonly #socket: WebSocket;
  readonly #roundTripMs: () => number | undefined;
  readonly #later: (run: () => void, delayMs: number) => void;
  /** Whoever waits for an answer; one ping is under way for all of them. */
  readonly #probes: (() => void)[] = [];
  #listener: Listener | undefined;
  #end: LinkEnd | undefined;
  #gone = false;

  constructor(
    socket: WebSocket,
    peer: ProvenPeer,
    dialled: boolean,
    heartbeat: Heartbeat,
    later: (run: () => void, delayMs: number) => void,
  ) {
    this.peer = peer.principal;
    this.terminalKey = peer.terminalKey;
    this.issuerKeys = peer.issuerKeys ?? [];
    this.dialled = dialled;
    this.#socket = socket;
    this.#later = later;
    const pulse: Pulse = {
      ping: (mark) => {
        if (socket.readyState === socket.OPEN) socket.ping(String(mark));
      },
      terminate: () => {
        this.#end ??= 'dead';
        socket.terminate();
      },
    };
    this.#roundTripMs = () => heartbeat.roundTripMs(pulse);
    heartbeat.watch(pulse);
    // Held back in the kernel until there is a listener, so that nothing piles up here.
    socket.pause();
    socket.on('ping', () => heartbeat.alive(pulse));
    socket.on('pong', (mark) => {
      const said = mark.toString('latin1');
      heartbeat.answered(pulse, Number(said));
      if (said === PROBE) for (const answered of this.#probes.splice(0)) answered();
    });
    socket.on('message', (data) => {
      heartbeat.alive(pulse);
      // A text frame's bytes are handed on too: UTF-8 never begins as a CBOR map, so it is refused like any other.
      if (data instanceof Uint8Array) this.#listener?.frame(data);
    });
    // Without a listener an oversized frame would end the process.
    socket.on('error', (error) => {
      this.#end ??= endOf(error);
    });
    socket.on('close', (code) => {
      heartbeat.forget(pulse);
      this.#gone = true;
      // Our own goodbye has set the end already, so the code is the other side's.
      this.#end ??= endBy(code);
      this.#listener?.closed(this.#end);
    });
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  get roundTripMs(): number | undefined {
    return this.#roundTripMs();
  }

  send(frame: Uint8Array): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(frame, { binary: true });
  }

  probe(answered: () => void): void {
    if (this.#socket.readyState !== this.#socket.OPEN || this.#probes.length >= MOST_PROBES) return;
    if (this.#probes.push(answered) === 1) this.#socket.ping(PROBE);
  }

  close(code: number, reason: string): void {
    if (this.#gone) return;
    this.#end ??= 'closed';
    this.#socket.resume();
    this.#socket.close(code, reason);
    this.#later(() => {
      if (!this.#gone) this.#socket.terminate();
    }, GOODBYE_MS);
  }

  listen(listener: Listener): void {
    this.#listener = listener;
    if (this.#gone) listener.closed(this.#end ?? 'closed');
    else this.#socket.resume();
  }
}

/** `ws` names what the peer did wrong in codes of its own; everything else is the network's doing. */
function endOf(error: Error & { code?: string }): LinkEnd {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'oversize';
  return error.code?.startsWith('WS_ERR_') === true ? 'malformed' : 'closed';
}
