/**
 * Frames in their order, at most so many a second. Frames above the rate wait; none is ever left out, because a
 * swallowed sync message sets the pair apart for ever. When too many wait, `overflow` is told once and the inbox ends.
 */
import type { Clock } from '../domain/clock.ts';
import { TokenBucket } from './token-bucket.ts';

export type PacedInboxOptions = {
  readonly clock: Clock;
  readonly framesPerSecond: number;
  readonly heldFrames: number;
  readonly heldBytes: number;
  readonly deliver: (frame: Uint8Array) => void;
  readonly overflow: () => void;
};

/** How long waiting frames wait before the next look: at 2,000 a second, 20 frames at a time. */
const DRAIN_MS = 10;

export class PacedInbox {
  readonly #options: PacedInboxOptions;
  readonly #bucket: TokenBucket;
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #timer: { cancel(): void } | undefined;
  #ended = false;

  constructor(options: PacedInboxOptions) {
    this.#options = options;
    this.#bucket = new TokenBucket(options.framesPerSecond, options.clock.monotonicMs());
  }

  push(frame: Uint8Array): void {
    if (this.#ended) return;
    if (this.#held.length === 0 && this.#bucket.take(this.#options.clock.monotonicMs())) {
      this.#options.deliver(frame);
      return;
    }
    this.#held.push(frame);
    this.#heldBytes += frame.length;
    if (this.#held.length > this.#options.heldFrames || this.#heldBytes > this.#options.heldBytes) {
      this.end();
      this.#options.overflow();
      return;
    }
    this.#later();
  }

  /** Nothing is delivered after it. */
  end(): void {
    this.#ended = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#held = [];
    this.#heldBytes = 0;
  }

  #later(): void {
    this.#timer ??= this.#options.clock.setTimer(() => {
      this.#timer = undefined;
      this.#drain();
    }, DRAIN_MS);
  }

  #drain(): void {
    const nowMs = this.#options.clock.monotonicMs();
    let taken = 0;
    for (const frame of this.#held) {
      if (!this.#bucket.take(nowMs)) break;
      taken += 1;
      this.#heldBytes -= frame.length;
      this.#options.deliver(frame);
      if (this.#ended) return;
    }
    this.#held.splice(0, taken);
    if (this.#held.length > 0) this.#later();
  }
}
