/**
 * Entries that are no document: what happened at a till beside its sales (`domain/acts.ts`), what replicas noticed, how
 * lives began. And the journals as a whole, documents among them, as somebody reads them who looks for what went wrong.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ReceiptKey } from '../domain/bodies.ts';
import { isPayCommand } from '../domain/desk-cart.ts';
import {
  parseJournalKey,
  type EntryHash,
  type JournalKey,
  type SeriesLetter,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { entryNumber } from '../domain/series.ts';
import { canonicalText } from '../journal/canonical-json.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { printedSubject, type Act } from './contribution.ts';
import type { EntryState, JournalRow } from './journal-rows.ts';
import { Query, saturated } from './statement.ts';

/** An act that a command made, as `decide` looks at it. */
export type ActSeen = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: string;
  readonly number: string;
  readonly type: string;
  readonly body: unknown;
};

/** An entry of whatever type. A document has a number, other entries have what they say in `body`. */
export type JournalEntry = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
  readonly at: string;
  readonly wall: number;
  readonly zone: string;
  readonly by: string;
  readonly type: string;
  readonly state: EntryState;
  readonly number: string;
  readonly businessDay: string | undefined;
  readonly currency: string | undefined;
  readonly totalMinor: number | undefined;
  /** Of what is no document. */
  readonly body: unknown;
};

/** What is left out is not asked for. */
export type JournalFilter = {
  readonly terminal?: string;
  readonly operator?: string;
  readonly type?: string;
  readonly businessDay?: string;
};

/** How often somebody did something on a business day, over all tills. */
export type ActCount = { readonly operator: string; readonly type: string; readonly count: number };

type SeenRow = Omit<ActSeen, 'number' | 'body'> & { readonly body: string };
type EntryRow = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
  readonly at: string;
  readonly wall: number;
  readonly zone: string;
  readonly by: string;
  readonly type: string;
  readonly state: EntryState;
  readonly number: string | null;
  readonly businessDay: string | null;
  readonly currency: string | null;
  readonly totalMinor: number | null;
  readonly body: string | null;
};

const entryColumns = `key as journal, entries.seq as seq, entries.hash as hash, entries.at as at, wall, zone, operator as by,
  entries.type as type, state, number, coalesce(documents.business_day, acts.business_day) as businessDay, currency,
  total as totalMinor, acts.body as body`;
const joined = `join journals on journals.id = entries.journal
  left join documents on documents.entry = entries.id left join acts on acts.entry = entries.id`;

export class ActRows {
  readonly #letters = new Map<JournalKey, SeriesLetter>();
  readonly #insert: StatementSync;
  readonly #drop: StatementSync;
  readonly #byCommand;
  readonly #about;
  readonly #counts;
  readonly #letter;
  readonly #newest;
  readonly #found;

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      `insert into acts (entry, journal, type, command, business_day, subject, body) values (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#drop = database.prepare(`delete from acts where journal = ?`);
    this.#byCommand = new Query<SeenRow>(
      database,
      `select key as journal, seq, hash, acts.type as type, body from acts
       join entries on entries.id = entry join journals on journals.id = acts.journal
       where acts.command = ? order by key, seq, hash`,
    );
    this.#about = new Query<{ acts: number }>(
      database,
      `select count(*) as acts from acts where subject = ? and subject <> ''`,
    );
    // What came back into a cart is no void; a paced entry says how many it stands for.
    this.#counts = new Query<ActCount>(
      database,
      `select iif(acts.type = 'OperatorLocked', body ->> 'operator', operator) as operator, acts.type as type,
         cast(${saturated(`total(coalesce(body ->> 'times', 1))`)} as integer) as count
       from acts join entries on entries.id = entry
       where business_day = ? and business_day <> '' and coalesce(body ->> 'quantityMilli', 1) > 0
       group by 1, 2 order by 1, 2`,
    );
    this.#letter = new Query<{ letter: SeriesLetter }>(
      database,
      `select body ->> 'letter' as letter from acts
       join entries on entries.id = entry join journals on journals.id = acts.journal
       where key = ? and seq = 1 and acts.type = 'IncarnationBegun' order by hash`,
    );
    this.#newest = new Query<EntryRow>(
      database,
      `select ${entryColumns} from entries ${joined}
       order by entries.at desc, key desc, entries.seq desc, entries.hash desc limit ?`,
    );
    // As with documents: the newest are looked through, in the order that there is an index for.
    this.#found = new Query<EntryRow>(
      database,
      `select * from (select ${entryColumns} from entries ${joined}
         order by entries.at desc limit ${limits.documentsSearched})
       where (?1 is null or instr(journal, '/' || ?1 || '/') > 0) and (?2 is null or by = ?2)
         and (?3 is null or type = ?3) and (?4 is null or businessDay = ?4)
       order by at desc, journal desc, seq desc, hash desc limit ?5`,
    );
  }

  reload(): void {
    this.#letters.clear();
  }

  add(
    journal: JournalRow,
    row: number,
    { entry }: VerifiedEntry,
    { businessDay, subject, body }: Act,
  ): void {
    const { type, command } = entry;
    this.#insert.run(
      row,
      journal.id,
      type,
      command,
      businessDay ?? '',
      subject ?? '',
      // The writer's own entry has its keys in another order than the same entry read from a peer.
      canonicalText(body),
    );
  }

  drop(journal: JournalRow): void {
    this.#drop.run(journal.id);
    this.#letters.delete(journal.key);
  }

  /** What the command became: in this journal, or in another that is known here. */
  ofCommand(journal: JournalKey, command: string): ActSeen | undefined {
    const all = this.#byCommand.all(command);
    const row =
      all.find((act) => act.journal === journal) ?? (isPayCommand(command) ? undefined : all[0]);
    if (!row) return undefined;
    const { body, ...seen } = row;
    return {
      ...seen,
      number: this.#numberOf(row.journal, row.seq),
      body: JSON.parse(body) as unknown,
    };
  }

  /** How many copies of a document were printed, at all tills. */
  copiesOf(of: ReceiptKey): number {
    return this.#about.one(printedSubject(of))?.acts ?? 0;
  }

  counts(businessDay: string): ActCount[] {
    return this.#counts.all(businessDay);
  }

  /** Every entry, the newest first by clock: the same on every replica. */
  newest(limit: number): JournalEntry[] {
    return this.#newest.all(limit).map((row) => this.#entryOf(row));
  }

  /** Of the newest `limits.documentsSearched`, those that are as asked for; the newest first. */
  found({ terminal, operator, type, businessDay }: JournalFilter, limit: number): JournalEntry[] {
    return this.#found
      .all(terminal ?? null, operator ?? null, type ?? null, businessDay ?? null, limit)
      .map((row) => this.#entryOf(row));
  }

  #entryOf({ number, businessDay, currency, totalMinor, body, ...row }: EntryRow): JournalEntry {
    return {
      ...row,
      number: number ?? this.#numberOf(row.journal, row.seq),
      businessDay: businessDay || undefined,
      currency: currency ?? undefined,
      totalMinor: totalMinor ?? undefined,
      body: body === null ? undefined : (JSON.parse(body) as unknown),
    };
  }

  /** By its place in the journal; without a letter while the beginning of that life is not here. */
  #numberOf(journal: JournalKey, seq: number): string {
    const who = parseJournalKey(journal);
    const letter = this.#letters.get(journal) ?? this.#letter.one(journal)?.letter;
    if (letter === undefined) return entryNumber({ ...who, letter: '' as SeriesLetter }, seq);
    this.#letters.set(journal, letter);
    return entryNumber({ ...who, letter }, seq);
  }
}
