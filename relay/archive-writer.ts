/**
 * The queue in front of the archive: takes verified entries as they come, writes what has come while the last batch was
 * written, waits out an absent database, and tells how far it got. Loses nothing that it took while the process lives;
 * what it had not archived when the process ends comes again from the journals.
 */
import type { Clock } from '../lib/domain/clock.ts';
import { isTillmeshError } from '../lib/domain/errors.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type { ArchiveContract, ArchivedTips, IngestResult } from './archive-contract.ts';

/** `sinceMs` is wall clock. `fenced`: another relay does this now. `failing`: neither; the log says what. */
export type ArchiveWriterState =
  | { readonly kind: 'archiving' }
  | {
      readonly kind: 'unreachable' | 'fenced' | 'failing';
      readonly sinceMs: number;
      readonly reason: string;
    };

export type ArchiveWriterOptions = {
  readonly archive: Pick<ArchiveContract, 'ingest'>;
  readonly clock: Clock;
  /**
   * Looks whether the archive is still the one that was told of: before the first batch, after every outage, and when
   * somebody asks for a `check`. No batch goes in while it looks. Then nothing begins before the first `check`.
   */
  readonly settle?: () => Promise<void>;
  /** Tips of the journals of a batch, also where nothing was new. Called after the commit. */
  readonly onArchived?: (tips: ArchivedTips) => void;
  readonly onIngested?: (result: IngestResult, seconds: number) => void;
  readonly onState?: (state: ArchiveWriterState) => void;
  readonly onProblem?: (error: unknown) => void;
};

/** A transaction of 500 sales takes ~60 ms: long enough to make the fsync cheap, short enough to wait for. */
const batchEntries = 500;
/** ~80 MB of entries. Beyond it `push` makes its caller wait. */
export const roomyEntries = 20_000;
const firstDelayMs = 250;
const longestDelayMs = 30_000;

type Waiting = {
  readonly read: VerifiedEntry;
  readonly sinceMs: number;
  /** A batch with it failed for a reason of its own: it goes in by itself, so that it stops no other. */
  readonly alone: boolean;
};

export class ArchiveWriter {
  readonly #options: ArchiveWriterOptions;
  #queue: Waiting[] = [];
  /** Failed by themselves; back in the queue at the next retry. */
  #setAside: Waiting[] = [];
  #active: readonly Waiting[] = [];
  #failures = 0;
  #asideRounds = 0;
  #asideTimer: { cancel(): void } | undefined;
  #timer: { cancel(): void } | undefined;
  #state: ArchiveWriterState = { kind: 'archiving' };
  #hasBegun: boolean;
  #isSettled: boolean;
  #isLooking = false;
  /** Takes no more. */
  #closed = false;
  /** Tries no more. */
  #ended = false;
  #roomWaiters: (() => void)[] = [];
  #idleWaiters: (() => void)[] = [];
  #lookWaiters: (() => void)[] = [];

  constructor(options: ArchiveWriterOptions) {
    this.#options = options;
    this.#hasBegun = this.#isSettled = options.settle === undefined;
  }

