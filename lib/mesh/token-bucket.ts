/** A token bucket on a monotonic clock: `ratePerSecond` on average, twice that at once. */
export class TokenBucket {
  readonly #ratePerSecond: number;
  readonly #most: number;
  #tokens: number;
  #filledMs: number;

  constructor(ratePerSecond: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#most = ratePerSecond * 2;
    this.#tokens = this.#most;
    this.#filledMs = nowMs;
  }

  /** Takes one token; false where there is none. */
  take(nowMs: number): boolean {
    // A clock that stands or steps back fills nothing; it must not empty the bucket either.
    const passedMs = Math.max(0, nowMs - this.#filledMs);
    this.#tokens = Math.min(this.#most, this.#tokens + (passedMs * this.#ratePerSecond) / 1000);
    this.#filledMs = Math.max(this.#filledMs, nowMs);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
