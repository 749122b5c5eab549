/**
 * What whoever stands at a screen has to know now, on every page: kinds and values, never sentences. A flag is something to
 * look into; an alarm says that the shop's records or its network are in danger until somebody acts. It is gone with its cause.
 */
import { isTillmeshError } from '../domain/errors.ts';
import type { Clock } from '../domain/clock.ts';
import { limits } from '../domain/limits.ts';

export type AlarmCause =
  /** Two devices have gone on as this terminal, by signed entries. */
  | {
      readonly kind: 'fork';
      readonly terminal: string;
      readonly isOwn: boolean;
      /** Whose word it is, where nothing proves it here. */
      readonly by?: readonly string[];
    }
  /** Two devices that were let in under one name, each with a key of its own. */
  | { readonly kind: 'sameName'; readonly terminal: string; readonly isOwn: boolean }
  /** Peers say that another device is at work as this till; nothing proves it here yet. */
  | { readonly kind: 'identityInUse'; readonly by: readonly string[] }
  | { readonly kind: 'revoked'; readonly reason: string }
  | {
      readonly kind: 'clock';
      readonly terminal: string;
      readonly isOwn: boolean;
      /** How far it is ahead of the others; where it is not clear who is wrong, of the first of them. */
      readonly offsetMs: number;
      readonly others: readonly string[];
      /** Most clocks agree against it. */
      readonly isClear: boolean;
    }
  /** This replica gives it no link. */
  | { readonly kind: 'barred'; readonly terminal: string; readonly code: string }
  /** Others have refused what it wrote. */
  | {
      readonly kind: 'foreignWrite';
      readonly terminal: string;
      readonly code: string;
      readonly by: readonly string[];
    }
  /** Of head office: what a till said of its own files, and nobody has looked at there yet; the last one of it is named. */
  | {
      readonly kind: 'filesChanged';
      readonly terminal: string;
      readonly code: string;
      readonly where: string;
    }
  | HealthCause;

/** What a process has found out about its own machine and files. */
export type HealthCause =
  /** A file of its own is not what it was: `subject` names it (a journal, the identity, the read models). */
  | { readonly kind: 'damaged'; readonly subject: string }
  /** One of `findings.ts`, until a person has looked at it; absent: of no kind that has a sentence. */
  | { readonly kind: 'tampered'; readonly subject: string; readonly code?: string }
  | { readonly kind: 'diskFull' };

export type Alarm = AlarmCause & {
  /** The same one for as long as it stands: what was folded away stays folded. */
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly sinceMs: number;
};

export type AlarmKind = AlarmCause['kind'];

/** The identity of an alarm: its kind and what it is about. */
export function alarmIdOf(cause: AlarmCause): string {
  switch (cause.kind) {
    case 'fork':
    case 'sameName':
    case 'clock':
    case 'barred':
    case 'foreignWrite':
    case 'filesChanged':
      return `${cause.kind} ${cause.terminal}`;
    case 'damaged':
    case 'tampered':
      return `${cause.kind} ${cause.subject}`;
    case 'identityInUse':
    case 'revoked':
    case 'diskFull':
      return cause.kind;
  }
}

/** Remembers since when each alarm stands, for causes that do not say so themselves. */
export class AlarmList {
  readonly #clock: Pick<Clock, 'wallMs'>;
  #since: ReadonlyMap<string, number> = new Map();

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock;
  }

  /** One for each id, the oldest first. */
  of(causes: readonly (AlarmCause & { readonly sinceMs?: number })[]): readonly Alarm[] {
    const alarms = new Map<string, Alarm>();
    // One of each kind first: whoever can raise many of one hides no other.
    const kinds = new Map(causes.toReversed().map((cause) => [cause.kind, cause]));
    for (const cause of [...kinds.values(), ...causes]) {
      const id = alarmIdOf(cause);
      if (alarms.has(id) || alarms.size >= limits.alarms) continue;
      const sinceMs = cause.sinceMs ?? this.#since.get(id) ?? Math.floor(this.#clock.wallMs());
      alarms.set(id, { ...cause, id, sinceMs });
    }
    this.#since = new Map([...alarms].map(([id, { sinceMs }]) => [id, sinceMs]));
    return [...alarms.values()].toSorted((a, b) => a.sinceMs - b.sinceMs || (a.id < b.id ? -1 : 1));
  }
}

/** Findings on the own machine and files, from whoever checks them; each stands until it is settled or the process ends. */
export class HealthFindings {
  readonly #found = new Map<string, HealthCause & { readonly sinceMs: number }>();
  readonly #clock: Pick<Clock, 'wallMs'>;
  readonly #listeners = new Set<() => void>();

  constructor(clock: Pick<Clock, 'wallMs'>) {
    this.#clock = clock;
  }

  report(cause: HealthCause, sinceMs = Math.floor(this.#clock.wallMs())): void {
    const id = alarmIdOf(cause);
    const isNewKind = this.list().every(({ kind }) => kind !== cause.kind);
    if (this.#found.has(id) || (this.#found.size >= limits.alarms && !isNewKind)) return;
    this.#found.set(id, { ...cause, sinceMs });
    for (const listener of this.#listeners) listener();
  }

  settle(cause: HealthCause): void {
    if (!this.#found.delete(alarmIdOf(cause))) return;
    for (const listener of this.#listeners) listener();
  }

  list(): readonly (HealthCause & { readonly sinceMs: number })[] {
    return [...this.#found.values()];
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Does something that writes to the disk, and takes from it whether the disk is full. */
  writing<Result>(write: () => Result): Result {
    try {
      const result = write();
      this.settle({ kind: 'diskFull' });
      return result;
    } catch (error) {
      if (isTillmeshError(error, 'DISK_FULL')) this.report({ kind: 'diskFull' });
      throw error;
    }
  }
}
