/**
 * The archive in memory, for simulations: the same contract, the same preparation of documents and the same tips, no SQL.
 * Given a snapshot it begins as a restored database does.
 */
import type { Clock } from '../lib/domain/clock.ts';
import { journalKeyOf, type EntryHash, type JournalKey } from '../lib/domain/ids.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type {
  ArchiveContract,
  ArchivedTips,
  ArchiveIdentity,
  ArchiveSummary,
  EntryKey,
  IngestResult,
  PostingProblem,
  PostingRefusal,
  PostingRule,
  RetryResult,
} from './archive-contract.ts';
import { summarise } from './archive-queries.ts';
import { beginning, contiguousTip } from './contiguous-tip.ts';
import { prepare, type DocumentRows } from './document-rows.ts';
import { defaultRetryLimit, retryDelayMs } from './posting-retry.ts';

export type InMemoryArchiveOptions = {
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly identity: ArchiveIdentity;
  readonly rule?: PostingRule;
  readonly retryLimit?: number;
  /** Entries of a backup that this archive begins with. */
  readonly entries?: readonly VerifiedEntry[];
};

type Problem = {
  readonly read: VerifiedEntry;
  readonly refusal: PostingRefusal;
  readonly state: 'refused' | 'parked';
  readonly attempts: number;
  readonly nextAttemptMs: number;
};

const countedTypes = ['LedgerAdjusted', 'ReturnCompleted', 'SaleCompleted', 'StockAdjusted'];

export class InMemoryArchive implements ArchiveContract {
  readonly #options: InMemoryArchiveOptions;
  readonly #journals = new Map<JournalKey, Map<EntryHash, VerifiedEntry>>();
  readonly #tips = new Map<JournalKey, { seq: number; hash: EntryHash }>();
  readonly #documents = new Map<EntryHash, DocumentRows>();
  readonly #problems = new Map<EntryHash, Problem>();
  #identity: ArchiveIdentity;

