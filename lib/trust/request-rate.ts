/**
 * How often an address, and all of them together, may try to join: counts in windows of a minute.
 * Memory is bounded by the count of all: no address is remembered without having used up one of those.
 */
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';

const windowMs = 60_000;

export class RequestRate {
  readonly #clock: Clock;
  #windowBeganMs = Number.NEGATIVE_INFINITY;
  #all = 0;
  readonly #byAddress = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a request; false where it is one too many. */
  admit(address: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#windowBeganMs >= windowMs) {
      this.#windowBeganMs = nowMs;
      this.#all = 0;
      this.#byAddress.clear();
    }
    const ofAddress = this.#byAddress.get(address) ?? 0;
    if (this.#all >= limits.joinRequestsPerMinuteAll || ofAddress >= limits.joinRequestsPerMinute)
      return false;
    this.#all++;
    this.#byAddress.set(address, ofAddress + 1);
    return true;
  }
}