  /** Takes them all at once; resolves when there is room for more. Callers with a stream of entries wait for it. */
  push(entries: readonly VerifiedEntry[]): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const sinceMs = this.#options.clock.monotonicMs();
    for (const read of entries) this.#queue.push({ read, sinceMs, alone: false });
    this.#pump();
    return this.room();
  }

  /** Callers that can come again later push only while this is true. */
  get isRoomy(): boolean {
    return this.waiting < roomyEntries;
  }

  /** Resolves when there is room for more, or when nothing more is taken. */
  room(): Promise<void> {
    if (this.#closed || this.waiting <= roomyEntries) return Promise.resolve();
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** Settles again before the next batch. Resolves when that was done or has failed; a failure is tried again. */
  check(): Promise<void> {
    if (this.#ended || this.#options.settle === undefined) return Promise.resolve();
    this.#hasBegun = true;
    this.#isSettled = false;
    const looked = new Promise<void>((resolve) => this.#lookWaiters.push(resolve));
    this.#pump();
    return looked;
  }

  /** Entries that were taken and are not archived yet. */
  get waiting(): number {
    return this.#queue.length + this.#setAside.length + this.#active.length;
  }

  get state(): ArchiveWriterState {
    return this.#state;
  }

  /** How long the oldest entry has waited; 0 when nothing waits. */
  lagMs(): number {
    const firsts = [this.#setAside[0], this.#active[0], this.#queue[0]];
    const begins = firsts.flatMap((each) => each?.sinceMs ?? []);
    return begins.length === 0 ? 0 : this.#options.clock.monotonicMs() - Math.min(...begins);
  }

  /** Resolves when all that was taken is archived. */
  idle(): Promise<void> {
    if (this.waiting === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idleWaiters.push(resolve));
  }

  /** Takes no more, archives what it has, gives up after `deadlineMs`. Answers how many entries it gave up. */
  async close(deadlineMs: number): Promise<number> {
    this.#closed = true;
    let expired: { cancel(): void } | undefined;
    const deadline = new Promise<void>((resolve) => {
      expired = this.#options.clock.setTimer(resolve, deadlineMs);
    });
    await Promise.race([this.idle(), deadline]);
    expired?.cancel();
    this.#timer?.cancel();
    this.#asideTimer?.cancel();
    const left = this.waiting;
    this.#ended = true;
    this.#queue = [];
    this.#setAside = [];
    for (const resume of [...this.#roomWaiters.splice(0), ...this.#lookWaiters.splice(0)]) resume();
    return left;
  }

  /** One batch at a time: what comes meanwhile is the next one, so the batches grow with the load by themselves. */
  #pump(): void {
    if (this.#timer !== undefined || this.#active.length > 0 || this.#isLooking) return;
    if (!this.#isSettled) {
      if (this.#hasBegun) void this.#look();
    } else if (this.#queue.length > 0) void this.#write(this.#take());
  }

  async #look(): Promise<void> {
    this.#isLooking = true;
    // Who asks from here on asks for another look.
    this.#isSettled = true;
    const waiters = this.#lookWaiters.splice(0);
    let failure: { error: unknown } | undefined;
    try {
      await this.#options.settle?.();
    } catch (error) {
      failure = { error };
    }
    this.#isLooking = false;
    for (const resume of waiters) resume();
    if (this.#ended) return;
    if (failure) {
      this.#options.onProblem?.(failure.error);
      this.#enterFault(failure.error);
      this.#waitOut([]);
    } else if (this.waiting === 0) {
      // With a batch to write, that one says whether all is well.
      this.#failures = 0;
      this.#enter({ kind: 'archiving' });
    }
    this.#pump();
  }

  #take(): Waiting[] {
    if (this.#queue[0]?.alone === true) return this.#queue.splice(0, 1);
    const alone = this.#queue.slice(0, batchEntries).findIndex((each) => each.alone);
    return this.#queue.splice(0, alone > 0 ? alone : batchEntries);
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    this.#active = batch;
    const beganMs = this.#options.clock.monotonicMs();
    let outcome: { result: IngestResult } | { error: unknown };
    try {
      outcome = { result: await this.#options.archive.ingest(batch.map((each) => each.read)) };
    } catch (error) {
      outcome = { error };
    }
    this.#active = [];
    if (this.#ended) return;
    if ('error' in outcome) this.#failed(batch, outcome.error);
    else this.#succeeded(outcome.result, this.#options.clock.monotonicMs() - beganMs);
    this.#pump();
    if (this.waiting <= roomyEntries) for (const resume of this.#roomWaiters.splice(0)) resume();
    if (this.waiting === 0) for (const resume of this.#idleWaiters.splice(0)) resume();
  }

  #succeeded(result: IngestResult, tookMs: number): void {
    this.#failures = 0;
    if (this.#setAside.length === 0 && !this.#queue.some((each) => each.alone)) {
      this.#asideRounds = 0;
      this.#enter({ kind: 'archiving' });
    }
    this.#options.onIngested?.(result, tookMs / 1000);
    try {
      this.#options.onArchived?.(result.tips);
    } catch (error) {
      // They are archived whatever a listener makes of it; the queue goes on.
      this.#options.onProblem?.(error);
    }
  }

  #failed(batch: readonly Waiting[], error: unknown): void {
    this.#options.onProblem?.(error);
    if (stateOf(error) === 'failing' && batch.length > 1) {
      // Which one of them it is shows when each goes in by itself; nothing is known to be away, so at once.
      this.#queue.unshift(...batch.map((each) => ({ ...each, alone: true })));
      return;
    }
    if (this.#enterFault(error) === 'failing') this.#putAside(batch);
    else this.#waitOut(batch);
  }

  #enterFault(error: unknown): 'unreachable' | 'fenced' | 'failing' {
    const kind = stateOf(error);
    const reason = error instanceof Error ? error.message : 'unknown';
    const known = this.#state;
    const sinceMs = known.kind === 'archiving' ? this.#options.clock.wallMs() : known.sinceMs;
    this.#enter({ kind, sinceMs, reason });
    return kind;
  }

  /** Its neighbours go on; it comes again after a pause. */
  #putAside(batch: readonly Waiting[]): void {
    this.#setAside.push(...batch);
    this.#asideTimer ??= this.#options.clock.setTimer(() => {
      this.#asideTimer = undefined;
      this.#queue.push(...this.#setAside.splice(0));
      this.#pump();
    }, delayAfter(this.#asideRounds++));
  }

  /** Nothing goes on until the pause is over. */
  #waitOut(batch: readonly Waiting[]): void {
    this.#queue.unshift(...batch);
    // What answers after an outage may be another server, or an older one.
    if (this.#options.settle) this.#isSettled = false;
    this.#timer ??= this.#options.clock.setTimer(() => {
      this.#timer = undefined;
      this.#pump();
    }, delayAfter(this.#failures++));
  }

  #enter(state: ArchiveWriterState): void {
    if (state.kind === this.#state.kind && state.kind === 'archiving') return;
    this.#state = state;
    this.#options.onState?.(state);
  }
}

const delayAfter = (failures: number): number =>
  Math.min(firstDelayMs * 2 ** failures, longestDelayMs);

function stateOf(error: unknown): 'unreachable' | 'fenced' | 'failing' {
  if (isTillmeshError(error, 'DATABASE_UNREACHABLE')) return 'unreachable';
  return isTillmeshError(error, 'LEASE_LOST') ? 'fenced' : 'failing';
}
