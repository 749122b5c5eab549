/**
 * Keeps a link to every target: back-off with jitter, no dial where the peer is reached already. One row per
 * address; whose address it is, is learned from the certificate of the first link.
 */
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { dialCauseOf, type DialCause } from './dial-cause.ts';
import type { MeshEvent } from './mesh-events.ts';
import type { DialTarget, RawLink, Transport } from './transport.ts';

export type DialTiming = {
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** A link that lived shorter counts as a failed try. */
  readonly steadyMs: number;
};

export type DiallerOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: () => number;
  readonly timing: DialTiming;
  readonly targets: () => readonly DialTarget[];
  /** Reached already, or not to be reached (barred, cut, pausing). */
  readonly skips: (peer: Principal) => boolean;
  /** Takes the link over; `done` is called once, when it has ended. */
  readonly adopt: (link: RawLink, done: (cause: DialCause) => void) => void;
  readonly onEvent: (event: MeshEvent) => void;
};

/** One address and how dialling it goes. */
export type DialState = {
  readonly host: string;
  readonly port: number;
  /** Whose address it is, as announced or as its last certificate said; absent where nobody has answered yet. */
  readonly peer?: Principal;
  /** Failed tries in a row; 0 after a link that lasted. */
  readonly failures: number;
  /** Of the last try that failed; absent where none did. */
  readonly cause?: DialCause;
  /** From now on, in milliseconds; absent while it is tried or linked, and where it is left alone. */
  readonly nextInMs?: number;
};

type Row = {
  target: DialTarget;
  peer: Principal | undefined;
  failures: number;
  cause: DialCause | undefined;
  /** By the monotonic clock. */
  nextAtMs: number | undefined;
  busy: boolean;
  /** Looked at and left alone, because the peer is reached or not to be reached. */
  skipped: boolean;
  timer: { cancel(): void } | undefined;
};

export class Dialler {
  readonly #options: DiallerOptions;
  readonly #rows = new Map<string, Row>();
  /** Ends with stop(): what comes back from an earlier life does nothing. */
  #life = 0;
  #running = false;

  constructor(options: DiallerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = true;
    this.refresh();
  }

  stop(): void {
    this.#running = false;
    this.#life += 1;
    for (const row of this.#rows.values()) row.timer?.cancel();
    this.#rows.clear();
  }

  /** Reads the targets again; new ones are dialled at once, those that are gone are left alone. */
  refresh(): void {
    if (!this.#running) return;
    const wanted = new Map(this.#options.targets().map((target) => [keyOf(target), target]));
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.timer?.cancel();
      this.#rows.delete(key);
    }
    for (const [key, target] of wanted) {
      const row = this.#rows.get(key);
      if (row === undefined) {
        const fresh: Row = {
          target,
          peer: target.expect,
          failures: 0,
          cause: undefined,
          nextAtMs: undefined,
          busy: false,
          skipped: false,
          timer: undefined,
        };
        this.#rows.set(key, fresh);
        this.#schedule(fresh, 0);
      } else if (row.target.expect !== target.expect) {
        // Another life at the same address: what was learned about the former one is void.
        Object.assign(row, { target, peer: target.expect, failures: 0, cause: undefined });
        if (!row.busy) this.#schedule(row, 0);
      }
    }
  }

  /** A link has ended or a bar was lifted: rows that were left alone are looked at again soon. */
  wake(): void {
    for (const row of this.#rows.values()) if (row.skipped) this.#schedule(row, this.#waitMs(row));
  }

  /** The way to a peer is free again: whatever waits is tried now. */
  now(): void {
    for (const row of this.#rows.values()) if (!row.busy) this.#schedule(row, 0);
  }

  /** Every address that is dialled, for whoever wants to know what waits for whom and why. */
  get states(): readonly DialState[] {
    const nowMs = this.#options.clock.monotonicMs();
    return [...this.#rows.values()].map((row) => {
      const { target, peer, failures, cause, nextAtMs, busy, skipped } = row;
      return {
        host: target.host,
        port: target.port,
        ...(peer !== undefined && { peer }),
        failures,
        ...(cause !== undefined && { cause }),
        ...(nextAtMs !== undefined &&
          !busy &&
          !skipped && { nextInMs: Math.max(0, nextAtMs - nowMs) }),
      };
    });
  }

  #waitMs(row: Row): number {
    const { retryMs, maxRetryMs } = this.#options.timing;
    const fullMs = Math.min(maxRetryMs, retryMs * 2 ** Math.min(row.failures, 16));
    return fullMs * (0.5 + this.#options.random());
  }

  #schedule(row: Row, delayMs: number): void {
    if (!this.#running) return;
    row.skipped = false;
    row.timer?.cancel();
    row.nextAtMs = this.#options.clock.monotonicMs() + delayMs;
    row.timer = this.#options.clock.setTimer(() => {
      row.timer = undefined;
      row.nextAtMs = undefined;
      this.#try(row);
    }, delayMs);
  }

  #try(row: Row): void {
    if (row.busy || this.#rows.get(keyOf(row.target)) !== row) return;
    if (row.peer !== undefined && this.#options.skips(row.peer)) {
      this.#schedule(row, this.#options.timing.maxRetryMs);
      row.skipped = true;
      return;
    }
    row.busy = true;
    void this.#dial(row, this.#life);
  }

  async #dial(row: Row, life: number): Promise<void> {
    const { transport, clock, timing, adopt, onEvent } = this.#options;
    try {
      const link = await transport.dial(row.target);
      if (life !== this.#life) {
        link.close(1001, 'leaving');
        return;
      }
      row.peer = link.peer;
      const linkedMs = clock.monotonicMs();
      adopt(link, (cause) => {
        if (life !== this.#life) return;
        row.busy = false;
        row.cause = cause;
        const steady = clock.monotonicMs() - linkedMs >= timing.steadyMs;
        const retryMs = this.#waitMs({ ...row, failures: steady ? 0 : row.failures });
        row.failures = steady ? 0 : row.failures + 1;
        this.#schedule(row, retryMs);
      });
    } catch (error) {
      if (life !== this.#life) return;
      row.busy = false;
      const retryMs = this.#waitMs(row);
      row.failures += 1;
      row.cause = dialCauseOf(error);
      onEvent({
        kind: 'dialFailed',
        host: row.target.host,
        port: row.target.port,
        ...(row.peer !== undefined && { peer: row.peer }),
        cause: row.cause,
        code: isTillmeshError(error) ? error.code : 'LINK_FAILED',
        detail: isTillmeshError(error) ? error.detail : String(error),
        attempt: row.failures,
        retryMs,
      });
      this.#schedule(row, retryMs);
    }
  }
}

const keyOf = (target: DialTarget): string => `${target.host} ${target.port}`;
