/** Refused postings: tried again with growing pauses, parked at the limit, reset by a person. Their entries are never touched. */
import { type Kysely, type Transaction } from 'kysely';
import { parseJournalKey, type EntryHash } from '../lib/domain/ids.ts';
import { readEntry } from '../lib/journal/entry.ts';
import type {
  EntryKey,
  PostingProblem,
  PostingRule,
  RefusalCause,
  RetryResult,
} from './archive-contract.ts';
import { keyOf } from './archive-tips.ts';
import { prepare, type Prepared } from './document-rows.ts';
import { post } from './ingest.ts';
import type { ArchiveSchema, EntryKeyColumns } from './schema.ts';

/** 5 s, 10 s, 20 s … up to an hour: 25 attempts take about 17 hours, a working day of somebody noticing. */
export const retryDelayMs = (attempts: number): number =>
  Math.min(5_000 * 2 ** Math.max(0, attempts - 1), 3_600_000);

/** Attempts after which a refused posting is parked, unless a setting says otherwise. */
export const defaultRetryLimit = 25;

/** So many at a time: a transaction of this size lasts well under a second even where each falls back to itself. */
const retryBatch = 100;

export type RetryOptions = {
  readonly rule: PostingRule | undefined;
  readonly retryLimit: number;
  readonly nowMs: number;
};

export async function retryDuePostings(
  trx: Transaction<ArchiveSchema>,
  options: RetryOptions,
): Promise<RetryResult> {
  const due = await trx
    .selectFrom('postings')
    .selectAll()
    .where('state', '=', 'refused')
    .where('next_attempt_at', '<=', new Date(options.nowMs))
    .orderBy('next_attempt_at')
    .limit(retryBatch)
    .forUpdate()
    // Another relay's retries are its own.
    .skipLocked()
    .execute();
  if (due.length === 0) return { posted: 0, refused: 0, parked: 0 };
  const prepared: Prepared[] = [];
  for (const row of due) {
    const entry = await trx
      .selectFrom('entries')
      .select('bytes')
      .where((is) => is.and(keyColumns(row)))
      .executeTakeFirstOrThrow();
    // The bytes were verified before they were archived.
    prepared.push(prepare(readEntry(entry.bytes)));
  }
  const result = await post(trx, prepared, options.rule);
  const refusals = new Map(result.refused.map((each) => [each.read.hash as string, each.refusal]));
  let [posted, again, parked] = [0, 0, 0];
  for (const row of due) {
    const refusal = refusals.get(row.hash);
    const attempts = row.attempts + 1;
    const state =
      refusal === undefined ? 'posted' : attempts >= options.retryLimit ? 'parked' : 'refused';
    if (state === 'posted') posted++;
    else if (state === 'parked') parked++;
    else again++;
    await trx
      .updateTable('postings')
      .set({
        state,
        attempts,
        cause: refusal?.cause ?? row.cause,
        message: (refusal?.message ?? row.message).replaceAll('\0', '␀'),
        next_attempt_at: new Date(options.nowMs + retryDelayMs(attempts)),
        changed_at: new Date(options.nowMs),
      })
      .where((is) => is.and(keyColumns(row)))
      .execute();
  }
  return { posted, refused: again, parked };
}

const keyColumns = (row: EntryKeyColumns): EntryKeyColumns => ({
  store_id: row.store_id,
  terminal: row.terminal,
  incarnation: row.incarnation,
  seq: row.seq,
  hash: row.hash,
});

export async function resetPosting(
  db: Kysely<ArchiveSchema>,
  key: EntryKey,
  nowMs: number,
): Promise<boolean> {
  const { store, terminal, incarnation } = parseJournalKey(key.journal);
  const row = { store_id: store, terminal, incarnation, seq: key.seq, hash: key.hash };
  const now = new Date(nowMs);
  const result = await db
    .updateTable('postings')
    .set({ state: 'refused', attempts: 0, next_attempt_at: now, changed_at: now })
    .where((is) => is.and(keyColumns(row)))
    .where('state', '!=', 'posted')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function listProblems(
  db: Kysely<ArchiveSchema>,
  limit: number,
): Promise<readonly PostingProblem[]> {
  const rows = await db
    .selectFrom('postings')
    .innerJoin('entries', (join) =>
      join
        .onRef('entries.store_id', '=', 'postings.store_id')
        .onRef('entries.terminal', '=', 'postings.terminal')
        .onRef('entries.incarnation', '=', 'postings.incarnation')
        .onRef('entries.seq', '=', 'postings.seq')
        .onRef('entries.hash', '=', 'postings.hash'),
    )
    .selectAll('postings')
    .select('entries.type')
    .where('postings.state', '!=', 'posted')
    .orderBy('postings.changed_at')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    journal: keyOf(row),
    seq: row.seq,
    hash: row.hash as EntryHash,
    state: row.state === 'parked' ? 'parked' : 'refused',
    attempts: row.attempts,
    type: row.type,
    cause: row.cause as RefusalCause,
    message: row.message,
    nextAttemptMs: row.next_attempt_at.getTime(),
  }));
}