  constructor(options: InMemoryArchiveOptions) {
    this.#options = options;
    this.#identity = options.identity;
    for (const read of options.entries ?? []) this.#keep(read);
    for (const journal of this.#journals.keys()) this.#advance(journal);
    for (const read of options.entries ?? []) this.#postUnruled(read);
  }

  /** Every entry, for snapshots and checkers. */
  entries(): VerifiedEntry[] {
    return [...this.#journals.values()].flatMap((journal) => [...journal.values()]);
  }

  identity(): Promise<ArchiveIdentity> {
    return Promise.resolve(this.#identity);
  }

  async ingest(entries: readonly VerifiedEntry[]): Promise<IngestResult> {
    const candidates = entries.filter((read) => !this.#journals.get(read.journal)?.has(read.hash));
    // Asked before anything is kept: a rule that throws leaves nothing behind, as a transaction would.
    const reasons = await this.#reasons(candidates);
    const fresh = candidates.filter((read) => this.#keep(read));
    let [posted, refused] = [0, 0];
    for (const read of fresh) {
      const refusal = this.#tryPosting(read, reasons);
      if (refusal === 'nothing') continue;
      if (refusal === undefined) posted++;
      else {
        refused++;
        const nextAttemptMs = this.#options.clock.wallMs() + retryDelayMs(1);
        this.#problems.set(read.hash, {
          read,
          refusal,
          state: 'refused',
          attempts: 1,
          nextAttemptMs,
        });
      }
    }
    const tips = new Map<JournalKey, { seq: number; hash: EntryHash }>();
    for (const journal of new Set(entries.map((read) => read.journal))) {
      const tip = this.#advance(journal);
      if (tip) tips.set(journal, tip);
    }
    return { archived: fresh.length, posted, refused, tips };
  }

  tips(): Promise<ArchivedTips> {
    return Promise.resolve(new Map(this.#tips));
  }

  summary(): Promise<ArchiveSummary> {
    const rows = [...this.#documents.values()]
      .filter(({ document }) => countedTypes.includes(document.type))
      .map(({ document, lines }) => ({
        type: document.type,
        currency: document.currency ?? null,
        documents: 1,
        lines: lines.length,
        total_minor: document.totalMinor,
      }));
    return Promise.resolve(summarise(rows));
  }

  problems(limit = 200): Promise<readonly PostingProblem[]> {
    const problems = [...this.#problems.values()].slice(0, limit);
    return Promise.resolve(
      problems.map(({ read, refusal, state, attempts, nextAttemptMs }) => ({
        journal: read.journal,
        seq: read.entry.seq,
        hash: read.hash,
        type: read.entry.type,
        ...refusal,
        state,
        attempts,
        nextAttemptMs,
      })),
    );
  }

  async retryDue(): Promise<RetryResult> {
    const { clock, retryLimit = defaultRetryLimit } = this.#options;
    const nowMs = clock.wallMs();
    const due = [...this.#problems.values()].filter(
      (problem) => problem.state === 'refused' && problem.nextAttemptMs <= nowMs,
    );
    const reasons = await this.#reasons(due.map((problem) => problem.read));
    let [posted, refused, parked] = [0, 0, 0];
    for (const { read, attempts: before } of due) {
      const refusal = this.#tryPosting(read, reasons);
      this.#problems.delete(read.hash);
      if (refusal === undefined || refusal === 'nothing') {
        posted++;
        continue;
      }
      const attempts = before + 1;
      const state = attempts >= retryLimit ? 'parked' : 'refused';
      if (state === 'parked') parked++;
      else refused++;
      const nextAttemptMs = nowMs + retryDelayMs(attempts);
      this.#problems.set(read.hash, { read, refusal, state, attempts, nextAttemptMs });
    }
    return { posted, refused, parked };
  }

  reset(key: EntryKey): Promise<boolean> {
    const problem = this.#problems.get(key.hash);
    if (problem === undefined) return Promise.resolve(false);
    const nextAttemptMs = this.#options.clock.wallMs();
    this.#problems.set(key.hash, { ...problem, state: 'refused', attempts: 0, nextAttemptMs });
    return Promise.resolve(true);
  }

  beginGeneration(above: number): Promise<ArchiveIdentity> {
    const generation = Math.max(this.#identity.generation, above) + 1;
    this.#identity = { ...this.#identity, generation };
    return this.identity();
  }

  #keep(read: VerifiedEntry): boolean {
    const key = journalKeyOf(read.entry);
    const journal = this.#journals.get(key) ?? new Map<EntryHash, VerifiedEntry>();
    if (journal.has(read.hash)) return false;
    this.#journals.set(key, journal.set(read.hash, read));
    return true;
  }

  #advance(journal: JournalKey): { seq: number; hash: EntryHash } | undefined {
    const links = [...(this.#journals.get(journal)?.values() ?? [])].map((read) => ({
      seq: read.entry.seq,
      hash: read.hash,
      prev: read.entry.prev,
    }));
    const { seq, hash } = contiguousTip(beginning, links);
    if (hash === '-') return undefined;
    this.#tips.set(journal, { seq, hash });
    return { seq, hash };
  }

  async #reasons(entries: readonly VerifiedEntry[]): Promise<ReadonlyMap<EntryHash, string>> {
    const { rule } = this.#options;
    const documents = entries.filter((read) => prepare(read).kind === 'rows');
    return rule === undefined || documents.length === 0 ? new Map() : rule(documents);
  }

  #tryPosting(
    read: VerifiedEntry,
    reasons: ReadonlyMap<EntryHash, string>,
  ): PostingRefusal | 'nothing' | undefined {
    const reason = reasons.get(read.hash);
    if (reason !== undefined) return { cause: 'rule', message: reason };
    return this.#postUnruled(read);
  }

  #postUnruled(read: VerifiedEntry): PostingRefusal | 'nothing' | undefined {
    const prepared = prepare(read);
    if (prepared.kind === 'none') return 'nothing';
    if (prepared.kind === 'refused') return prepared.refusal;
    this.#documents.set(read.hash, prepared.rows);
    return undefined;
  }
}
