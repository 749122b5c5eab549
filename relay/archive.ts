/**
 * The archive in PostgreSQL: the contract, put together from its parts. Each call is one transaction; with a lease, the
 * transaction proves first that this relay still holds it.
 */
import type { Transaction } from 'kysely';
import type { Clock } from '../lib/domain/clock.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type {
  ArchiveContract,
  ArchivedTips,
  ArchiveIdentity,
  ArchiveSummary,
  EntryKey,
  IngestResult,
  PostingProblem,
  PostingRule,
  RetryResult,
} from './archive-contract.ts';
import { readIdentity, readSummary, readTips, writeGeneration } from './archive-queries.ts';
import type { Database } from './database.ts';
import { ingestBatch } from './ingest.ts';
import type { Fence } from './lease.ts';
import {
  defaultRetryLimit,
  listProblems,
  resetPosting,
  retryDelayMs,
  retryDuePostings,
} from './posting-retry.ts';
import type { ArchiveSchema } from './schema.ts';

export type ArchiveOptions = {
  readonly clock: Clock;
  readonly rule?: PostingRule;
  /** Attempts after which a refused posting is parked. */
  readonly retryLimit?: number;
  readonly fence?: Fence;
};

export class Archive implements ArchiveContract {
  readonly #database: Database;
  readonly #options: ArchiveOptions;

  constructor(database: Database, options: ArchiveOptions) {
    this.#database = database;
    this.#options = options;
  }

  identity(): Promise<ArchiveIdentity> {
    return this.#database.run(readIdentity);
  }

  async ingest(entries: readonly VerifiedEntry[]): Promise<IngestResult> {
    if (entries.length === 0) return { archived: 0, posted: 0, refused: 0, tips: new Map() };
    const { clock, rule } = this.#options;
    return this.#transaction((trx) => {
      const firstRetry = new Date(clock.wallMs() + retryDelayMs(1));
      return ingestBatch(trx, entries, { rule, firstRetry });
    });
  }

  tips(): Promise<ArchivedTips> {
    return this.#database.run(readTips);
  }

  summary(): Promise<ArchiveSummary> {
    return this.#database.run(readSummary);
  }

  problems(limit = 200): Promise<readonly PostingProblem[]> {
    return this.#database.run((db) => listProblems(db, limit));
  }

  retryDue(): Promise<RetryResult> {
    const { clock, rule, retryLimit = defaultRetryLimit } = this.#options;
    return this.#transaction((trx) =>
      retryDuePostings(trx, { rule, retryLimit, nowMs: clock.wallMs() }),
    );
  }

  reset(key: EntryKey): Promise<boolean> {
    return this.#database.run((db) => resetPosting(db, key, this.#options.clock.wallMs()));
  }

  beginGeneration(above: number): Promise<ArchiveIdentity> {
    return this.#transaction((trx) => writeGeneration(trx, above));
  }

  #transaction<T>(work: (trx: Transaction<ArchiveSchema>) => Promise<T>): Promise<T> {
    return this.#database.run((db) =>
      db.transaction().execute(async (trx) => {
        await this.#options.fence?.(trx);
        return work(trx);
      }),
    );
  }
}
