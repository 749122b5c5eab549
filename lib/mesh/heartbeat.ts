/**
 * Finds dead links: both ends ping at an interval, and a socket that shows no sign of life over two of them ends.
 * Every socket is watched until it is really gone, also one that was refused: half-dead ones hold memory.
 * The answer to a ping also says how long the way there and back takes.
 */
import type { Clock } from '../domain/clock.ts';

export interface Pulse {
  /** The answer carries the same mark: see `answered`. */
  ping(mark: number): void;
  /** Ends it without a goodbye. */
  terminate(): void;
}

export class Heartbeat {
  readonly #clock: Clock;
  readonly #pingMs: number;
  /** Intervals without a sign of life. */
  readonly #silent = new Map<Pulse, number>();
  /** The last ping of each, and how long the last one that was answered took. */
  readonly #pings = new Map<Pulse, { mark: number; sentMs: number; roundTripMs?: number }>();
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

  /** A pong. One that answers an earlier ping than the last is a sign of life and measures nothing. */
  answered(pulse: Pulse, mark: number): void {
    this.alive(pulse);
    const ping = this.#pings.get(pulse);
    if (ping?.mark === mark) ping.roundTripMs = this.#clock.monotonicMs() - ping.sentMs;
  }

  /** Milliseconds; undefined before the first answer. */
  roundTripMs(pulse: Pulse): number | undefined {
    return this.#pings.get(pulse)?.roundTripMs;
  }

  forget(pulse: Pulse): void {
    this.#pings.delete(pulse);
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
      this.#ping(pulse, nowMs);
    }
  }

  #ping(pulse: Pulse, sentMs: number): void {
    const last = this.#pings.get(pulse);
    const mark = (last?.mark ?? 0) + 1;
    this.#pings.set(pulse, { ...last, mark, sentMs });
    pulse.ping(mark);
  }
}
