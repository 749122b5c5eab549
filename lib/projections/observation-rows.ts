/**
 * What one replica noticed and signed so that all know it: clocks apart, foreign writes refused and pardoned, forks seen.
 * With the forks that stand in the own rows they make the flags on clocks, writers and terminals.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { blameFor, isClockOff } from '../domain/clock-drift.ts';
import type { FlagKind } from '../domain/flags.ts';
import { parseJournalKey, type Hlc, type JournalKey } from '../domain/ids.ts';
import type { Observation } from './contribution.ts';
import { fileFindings, type FileFinding } from './file-findings.ts';
import type { FlagCause, FlagRows } from './flag-rows.ts';
import type { JournalRow, JournalRows } from './journal-rows.ts';
import { Query } from './statement.ts';

/** A flag names the latest word of each of a few terminals; all of them stand in the journals. */
const mostInCause = 8;

type Row = {
  readonly subject: string;
  readonly observer: JournalKey;
  readonly seq: number;
  readonly at: Hlc;
  readonly wall: number;
  readonly by: string;
  readonly detail: string;
};
type Seen = Pick<Row, 'observer' | 'seq' | 'at'> & Readonly<Record<string, unknown>>;

const words = `select subject, key as observer, seq, at, wall, operator as by, detail from observations
  join entries on entries.id = entry join journals on journals.id = journal
  where observations.kind = ?`;

export class ObservationRows {
  readonly #journals: JournalRows;
  readonly #flags: FlagRows;
  readonly #touched = new Map<string, { kind: FlagKind; subject: string }>();
  #clocksTouched = false;
  readonly #about;
  readonly #all;
  readonly #subjectsOf;
  readonly #insert: StatementSync;
  readonly #drop: StatementSync;

  constructor(database: DatabaseSync, journals: JournalRows, flags: FlagRows) {
    this.#journals = journals;
    this.#flags = flags;
    this.#about = new Query<Row>(database, `${words} and subject = ? order by at desc, hash`);
    this.#all = new Query<Row>(database, `${words} order by at desc, hash`);
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
    this.#clocksTouched = false;
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
    // Who is to blame depends on what is said of all others.
    if (kind === 'clock-drift') this.#clocksTouched = true;
    else this.#touched.set(`${kind} ${subject}`, { kind, subject });
  }

  settle(): void {
    for (const { kind, subject } of this.#touched.values())
      this.#flags.put(kind, [subject], this.#cause(kind, subject));
    this.#touched.clear();
    if (this.#clocksTouched) this.#settleClocks();
    this.#clocksTouched = false;
  }

  /** What a terminal said last of each other one's clock, in whichever of its lives; by `S01-T2`. */
  clockWordsOf(terminal: string): ReadonlyMap<string, number> {
    const own = this.#clockWords().filter(({ by }) => by === terminal);
    return new Map(own.map(({ subject, offsetMs }) => [subject, offsetMs]));
  }

  /** What a terminal said of its own files, the latest first; by `S01-T2`. */
  fileFindings(terminal: string): readonly FileFinding[] {
    return findingsIn(this.#about.all('files-changed', terminal)).map(({ finding }) => finding);
  }

  #cause(kind: FlagKind, subject: string): FlagCause | undefined {
    const rows = this.#about.all(kind, subject);
    if (kind === 'terminal-fork')
      return this.#forkCause(subject as JournalKey, oneEach(rows.map(seenOf)));
    const causes = standing(kind, rows);
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

  /** The latest word of each terminal about each other one: a clock that was put right settles its flag. */
  #clockWords() {
    const latest = new Map<string, { by: string; subject: string; offsetMs: number; row: Row }>();
    for (const row of this.#all.all('clock-drift')) {
      const by = terminalOf(row.observer);
      const key = `${by} ${row.subject}`;
      const { offsetMs } = JSON.parse(row.detail) as { offsetMs: number };
      if (!latest.has(key)) latest.set(key, { by, subject: row.subject, offsetMs, row });
    }
    return [...latest.values()];
  }

  #settleClocks(): void {
    const off = this.#clockWords().filter(({ offsetMs }) => isClockOff(offsetMs));
    const { wrong, unclear } = blameFor(off.map(({ by, subject }) => [by, subject]));
    for (const { kind, subject } of this.#flags.list('clock-drift', -1))
      this.#flags.put(kind, subject, undefined);
    for (const terminals of [...wrong.map((one) => [one]), ...unclear]) {
      const seen = off
        .filter(({ by, subject }) => terminals.includes(subject) || terminals.includes(by))
        .map(({ subject, row }) => ({ ...seenOf(row), peer: subject }));
      this.#flags.put('clock-drift', terminals, { seen: seen.slice(0, mostInCause) });
    }
  }

  /** Before the journal's entries are deleted. */
  drop(journal: JournalRow): void {
    for (const { kind, subject } of this.#subjectsOf.all(journal.id)) this.#touch(kind, subject);
    this.#drop.run(journal.id);
    this.forked(journal);
  }
}

const seenOf = ({ observer, seq, at, ...row }: Omit<Row, 'subject'>): Seen => ({
  ...(JSON.parse(row.detail) as Record<string, unknown>),
  observer,
  seq,
  at,
});

const terminalOf = (journal: JournalKey): string => {
  const { store, terminal } = parseJournalKey(journal);
  return `${store}-${terminal}`;
};

function standing(kind: FlagKind, rows: readonly Row[]): readonly Seen[] {
  if (kind === 'foreign-write') return oneEach(unpardoned(rows));
  // Of its own clock and files a terminal alone says anything, and all of it counts.
  return kind === 'files-changed' ? notChecked(rows) : rows.map(seenOf);
}

/** The first of each terminal: nobody has his say so often that the others are not heard. */
function oneEach(seen: readonly Seen[]): readonly Seen[] {
  const byTerminal = Map.groupBy(seen, ({ observer }) => terminalOf(observer));
  return [...byTerminal.values()].flatMap(([first]) => first ?? []);
}

/** Latest first: what a terminal had refused before it let the other one back in was looked at by a person. */
function unpardoned(rows: readonly Row[]): Seen[] {
  const pardoned = new Set<string>();
  return rows.flatMap((row) => {
    const by = terminalOf(row.observer);
    const seen = seenOf(row);
    if (seen['pardoned'] === true) pardoned.add(by);
    return pardoned.has(by) ? [] : [seen];
  });
}

/** What a terminal found and nobody has looked at yet; latest first. */
const notChecked = (rows: readonly Row[]): readonly Seen[] =>
  findingsIn(rows).flatMap(({ word, finding }) => (finding.checked ? [] : [seenOf(word.row)]));

const findingsIn = (rows: readonly Row[]) =>
  fileFindings(rows.map((row) => ({ ...row, row, detail: detailOf(row) })));

const detailOf = ({ detail }: Row): Readonly<Record<string, unknown>> =>
  JSON.parse(detail) as Readonly<Record<string, unknown>>;
