/**
 * Tells a storm from traffic. A pair whose sync states disagree answers itself 1,000–2,000 times a second over one
 * document; forgetting both states ends it. `Pauses` keeps a pair that storms again and again from burning the CPU.
 */
const WINDOW_MS = 1_000;

/** One per link: messages of each document in the current second. */
export class StormBreaker {
  readonly #mostPerSecond: number;
  #counts = new Map<string, number>();
  #windowMs = Number.NEGATIVE_INFINITY;

  constructor(mostPerSecond: number) {
    this.#mostPerSecond = mostPerSecond;
  }

  /** Counts a message; true where it is one too many. */
  storms(document: string, nowMs: number): boolean {
    if (nowMs - this.#windowMs >= WINDOW_MS) {
      this.#windowMs = nowMs;
      this.#counts = new Map();
    }
    const messages = (this.#counts.get(document) ?? 0) + 1;
    this.#counts.set(document, messages);
    return messages > this.#mostPerSecond;
  }
}

export type PauseTiming = {
  readonly firstMs: number;
  readonly mostMs: number;
  /** Quiet for so long after a pause: the next one is a first one again. */
  readonly forgetMs: number;
};

/** Per peer: how long until it may have a link again. Doubles each time. */
export class Pauses {
  readonly #timing: PauseTiming;
  readonly #byPeer = new Map<string, { untilMs: number; lengthMs: number }>();

  constructor(timing: PauseTiming) {
    this.#timing = timing;
  }

  /** Begins a pause and returns its length. */
  begin(peer: string, nowMs: number): number {
    const before = this.#byPeer.get(peer);
    const recent = before !== undefined && nowMs - before.untilMs < this.#timing.forgetMs;
    const lengthMs = recent
      ? Math.min(this.#timing.mostMs, before.lengthMs * 2)
      : this.#timing.firstMs;
    this.#byPeer.set(peer, { untilMs: nowMs + lengthMs, lengthMs });
    return lengthMs;
  }

  isPausing(peer: string, nowMs: number): boolean {
    const pause = this.#byPeer.get(peer);
    if (pause === undefined) return false;
    if (nowMs < pause.untilMs) return true;
    if (nowMs - pause.untilMs >= this.#timing.forgetMs) this.#byPeer.delete(peer);
    return false;
  }
}
