/**
 * The seam between the mesh and the wire. `tls-transport.ts` is mutual TLS 1.3 and WebSocket;
 * `tests/simulation` has one in memory. A link is reliable and ordered or it is closed: never lossy.
 */
import type { VerifiedChain } from '../trust/chain.ts';

/** Who is at the other end: proven by the certificate chain, not by anything that was said. */
export type ProvenPeer = Pick<VerifiedChain, 'principal' | 'terminalKey'> &
  Partial<Pick<VerifiedChain, 'issuerKeys'>>;

export interface RawLink {
  readonly peer: ProvenPeer['principal'];
  readonly terminalKey: ProvenPeer['terminalKey'];
  readonly issuerKeys?: ProvenPeer['issuerKeys'];
  readonly dialled: boolean;
  send(frame: Uint8Array): void;
  readonly bufferedBytes: number;
  /** Of the last ping that was answered, in milliseconds; absent where none was, or where the wire has no pings. */
  readonly roundTripMs?: number | undefined;
  /**
   * Asks the process at the other end for a sign of life and calls back when it has answered, at most once. Nothing that was
   * on its way before counts. Absent where the wire has none.
   */
  probe?(answered: () => void): void;
  /** WebSocket close codes, see `closing` in `protocol.ts`. */
  close(code: number, reason: string): void;
  /** At most one listener each; frames before `listen` are held. */
  listen(listener: { frame(bytes: Uint8Array): void; closed(end?: LinkEnd): void }): void;
}

/**
 * Why a link is gone, as far as the transport knows. The transport looks for life by itself: a dead link is `dead`
 * after three of its ping intervals at most. `refused`, `revoked` and `identity` (in use): the other end said so in closing it.
 * `malformed` and `oversize` are frames that never became bytes.
 */
export type LinkEnd =
  'closed' | 'refused' | 'revoked' | 'identity' | 'dead' | 'malformed' | 'oversize';

export type DialTarget = {
  readonly host: string;
  readonly port: number;
  readonly expect?: ProvenPeer['principal'];
};

export interface Transport {
  /** Begins to accept; resolves with the port that is listened on. */
  start(accept: (link: RawLink) => void): Promise<{ port: number }>;
  /** Rejects where no link came about. */
  dial(target: DialTarget): Promise<RawLink>;
  stop(): Promise<void>;
}
