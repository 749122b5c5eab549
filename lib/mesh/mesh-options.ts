/** What a mesh is given, and its times with their reasons. */
import type { Message } from '@automerge/automerge-repo';
import type { Clock } from '../domain/clock.ts';
import type { Principal } from '../domain/ids.ts';
import type { BarStore } from './bars.ts';
import type { DialTiming } from './dialler.ts';
import type { MeshEvent } from './mesh-events.ts';
import type { OwnContents, OwnMessage, RepoFrame } from './protocol.ts';
import type { PauseTiming } from './storm-breaker.ts';
import type { DialTarget, ProvenPeer, Transport } from './transport.ts';

export type MeshTiming = DialTiming & {
  /** From the connection to the greeting. */
  readonly greetingMs: number;
  /** After this a lonely till is ready too. */
  readonly readyMs: number;
  /** By when the transport has noticed a dead link: three of its ping intervals. */
  readonly deadAfterMs: number;
  readonly pause: PauseTiming;
};

export const meshTiming: MeshTiming = {
  retryMs: 500,
  // Both sides dial: a shop whose switch was off is together again within some seconds.
  maxRetryMs: 10_000,
  steadyMs: 5_000,
  greetingMs: 5_000,
  readyMs: 500,
  deadAfterMs: 6_000,
  pause: { firstMs: 1_000, mostMs: 5 * 60_000, forgetMs: 10 * 60_000 },
};

/** Why a terminal gets no link, in a form that it can check. */
export type Revoked = { readonly proof: OwnContents | undefined };

export type MeshOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Random per process, 8–64 of [A-Za-z0-9_-]. */
  readonly instance: string;
  /**
   * The guard; sees every message of the repo's types, ephemeral ones only where they are passed. Throws one of the
   * hostile codes to bar the peer; any other error counts as our own fault. `unavailable`: not known here; a
   * question is answered so, anything else is passed over.
   */
  readonly inspect: (message: RepoFrame, from: Principal) => Message | 'unavailable';
  /** What leaves, after the repo and before the wire: `plainOnly`. */
  readonly prepare: (message: Message) => readonly Message[];
  /** Own messages. Throws as `inspect` does. */
  readonly onOwn: (message: OwnMessage, from: Principal) => void;
  /** May this principal have a link at all. */
  readonly admit: (peer: Principal) => boolean;
  /**
   * Head office has revoked this terminal's key: no link, of whichever life. `proof` is what it is told instead, where
   * there is something to tell. Undefined for everybody else; `readmit()` after a change. Absent: nobody is.
   */
  readonly revocationOf?: (peer: ProvenPeer) => Revoked | undefined;
  /** Where to dial; read again by `retarget()`. */
  readonly targets: () => readonly DialTarget[];
  readonly bars: BarStore;
  readonly onEvent: (event: MeshEvent) => void;
  /**
   * Ephemeral messages travel on under their first sender's name, which nobody proves, and automerge-repo remembers
   * every sender for ever. Nothing of ours uses them, so they are passed over unless asked for.
   */
  readonly ephemeral?: 'ignored' | 'passed';
  readonly timing?: Partial<MeshTiming>;
};
