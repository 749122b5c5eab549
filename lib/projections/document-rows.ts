/**
 * Documents with their bodies, the sums by business day, and the commands that made them.
 * Every document of every branch of a fork counts: its goods left the shop.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isPayCommand } from '../domain/desk-cart.ts';
import type { Hlc, JournalKey } from '../domain/ids.ts';
import type { DocumentSummary } from '../domain/document-summary.ts';
import { limits } from '../domain/limits.ts';
import { canonicalText } from '../journal/canonical-json.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { FlagRows } from './flag-rows.ts';
import type { JournalRow } from './journal-rows.ts';
import { Query, saturated } from './statement.ts';

export type DocumentRow = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: string;
  readonly at: string;
  readonly wall: number;
  readonly zone: string;
  readonly by: string;
  readonly type: string;
  readonly number: string;
  readonly businessDay: string;
  readonly lines: number;
  readonly currency: string | null;
  readonly totalMinor: number;
  readonly customer: string | null;
  readonly externalId: string | null;
};

/** What is left out is not asked for. */
export type DocumentFilter = {
  readonly terminal?: string;
  readonly businessDay?: string;
  /** The total, whichever way the money went. */
  readonly amountMinor?: number;
};

/** One type of document in one currency. Stock documents have the currency `''` and the total 0. */
export type TypeTotal = {
  readonly type: string;
  readonly currency: string;
  readonly documents: number;
  readonly lines: number;
  readonly totalMinor: number;
};

/** Sales or returns of one currency whose clocks fall into one quarter of an hour (UTC), in one zone. */
export type QuarterTotal = {
  /** Quarters of an hour since 1970. */
  readonly quarter: number;
  readonly zone: string;
  readonly type: string;
  readonly currency: string;
  readonly documents: number;
  readonly totalMinor: number;
};

/** BigInt: however many documents come in one fold, their sum is exact. */
type Sum = { documents: number; lines: number; total: bigint };

const columns = `key as journal, seq, hash, documents.at as at, wall, zone, operator as by, documents.type as type, number,
  business_day as businessDay, lines, currency, total as totalMinor, customer, external as externalId`;
const joined = `documents join entries on entries.id = entry join journals on journals.id = documents.journal`;

export class DocumentRows {
  readonly #flags: FlagRows;
  readonly #sums = new Map<string, { key: [number, string, string, string]; sum: Sum }>();
  readonly #repeatedCommands = new Set<string>();
  readonly #insert: StatementSync;
  readonly #addToDay: StatementSync;
  readonly #deleteDocuments: StatementSync;
  readonly #deleteDays: StatementSync;
  readonly #byCommand;
  readonly #byNumber;
  readonly #body;
  readonly #bodyOf;
  readonly #numberOf;
  readonly #list;
  readonly #newest;
  readonly #found;
  readonly #between;
  readonly #closings;
  readonly #typeTotals;
  readonly #journalTotals;
  readonly #quarters;

