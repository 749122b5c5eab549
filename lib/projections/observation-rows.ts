/**
 * What one replica noticed and signed so that all know it: clocks apart, foreign writes refused, forks seen.
 * With the forks that stand in the own rows they make the flags on clocks, writers and terminals.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { FlagKind } from '../domain/flags.ts';
import type { JournalKey } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Observation } from './contribution.ts';
import type { FlagCause, FlagRows } from './flag-rows.ts';
import type { JournalRow, JournalRows } from './journal-rows.ts';
import { Query } from './statement.ts';

/** A flag names the latest few; all of them stand in the journals. */
const mostInCause = 8;

type Row = { readonly observer: JournalKey; readonly seq: number; readonly detail: string };
type Seen = { readonly observer: JournalKey; readonly seq: number } & Readonly<
  Record<string, unknown>
>;

export class ObservationRows {
  readonly #journals: JournalRows;
  readonly #flags: FlagRows;
  readonly #touched = new Map<string, { kind: FlagKind; subject: string }>();
  readonly #all;
  readonly #subjectsOf;
  readonly #insert: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: DatabaseSync, journals: JournalRows, flags: FlagRows) {
    this.#journals = journals;
    this.#flags = flags;
    this.#all = new Query<Row>(
      database,
      `select key as observer, seq, detail from observations
       join entries on entries.id = entry join journals on journals.id = journal
       where observations.kind = ? and subject = ? order by at desc, hash`,
    );
    this.#subjectsOf = new Query<{ kind: FlagKind; subject: string }>(
      database,
      `select distinct kind, subject from observations join entries on entries.id = entry where journal = ?`,
    );
    this.#insert = database.prepare(
      `insert into observations (kind, subject, entry, detail) values (?, ?, ?, ?)`,
    );
    this.#drop = database.prepare(
      `delete from observations where entry in (select id from entries where journal = ?)`,
    );
  }

  reload(): void {
    this.#touched.clear();
  }

  add(row: number, { kind, subject, detail }: Observation): void {
    this.#insert.run(kind, subject, row, JSON.stringify(detail));
    this.#touch(kind, subject);
  }

  /** Two entries under one seq arrived here. */
  forked(journal: JournalRow): void {
    this.#touch('terminal-fork', journal.key);
  }

  #touch(kind: FlagKind, subject: string): void {
    this.#touched.set(`${kind} ${subject}`, { kind, subject });
  }

  settle(): void {
    for (const { kind, subject } of this.#touched.values())
      this.#flags.put(kind, [subject], this.#cause(kind, subject));
    this.#touched.clear();
  }

  #cause(kind: FlagKind, subject: string): FlagCause | undefined {
    const seen = this.#all.all(kind, subject).map(seenOf);
    if (kind === 'terminal-fork') return this.#forkCause(subject as JournalKey, seen);
    const causes = kind === 'clock-drift' ? standing(seen) : seen;
    return causes.length === 0 ? undefined : { seen: causes.slice(0, mostInCause) };
  }

  #forkCause(key: JournalKey, seen: readonly Seen[]): FlagCause | undefined {
    const journal = this.#journals.find(key);
    const here = journal && this.#journals.firstFork(journal);
    if (!here && seen.length === 0) return undefined;
    return {
      ...(here && { seq: here.seq, hashes: here.hashes }),
      seen: seen.slice(0, mostInCause),
    };
  }

  /** Before the journal's entries are deleted. */
  drop(journal: JournalRow): void {
    for (const { kind, subject } of this.#subjectsOf.all(journal.id)) this.#touch(kind, subject);
    this.#drop.run(journal.id);
    this.forked(journal);
  }
}

const seenOf = ({ observer, seq, detail }: Row): Seen => ({
  ...(JSON.parse(detail) as Record<string, unknown>),
  observer,
  seq,
});

/** A clock that stepped did so for good: what was recorded meanwhile has the wrong time. */
const standing = (seen: readonly Seen[]): Seen[] => {
  const isStep = (one: Seen): boolean => 'toMs' in one;
  return [...standingDrift(seen.filter((one) => !isStep(one))), ...seen.filter(isStep)];
};

/** Each observer's latest word counts: a clock that was put right settles the flag. `seen` is latest first. */
function standingDrift(seen: readonly Seen[]): Seen[] {
  const latest = new Map<JournalKey, Seen>();
  for (const one of seen) if (!latest.has(one.observer)) latest.set(one.observer, one);
  return [...latest.values()].filter(
    ({ offsetMs }) => typeof offsetMs === 'number' && Math.abs(offsetMs) >= limits.clockDoubtMs,
  );
}
