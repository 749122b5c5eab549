/**
 * Entries into the database: raw bytes first, always, then the rows of their documents, in one transaction per batch.
 * One document that does not post must never keep another out: the batch falls back to one by one.
 */
import { sql, type Transaction } from 'kysely';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type { IngestResult, PostingRule } from './archive-contract.ts';
import { entriesTable, insertDocuments, insertInto, run, type Conflicts } from './archive-rows.ts';
import { advanceTips } from './archive-tips.ts';
import { faultKind } from './database-fault.ts';
import { prepare, refused, type DocumentRows, type Prepared } from './document-rows.ts';
import type { ArchiveSchema } from './schema.ts';

export type Refused = Extract<Prepared, { kind: 'refused' }>;

export type PostResult = {
  readonly posted: readonly VerifiedEntry[];
  readonly refused: readonly Refused[];
};

export type IngestOptions = {
  readonly rule: PostingRule | undefined;
  /** When a refused posting of a first attempt is tried again. */
  readonly firstRetry: Date;
};

export async function ingestBatch(
  trx: Transaction<ArchiveSchema>,
  entries: readonly VerifiedEntry[],
  options: IngestOptions,
): Promise<IngestResult> {
  // One order for all relays: two that take in the same entries wait for each other in a row, never in a circle.
  const sorted = [...entries].sort(byKey);
  const rows = sorted.map((read) => ({ read }));
  const archiving = run(trx, insertInto(entriesTable, rows, 'tolerant'));
  // Nearly always all are new, so their rows are prepared while the database writes the bytes.
  const prepared = new Map(entries.map((read) => [read.hash, prepare(read)]));
  const inserted = new Set((await archiving).rows.map((row) => row.hash));
  const fresh = [...new Map(entries.map((read) => [read.hash, read])).values()].filter((read) =>
    inserted.has(read.hash),
  );
  const result = await post(
    trx,
    fresh.flatMap((read) => prepared.get(read.hash) ?? []),
    options.rule,
  );
  await recordRefusals(trx, result.refused, options.firstRetry);
  // Last, because it locks the journals: until here another batch of the same journal may be written at the same time.
  const tips = await advanceTips(
    trx,
    entries.map((read) => read.journal),
    fresh,
  );
  return {
    archived: fresh.length,
    posted: result.posted.length,
    refused: result.refused.length,
    tips,
  };
}

function byKey(a: VerifiedEntry, b: VerifiedEntry): number {
  if (a.journal !== b.journal) return a.journal < b.journal ? -1 : 1;
  return a.entry.seq - b.entry.seq || (a.hash < b.hash ? -1 : 1);
}

/** Writes what may be written. Throws only when the database is away: then nothing of the transaction counts. */
export async function post(
  trx: Transaction<ArchiveSchema>,
  prepared: readonly Prepared[],
  rule: PostingRule | undefined,
): Promise<PostResult> {
  const refusals: Refused[] = prepared.filter((each) => each.kind === 'refused');
  const candidates = prepared.flatMap((each) => (each.kind === 'rows' ? [each.rows] : []));
  const { allowed, denied } = await applyRule(candidates, rule);
  refusals.push(...denied);
  if (allowed.length === 0) return { posted: [], refused: refusals };
  const problem = await tryPosting(trx, allowed, 'statement');
  if (problem === undefined) {
    return { posted: allowed.map((rows) => rows.read), refused: refusals };
  }
  const posted: VerifiedEntry[] = [];
  for (const rows of allowed) {
    const own = await tryPosting(trx, [rows], 'tolerant');
    if (own === undefined) posted.push(rows.read);
    else refusals.push(own);
  }
  return { posted, refused: refusals };
}

async function applyRule(
  candidates: readonly DocumentRows[],
  rule: PostingRule | undefined,
): Promise<{ allowed: readonly DocumentRows[]; denied: readonly Refused[] }> {
  if (rule === undefined || candidates.length === 0) return { allowed: candidates, denied: [] };
  const reasons = await rule(candidates.map((rows) => rows.read));
  const allowed: DocumentRows[] = [];
  const denied: Refused[] = [];
  for (const rows of candidates) {
    const reason = reasons.get(rows.read.hash);
    if (reason === undefined) allowed.push(rows);
    else denied.push(refused(rows.read, 'rule', reason) as Refused);
  }
  return { allowed, denied };
}

/** Within a savepoint: all of these or none. The refusal is of the first, which matters where there is only one. */
async function tryPosting(
  trx: Transaction<ArchiveSchema>,
  documents: readonly DocumentRows[],
  conflicts: Conflicts,
): Promise<Refused | undefined> {
  await sql`savepoint posting`.execute(trx);
  try {
    await insertDocuments(trx, documents, conflicts);
    await sql`release savepoint posting`.execute(trx);
    return undefined;
  } catch (error) {
    const kind = faultKind(error);
    const first = documents[0];
    if (kind === 'unreachable' || first === undefined) throw error;
    await sql`rollback to savepoint posting`.execute(trx);
    const message = error instanceof Error ? error.message : 'unknown';
    return refused(first.read, kind === 'data' ? 'data' : 'fault', message) as Refused;
  }
}

/** A first refusal; what is there already (a journal that is taken in again) keeps its count. */
export async function recordRefusals(
  trx: Transaction<ArchiveSchema>,
  refusals: readonly Refused[],
  nextAttempt: Date,
): Promise<void> {
  if (refusals.length === 0) return;
  await trx
    .insertInto('postings')
    .values(
      refusals.map(({ read, refusal }) => ({
        store_id: read.entry.store,
        terminal: read.entry.terminal,
        incarnation: read.entry.incarnation,
        seq: read.entry.seq,
        hash: read.hash,
        state: 'refused' as const,
        attempts: 1,
        cause: refusal.cause,
        message: refusal.message.replaceAll('\0', '␀'),
        next_attempt_at: nextAttempt,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}
