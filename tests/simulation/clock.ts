/**
 * Simulated time for a whole shop in one process: one queue of events, processes that can die, freeze and have clocks
 * that are wrong. While `installTime` is in force nothing runs by the machine's own clock, automerge-repo included.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '#lib/domain/clock.ts';

/** Thrown at whatever a dead process still tries. Never a finding. */
export class DeadProcess extends Error {
  constructor(what: string) {
    super(`a dead process: ${what}`);
    this.name = 'DeadProcess';
  }
}

/** One life of an operating-system process. What it began and has not finished ends with it. */
export class SimProcess {
  readonly name: string;
  /** Undefined when the run is over: promises that never settle keep processes in memory, and these no more than a name. */
  clock: MachineClock | undefined;
  alive = true;
  /** Stopped by SIGSTOP until then: its events wait. */
  frozenUntilMs = 0;

  constructor(name: string, clock: MachineClock) {
    this.name = name;
    this.clock = clock;
  }
}

/** The wall clock of a machine: it outlives processes, runs at its own rate and may jump. */
export class MachineClock {
  readonly #world: World;
  #wallMs: number;
  #sinceMs: number;
  #rate = 1;

  constructor(world: World, wallMs: number) {
    this.#world = world;
    this.#wallMs = wallMs;
    this.#sinceMs = world.nowMs;
  }

  wallMs(): number {
    return this.#wallMs + (this.#world.nowMs - this.#sinceMs) * this.#rate;
  }

  jump(byMs: number): void {
    this.#settle();
    this.#wallMs += byMs;
  }

  drift(rate: number): void {
    this.#settle();
    this.#rate = rate;
  }

  #settle(): void {
    this.#wallMs = this.wallMs();
    this.#sinceMs = this.#world.nowMs;
  }
}

type Event = {
  atMs: number;
  readonly order: number;
  readonly run: () => void;
  readonly process: SimProcess | undefined;
  cancelled: boolean;
};

const running = new AsyncLocalStorage<SimProcess>();
const real = { setImmediate: globalThis.setImmediate };

export class World {
  nowMs = 0;
  events = 0;
  readonly #heap: Event[] = [];
  #order = 0;
  /** Told of what escapes a timer: in a real process it would be an uncaught exception. */
  onUncaught: (error: unknown, process: SimProcess | undefined) => void = (error) => {
    throw error;
  };

  /** Runs as this process: its timers and promises are its own from then on. */
  as<Result>(process: SimProcess, run: () => Result): Result {
    return running.run(process, run);
  }

  /** `nobody`: the world itself, which outlives whoever asks. */
  later(
    run: () => void,
    delayMs: number,
    process: SimProcess | 'nobody' | undefined = running.getStore(),
  ): { cancel(): void } {
    return this.at(run, this.nowMs + Math.max(0, Number.isFinite(delayMs) ? delayMs : 0), process);
  }

