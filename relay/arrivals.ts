/**
 * When entries came to this relay, for whoever asks about one document. In memory and bounded: of what came before the
 * process began, or very long ago, nothing is known here, and the archive's own time stands.
 */
import type { JournalKey } from '../lib/domain/ids.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';

type Batch = {
  readonly journal: JournalKey;
  readonly from: number;
  readonly upTo: number;
  readonly atMs: number;
};

/** Batches kept, ~100 bytes each: a month of a shop whose sales come one by one. */
const mostBatches = 20_000;

export class Arrivals {
  readonly #batches: Batch[] = [];
  readonly #most: number;

  constructor(most = mostBatches) {
    this.#most = most;
  }

  /** Entries of one journal that came together. */
  note(entries: readonly VerifiedEntry[], atMs: number): void {
    const seqs = entries.map(({ entry }) => entry.seq);
    const [first] = entries;
    if (!first) return;
    // A history that is fetched comes in thousands: one batch, whatever its length.
    const [from, upTo] = seqs.reduce(
      ([low, high], seq) => [Math.min(low, seq), Math.max(high, seq)],
      [first.entry.seq, first.entry.seq],
    );
    this.#batches.push({ journal: first.journal, from, upTo, atMs });
    if (this.#batches.length > this.#most) this.#batches.splice(0, this.#most / 10);
  }

  /** Wall clock of the first arrival; undefined where it is not known any more. */
  of(journal: JournalKey, seq: number): number | undefined {
    return this.#batches.find(
      (batch) => batch.journal === journal && batch.from <= seq && seq <= batch.upTo,
    )?.atMs;
  }
}
