/**
 * One link with its state: greeting, up, ended. It paces and counts what comes in; what the messages mean is not
 * its business.
 */
import type { Clock } from '../domain/clock.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { encodeFrame } from './frames.ts';
import { PacedInbox } from './paced-inbox.ts';
import type { Closing, WireMessage } from './protocol.ts';
import { StormBreaker } from './storm-breaker.ts';
import type { LinkEnd, RawLink } from './transport.ts';

export type LinkListener = {
  frame(link: Link, bytes: Uint8Array): void;
  overflow(link: Link): void;
  ended(link: Link, end: LinkEnd): void;
};

export class Link {
  readonly peer: Principal;
  readonly terminalKey: string;
  readonly issuerKeys: readonly string[];
  readonly dialled: boolean;
  readonly storms = new StormBreaker(limits.documentMessagesPerSecond);
  readonly sinceMs: number;
  /** Types of a newer version that were told about already: once each is enough. */
  readonly unknownTypes = new Set<string>();
  /** The peer's process, once it has said so; the published client never does. */
  instance: string | undefined;
  state: 'greeting' | 'up' | 'ended' = 'greeting';
  readonly #raw: RawLink;
  readonly #inbox: PacedInbox;

  constructor(raw: RawLink, clock: Clock, listener: LinkListener) {
    this.#raw = raw;
    this.peer = raw.peer;
    this.terminalKey = raw.terminalKey;
    this.issuerKeys = raw.issuerKeys ?? [];
    this.dialled = raw.dialled;
    this.sinceMs = clock.monotonicMs();
    this.#inbox = new PacedInbox({
      clock,
      framesPerSecond: limits.framesPerSecond,
      heldFrames: limits.heldFrames,
      heldBytes: limits.bufferedBytes,
      deliver: (frame) => listener.frame(this, frame),
      overflow: () => listener.overflow(this),
    });
    raw.listen({
      frame: (bytes) => this.#inbox.push(bytes),
      closed: (end = 'closed') => {
        this.#inbox.end();
        listener.ended(this, end);
      },
    });
  }

  get bufferedBytes(): number {
    return this.#raw.bufferedBytes;
  }

  get roundTripMs(): number | undefined {
    return this.#raw.roundTripMs;
  }

  /** Calls back when the process at the other end has answered. */
  probe(answered: () => void): void {
    if (this.state !== 'ended') this.#raw.probe?.(answered);
  }

  send(message: WireMessage): void {
    if (this.state !== 'ended') this.#raw.send(encodeFrame(message));
  }

  /** Late frames of an ended link are for nobody. */
  end({ code, reason }: Closing): void {
    this.state = 'ended';
    this.#inbox.end();
    this.#raw.close(code, reason);
  }
}
