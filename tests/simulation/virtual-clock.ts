/** Time that moves when it is told to. Timers run in order of time, then of setting; nothing here waits for real. */
import type { Clock } from '#lib/domain/clock.ts';

type Timer = { readonly atMs: number; readonly order: number; readonly run: () => void };

export class VirtualClock implements Clock {
  #nowMs = 0;
  /** Wall minus monotonic; a test may move it to make a clock jump. */
  wallOffsetMs = Date.UTC(2026, 0, 15, 9);
  #order = 0;
  readonly #timers = new Set<Timer>();

  wallMs(): number {
    return this.wallOffsetMs + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  zone(): string {
    return 'UTC';
  }

  setTimer(run: () => void, delayMs: number): { cancel(): void } {
    this.#order += 1;
    const timer = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, run };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  get timers(): number {
    return this.#timers.size;
  }

  /** Runs the next timer, if it is due by then; for schedulers that interleave it with other events. */
  runNext(untilMs: number): boolean {
    let next: Timer | undefined;
    for (const timer of this.#timers)
      if (
        next === undefined ||
        timer.atMs < next.atMs ||
        (timer.atMs === next.atMs && timer.order < next.order)
      )
        next = timer;
    if (next === undefined || next.atMs > untilMs) return false;
    this.#timers.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.run();
    return true;
  }

  /** Moves time on; what promises make of each timer happens before the next one. */
  async advance(byMs: number): Promise<void> {
    const untilMs = this.#nowMs + byMs;
    await settled();
    while (this.runNext(untilMs)) await settled();
    this.#nowMs = untilMs;
  }
}

/** Everything that is only waiting for promises has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