  /** The same by the hour: what must be in order is not left to a sum of fractions. */
  at(
    run: () => void,
    atMs: number,
    process: SimProcess | 'nobody' | undefined,
  ): { cancel(): void } {
    const event: Event = {
      atMs,
      order: this.#order++,
      run,
      process: process === 'nobody' ? undefined : process,
      cancelled: false,
    };
    push(this.#heap, event);
    return {
      cancel: () => {
        event.cancelled = true;
      },
    };
  }

  /** The clock that is passed into a process. */
  clockOf(process: SimProcess, zone = 'Europe/Berlin'): Clock {
    return {
      wallMs: () => process.clock?.wallMs() ?? 0,
      monotonicMs: () => this.nowMs,
      zone: () => zone,
      setTimer: (run, delayMs) => this.later(run, delayMs, process),
    };
  }

  /** At the end of a run: nothing is still to come. */
  end(): void {
    for (const { process } of this.#heap.splice(0)) if (process) process.clock = undefined;
  }

  async advance(byMs: number): Promise<void> {
    const untilMs = this.nowMs + byMs;
    await settled();
    for (;;) {
      const [next] = this.#heap;
      if (!next || next.atMs > untilMs) break;
      pop(this.#heap);
      if (next.cancelled || next.process?.alive === false) continue;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      if (next.process && next.process.frozenUntilMs > this.nowMs) {
        next.atMs = next.process.frozenUntilMs;
        push(this.#heap, next);
        continue;
      }
      this.events++;
      this.#run(next);
      await settled();
    }
    this.nowMs = untilMs;
  }

  #run({ run, process }: Event): void {
    try {
      if (process) running.run(process, run);
      else running.exit(run);
    } catch (error) {
      this.onUncaught(error, process);
    }
  }
}

// ---- The machine's own time and randomness, replaced

/** Work on libuv's threads (WebCrypto): simulated time stands still until it is done. */
let inFlight = 0;
let lastWork = Promise.resolve();

/** Everything that is only waiting for promises has happened. */
export async function settled(): Promise<void> {
  const isBusy = () => inFlight > 0;
  do await new Promise<void>((resolve) => real.setImmediate(resolve));
  while (isBusy());
}

const watched = ['sign', 'verify', 'digest', 'importKey', 'exportKey', 'generateKey'] as const;

/**
 * Puts every timer, `Date` and random value of this Node process under the world. The wall clock is the one of the
 * process that asks. Returns what puts all back.
 */
export function installTime(world: World, random: () => number): () => void {
  const undo: (() => void)[] = [];
  const replace = (target: object, name: string, value: unknown) => {
    const before = Object.getOwnPropertyDescriptor(target, name);
    Object.defineProperty(target, name, { value, configurable: true, writable: true });
    undo.push(() => {
      if (before) Object.defineProperty(target, name, before);
      else Reflect.deleteProperty(target, name);
    });
  };
  const wallMs = () => Math.floor(running.getStore()?.clock?.wallMs() ?? world.nowMs);
  for (const [name, value] of Object.entries(timers(world))) replace(globalThis, name, value);
  const RealDate = Date;
  replace(
    globalThis,
    'Date',
    class extends RealDate {
      constructor(...given: [] | ConstructorParameters<typeof Date>) {
        if (given.length === 0) super(wallMs());
        else super(...given);
      }
      static override now(): number {
        return wallMs();
      }
    },
  );
  replace(performance, 'now', () => world.nowMs);
  replace(crypto, 'getRandomValues', (into: ArrayBufferView) => {
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    for (let at = 0; at < bytes.length; at++) bytes[at] = Math.floor(random() * 256);
    return into;
  });
  for (const name of watched) {
    const original = Reflect.get(crypto.subtle, name) as (...given: unknown[]) => Promise<unknown>;
    // One after the other: which thread is first must not decide anything.
    replace(crypto.subtle, name, async (...given: unknown[]) => {
      const turn = lastWork;
      const { promise, resolve } = Promise.withResolvers<void>();
      lastWork = promise;
      inFlight++;
      await turn;
      try {
        return await original.apply(crypto.subtle, given);
      } finally {
        inFlight--;
        resolve();
      }
    });
  }
  return () => {
    for (const step of undo.reverse()) step();
  };
}

function timers(world: World) {
  const handle = (timer: { cancel(): void }) => ({
    ...timer,
    ref: () => undefined,
    unref: () => undefined,
    hasRef: () => true,
    [Symbol.toPrimitive]: () => 0,
  });
  const clear = (timer?: { cancel?: () => void }) => timer?.cancel?.();
  return {
    setTimeout: (run: (...given: unknown[]) => void, delayMs = 0, ...given: unknown[]) =>
      // As in Node: at least a millisecond.
      handle(world.later(() => run(...given), Math.max(1, delayMs))),
    setImmediate: (run: (...given: unknown[]) => void, ...given: unknown[]) =>
      handle(world.later(() => run(...given), 0)),
    setInterval: (run: (...given: unknown[]) => void, everyMs = 0, ...given: unknown[]) => {
      let current: { cancel(): void };
      const again = () => {
        current = world.later(
          () => {
            again();
            run(...given);
          },
          Math.max(1, everyMs),
        );
      };
      again();
      return handle({ cancel: () => current.cancel() });
    },
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
}

// ---- A binary heap by time, then by order of setting

const before = (a: Event, b: Event): boolean =>
  a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

function push(heap: Event[], event: Event): void {
  let at = heap.push(event) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (!parent || !before(event, parent)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = event;
}

function pop(heap: Event[]): void {
  const last = heap.pop();
  if (!last || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    const [one, other] = [heap[left], heap[left + 1]];
    if (!one) break;
    const [child, next] = other && before(other, one) ? [other, left + 1] : [one, left];
    if (!before(child, last)) break;
    heap[at] = child;
    at = next;
  }
  heap[at] = last;
}