  constructor(database: DatabaseSync, flags: FlagRows) {
    this.#flags = flags;
    this.#insert = database.prepare(
      `insert into documents (entry, journal, at, type, number, command, business_day, lines, currency, total, customer, external, body)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#addToDay = database.prepare(
      `insert into day_totals (journal, business_day, type, currency, documents, lines, total)
       values (?, ?, ?, ?, ?, ?, ?)
       on conflict do update set documents = documents + excluded.documents,
         lines = lines + excluded.lines, total = total + excluded.total`,
    );
    this.#deleteDocuments = database.prepare(`delete from documents where journal = ?`);
    this.#deleteDays = database.prepare(`delete from day_totals where journal = ?`);
    this.#byCommand = new Query<DocumentRow>(
      database,
      `select ${columns} from ${joined} where documents.command = ? order by key, seq, hash`,
    );
    this.#byNumber = new Query<DocumentRow>(
      database,
      `select ${columns} from ${joined} where number = ? order by key, seq, hash`,
    );
    this.#body = new Query<{ type: string; body: string }>(
      database,
      `select documents.type, body from entries join documents on entry = entries.id
       where entries.journal = ? and seq = ? order by hash`,
    );
    this.#bodyOf = new Query<{ body: string }>(
      database,
      `select body from entries join documents on entry = entries.id
       where entries.journal = ? and seq = ? and hash = ?`,
    );
    this.#numberOf = new Query<{ number: string }>(
      database,
      `select number from entries join documents on entry = entries.id
       where entries.journal = ? and seq = ? order by hash`,
    );
    this.#list = new Query<DocumentRow & { position: number }>(
      database,
      `select documents.entry as position, ${columns} from ${joined} where documents.entry > ? order by documents.entry limit ?`,
    );
    this.#newest = new Query<DocumentRow>(
      database,
      `select ${columns} from ${joined} order by documents.at desc, key desc, seq desc, hash desc limit ?`,
    );
    // No index: the newest are looked through, in the order that there is one for.
    this.#found = new Query<DocumentRow>(
      database,
      `select * from (select ${columns} from ${joined} order by documents.at desc limit ${limits.documentsSearched})
       where (?1 is null or instr(journal, '/' || ?1 || '/') > 0)
         and (?2 is null or businessDay = ?2) and (?3 is null or abs(totalMinor) = ?3)
       order by at desc, journal desc, seq desc, hash desc limit ?4`,
    );
    this.#closings = new Query<{ seq: number; body: string }>(
      database,
      `select seq, body from entries join documents on entry = entries.id
       where entries.journal = ? and entries.type = 'DayClosed'`,
    );
    this.#between = new Query<{ documents: number }>(
      database,
      `select count(*) as documents from entries join documents on entry = entries.id
       where entries.journal = ? and seq > ? and seq <= ?`,
    );
    this.#typeTotals = new Query<TypeTotal>(
      database,
      `select type, currency, sum(documents) as documents, sum(lines) as lines,
         ${saturated('sum(total)')} as totalMinor
       from day_totals group by type, currency order by type, currency`,
    );
    this.#journalTotals = new Query<TypeTotal>(
      database,
      `select type, currency, sum(documents) as documents, sum(lines) as lines,
         ${saturated('sum(total)')} as totalMinor
       from day_totals where journal = ? group by type, currency`,
    );
    // The hybrid clock is never behind the wall clock: no document after `from` stands before it in that order.
    this.#quarters = new Query<QuarterTotal>(
      database,
      `select wall / 900000 as quarter, zone, documents.type as type, currency, count(*) as documents,
         ${saturated('sum(total)')} as totalMinor
       from documents join entries on entries.id = entry
       where documents.at >= ? and documents.type in ('SaleCompleted', 'ReturnCompleted')
         and currency is not null
       group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
    );
  }

  reload(): void {
    this.#sums.clear();
    this.#repeatedCommands.clear();
  }

  add(journal: JournalRow, row: number, { entry }: VerifiedEntry, document: DocumentSummary): void {
    const { type, businessDay, lines, currency, totalMinor } = document;
    if (this.#byCommand.one(entry.command)) this.#repeatedCommands.add(entry.command);
    this.#insert.run(
      row,
      journal.id,
      entry.at,
      type,
      document.number,
      entry.command,
      businessDay,
      lines,
      currency ?? null,
      totalMinor,
      document.customer ?? null,
      document.externalId ?? null,
      // The writer's own entry has its keys in another order than the same entry read from a peer.
      canonicalText(entry.body),
    );
    this.#sum([journal.id, businessDay, type, currency ?? ''], lines, totalMinor);
  }

  #sum(key: [number, string, string, string], lines: number, totalMinor: number): void {
    const text = key.join('\n');
    let day = this.#sums.get(text);
    if (!day) {
      day = { key, sum: { documents: 0, lines: 0, total: 0n } };
      this.#sums.set(text, day);
    }
    day.sum.documents++;
    day.sum.lines += lines;
    day.sum.total += BigInt(totalMinor);
  }

  settle(): void {
    for (const { key, sum } of this.#sums.values())
      this.#addToDay.run(...key, sum.documents, sum.lines, sum.total);
    this.#sums.clear();
    for (const command of this.#repeatedCommands) this.#settleCommand(command);
    this.#repeatedCommands.clear();
  }

  /** One press of one button that became two documents, in two lives of a till or in two branches of one. */
  #settleCommand(command: string): void {
    const documents = this.#byCommand
      .all(command)
      .map(({ journal, seq, number }) => ({ journal, seq, number }));
    this.#flags.put('duplicate-sale', [command], documents.length > 1 ? { documents } : undefined);
  }

  drop(journal: JournalRow): void {
    this.#deleteDocuments.run(journal.id);
    this.#deleteDays.run(journal.id);
    for (const { subject } of this.#flags.list('duplicate-sale', -1))
      this.#repeatedCommands.add(String(subject[0]));
  }

  /**
   * What the command became: in this journal, or in another that is known here. A life that ended, or the till that the
   * cart was paid at while this screen was still open, must not make it a second document. Of a cart nothing but a sale
   * counts there: what else another till has done by the command that pays it, by mistake or to spoil it, is not this one's.
   */
  ofCommand(journal: JournalKey, command: string): DocumentRow | undefined {
    const all = this.#byCommand.all(command);
    return (
      all.find((document) => document.journal === journal) ??
      all.find(({ type }) => type === 'SaleCompleted' || !isPayCommand(command))
    );
  }

  byNumber(number: string): DocumentRow[] {
    return this.#byNumber.all(number);
  }

  /** The body of the document of this type; in a fork that of the lowest hash. */
  /** Of each branch of a fork, where there is one. */
  bodies(journal: JournalRow, seq: number, type: string): unknown[] {
    const rows = this.#body.all(journal.id, seq).filter((document) => document.type === type);
    return rows.map(({ body }) => JSON.parse(body) as unknown);
  }

  /** The body of this very document, whichever branch of a fork it stands in. */
  bodyOf(journal: JournalRow, seq: number, hash: string): unknown {
    const row = this.#bodyOf.one(journal.id, seq, hash);
    return row && (JSON.parse(row.body) as unknown);
  }

  /** Whether any document stands there, of whatever type. */
  isAt(journal: JournalRow, seq: number): boolean {
    return this.#body.one(journal.id, seq) !== undefined;
  }

  /** In a fork that of the lowest hash. */
  numberAt(journal: JournalRow, seq: number): string | undefined {
    return this.#numberOf.one(journal.id, seq)?.number;
  }

  list(after: number, limit: number): (DocumentRow & { position: number })[] {
    return this.#list.all(after, limit);
  }

  /** The newest first by clock, the same on every replica. */
  newest(limit: number): DocumentRow[] {
    return this.#newest.all(limit);
  }

  /** Of the newest `limits.documentsSearched`, those that are as asked for; the newest first. */
  found({ terminal, businessDay, amountMinor }: DocumentFilter, limit: number): DocumentRow[] {
    return this.#found.all(terminal ?? null, businessDay ?? null, amountMinor ?? null, limit);
  }

  between(journal: JournalRow, above: number, upTo: number): number {
    return this.#between.one(journal.id, above, upTo)?.documents ?? 0;
  }

  typeTotals(): TypeTotal[] {
    return this.#typeTotals.all();
  }

  totalsOf(journal: JournalRow): TypeTotal[] {
    return this.#journalTotals.all(journal.id);
  }

  /** What closed a day in this journal: bodies as they were written. */
  closings(journal: JournalRow): { seq: number; body: string }[] {
    return this.#closings.all(journal.id);
  }

  /** Sales and returns since a moment of the clock, by quarters of an hour. */
  salesSince(from: Hlc): QuarterTotal[] {
    return this.#quarters.all(from);
  }
}
