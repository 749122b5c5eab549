/**
 * The hybrid logical clock that orders entries: never behind what it has given or taken, close to the wall clock.
 * It takes over foreign values only within a bound, so that one wrong clock cannot drag a shop into next year.
 * Source: Kulkarni et al., Logical Physical Clocks, 2014.
 */
import type { Clock } from '../domain/clock.ts';
import { isHlc, type Hlc } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';

const counters = 0x10000;
const latestMs = 0xffffffffffff;

export const zeroHlc = '0000000000000000' as Hlc;

export function formatHlc(ms: number, counter: number): Hlc {
  return (ms.toString(16).padStart(12, '0') + counter.toString(16).padStart(4, '0')) as Hlc;
}

export function parseHlc(at: Hlc): { ms: number; counter: number } {
  return { ms: Number.parseInt(at.slice(0, 12), 16), counter: Number.parseInt(at.slice(12), 16) };
}

export class HybridClock {
  #ms: number;
  #counter: number;
  readonly #clock: Pick<Clock, 'wallMs'>;

  /** `last` is the highest value known from before the start; the first value given is above it. */
  constructor(clock: Pick<Clock, 'wallMs'>, last: Hlc = zeroHlc) {
    this.#clock = clock;
    ({ ms: this.#ms, counter: this.#counter } = parseHlc(last));
  }

  /** A value above all given and taken before. */
  next(): Hlc {
    const wall = Math.min(Math.max(0, Math.floor(this.#clock.wallMs())), latestMs);
    if (wall > this.#ms) {
      this.#ms = wall;
      this.#counter = 0;
    } else if (++this.#counter === counters) {
      this.#ms++;
      this.#counter = 0;
    }
    return formatHlc(this.#ms, this.#counter);
  }

  /** Goes on above an own value from before the start, however far ahead it is: the own journal never goes back. */
  resume(at: Hlc): void {
    const { ms, counter } = parseHlc(at);
    if (at > this.current()) [this.#ms, this.#counter] = [ms, counter];
  }

  /** The highest value given or taken. */
  current(): Hlc {
    return formatHlc(this.#ms, this.#counter);
  }

  /** Takes over a foreign value; false (and nothing taken) where it is too far ahead of the own wall clock. */
  observe(at: Hlc): boolean {
    if (!isHlc(at)) return false;
    const { ms, counter } = parseHlc(at);
    if (ms > this.#clock.wallMs() + limits.clockAheadMs) return false;
    if (ms > this.#ms || (ms === this.#ms && counter > this.#counter)) {
      this.#ms = ms;
      this.#counter = counter;
    }
    return true;
  }
}
