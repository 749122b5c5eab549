/** What the wire is given: credentials, who verifies, and its limits in time. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../domain/clock.ts';
import type { TlsCredentials } from '../trust/incarnation.ts';
import type { ProvenPeer } from './transport.ts';

export type TlsEvent =
  /** A connection that became no link. `address` is the other end's. */
  | { readonly kind: 'turnedAway'; readonly address: string; readonly why: TurnedAway }
  | { readonly kind: 'serverFault'; readonly error: unknown };

export type TurnedAway = 'too many' | 'no TLS' | 'no chain' | 'a browser' | 'no upgrade';

export type TlsTransportOptions = {
  readonly clock: Clock;
  /** Read at each start and dial: an incarnation may change while the process lives. */
  readonly credentials: () => TlsCredentials;
  /** Address to bind; `::` or `0.0.0.0` for the LAN, `127.0.0.1` for tests and demos. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** DER certificates as the peer sent them, its own first. Throws where they do not lead to the company's CA. */
  readonly verifyPeer: (ders: Uint8Array[]) => ProvenPeer;
  /** Plain requests on the same port, without a client certificate: enrolment. Absent: 426. */
  readonly onRequest?: (request: IncomingMessage, response: ServerResponse) => void;
  readonly onEvent?: (event: TlsEvent) => void;
  readonly pingMs?: number;
  /** From the first byte to a link, either way. */
  readonly handshakeMs?: number;
};

export const PING_MS = 2_000;
export const HANDSHAKE_MS = 5_000;
