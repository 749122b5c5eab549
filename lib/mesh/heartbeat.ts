/**
 * Finds dead links: both ends ping at an interval, and a socket that shows no sign of life over two of them ends.
 * Every socket is watched until it is really gone, also one that was refused: half-dead ones hold memory.
 */
import type { Clock } from '../domain/clock.ts';

export interface Pulse {
  ping(): void;
  /** Ends it without a goodbye. */
  terminate(): void;
}

export class Heartbeat {
  readonly #clock: Clock;
  readonly #pingMs: number;
  /** Intervals without a sign of life. */
  readonly #silent = new Map<Pulse, number>();
  #timer: { cancel(): void } | undefined;
  #lastMs = 0;

  constructor(clock: Clock, pingMs: number) {
    this.#clock = clock;
    this.#pingMs = pingMs;
  }

  watch(pulse: Pulse): void {
    this.#silent.set(pulse, 0);
    if (this.#timer !== undefined) return;
    this.#lastMs = this.#clock.monotonicMs();
    this.#schedule();
  }

  alive(pulse: Pulse): void {
    if (this.#silent.has(pulse)) this.#silent.set(pulse, 0);
  }

  forget(pulse: Pulse): void {
    this.#silent.delete(pulse);
    if (this.#silent.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimer(() => this.#beat(), this.#pingMs);
  }

  #beat(): void {
    const nowMs = this.#clock.monotonicMs();
    // We were the ones who stood still: answers may lie unread in the kernel, so nobody is judged this time.
    const late = nowMs - this.#lastMs > this.#pingMs * 1.5;
    this.#lastMs = nowMs;
    this.#schedule();
    for (const [pulse, silent] of this.#silent) {
      if (silent >= 2) {
        pulse.terminate();
        continue;
      }
      if (!late) this.#silent.set(pulse, silent + 1);
      pulse.ping();
    }
  }
}
