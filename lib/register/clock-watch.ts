/**
 * Whether this till's own clock was changed: while the process runs, against a clock that only counts; over a restart,
 * against the last entry. Selling goes on whatever it finds. A peer's clock is the observations' matter.
 */
import type { ActBodies } from '../domain/acts.ts';
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';

export type ClockStep = ActBodies['ClockChanged'];

export class ClockWatch {
  readonly #clock: Clock;
  readonly #tell: (step: ClockStep) => void;
  /** What the wall clock shows when the counting one shows 0, by the last look. */
  #baseMs: number;
  #lookedMs: number;
  #toldMs = -Infinity;
  #timer: { cancel(): void } | undefined;

  /** `tell` must not throw. */
  constructor(clock: Clock, tell: (step: ClockStep) => void) {
    this.#clock = clock;
    this.#tell = tell;
    this.#lookedMs = this.#countedMs();
    this.#baseMs = clock.wallMs() - this.#lookedMs;
  }

  /** `lastMs`: the wall clock of the last own entry; undefined where there is none. A gap ahead is a till that was off. */
  begin(lastMs: number | undefined): void {
    const toMs = Math.floor(this.#clock.wallMs());
    if (lastMs !== undefined && toMs < lastMs - limits.clockStepMs) {
      this.#tell({ fromMs: Math.floor(lastMs), toMs, while: 'stopped' });
    }
    this.#again();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Before each entry, too, so that what was sold at a wrong time stands behind the step. */
  look(): void {
    const nowMs = this.#countedMs();
    const wallMs = this.#clock.wallMs();
    const stepMs = wallMs - nowMs - this.#baseMs;
    if (Math.abs(stepMs) <= limits.clockStepMs) {
      // A crystal's drift, and a server that corrects it softly, are no step; a step in small bites is one.
      const mostMs = Math.max(0, nowMs - this.#lookedMs) * limits.clockDrift;
      this.#baseMs += Math.max(-mostMs, Math.min(mostMs, stepMs));
      this.#lookedMs = nowMs;
      return;
    }
    this.#lookedMs = nowMs;
    // One that swings is told now and then, with all that it went by then: it must not fill a journal.
    if (nowMs - this.#toldMs < limits.clockStepEveryMs) return;
    this.#toldMs = nowMs;
    this.#baseMs += stepMs;
    this.#tell({
      fromMs: Math.floor(wallMs - stepMs),
      toMs: Math.floor(wallMs),
      while: 'running',
    });
  }

  #countedMs(): number {
    return this.#clock.awakeAndAsleepMs?.() ?? this.#clock.monotonicMs();
  }

  #again(): void {
    this.#timer = this.#clock.setTimer(() => {
      this.look();
      this.#again();
    }, limits.clockLookMs);
  }
}
