/**
 * What an archive promises, whoever keeps it: PostgreSQL (`archive.ts`) or memory (`in-memory-archive.ts`, for simulations).
 * `testing/archive-contract-suite.ts` holds both to it.
 */
import type { EntryHash, JournalKey } from '../lib/domain/ids.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';

/** Everything of the journal up to `seq` is archived; `hash` is that entry's. */
export type ArchivedTip = { readonly seq: number; readonly hash: EntryHash };
export type ArchivedTips = ReadonlyMap<JournalKey, ArchivedTip>;

/** `generation` rises when the database turns out to hold less than it once confirmed. */
export type ArchiveIdentity = { readonly archive: string; readonly generation: number };

export type EntryKey = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
};

export type IngestResult = {
  /** Entries that were not here before. */
  readonly archived: number;
  /** Documents among them whose rows were written. */
  readonly posted: number;
  readonly refused: number;
  /** Of every journal in the batch, also where nothing was new. */
  readonly tips: ArchivedTips;
};

/**
 * Why a document has no rows: its body is not what its type says, a business rule says no, PostgreSQL cannot hold a value,
 * or our own code failed on it.
 */
export type RefusalCause = 'invalid' | 'rule' | 'data' | 'fault';
export type PostingRefusal = { readonly cause: RefusalCause; readonly message: string };

export type PostingProblem = EntryKey &
  PostingRefusal & {
    readonly state: 'refused' | 'parked';
    readonly attempts: number;
    readonly type: string;
    readonly nextAttemptMs: number;
  };

export type RetryResult = {
  readonly posted: number;
  readonly refused: number;
  readonly parked: number;
};

export type CurrencyTotal = {
  readonly currency: string;
  readonly total: string;
  readonly totalMinor: number;
};

export type ArchiveSummary = {
  /** Sales, returns, stock and ledger adjustments; `lines` are theirs. */
  readonly documents: number;
  readonly lines: number;
  readonly sale: number;
  readonly return: number;
  readonly stockAdjustment: number;
  readonly ledgerAdjustment: number;
  /** As a decimal of the one currency; `0.00` without any, `mixed` with several: see `currencies`. */
  readonly total: string;
  readonly totalMinor: number;
  readonly currencies: readonly CurrencyTotal[];
};

/** Says no to documents by hash, with a sentence each; asked again at every attempt. Must answer for all or throw. */
export type PostingRule = (
  documents: readonly VerifiedEntry[],
) => Promise<ReadonlyMap<EntryHash, string>>;

export interface ArchiveContract {
  identity(): Promise<ArchiveIdentity>;
  /**
   * Keeps every entry byte for byte, then writes the rows of its document; all of the batch or, on a throw, nothing.
   * Doing it again changes nothing. A document that does not post is refused, kept and retried: it stops no other.
   * The caller has verified chains and signatures. Throws DATABASE_UNREACHABLE, LEASE_LOST.
   */
  ingest(entries: readonly VerifiedEntry[]): Promise<IngestResult>;
  tips(): Promise<ArchivedTips>;
  summary(): Promise<ArchiveSummary>;
  /** What is refused or parked, oldest attempt first. */
  problems(limit?: number): Promise<readonly PostingProblem[]>;
  /** Tries the refused postings that are due; those at the limit of attempts are parked. */
  retryDue(): Promise<RetryResult>;
  /** A person's word to try again: the posting is due at once, its attempts forgotten. False when there is no such problem. */
  reset(key: EntryKey): Promise<boolean>;
  /** The generation becomes one more than the larger of its own and `above`. */
  beginGeneration(above: number): Promise<ArchiveIdentity>;
}
