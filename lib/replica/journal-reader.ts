/**
 * The ways out of journals: raw changes for peers that are behind, entries for folds, hashes for what peers claim.
 * Counts nothing that follows a gap.
 */
import type { DocumentRegistry } from '../documents/registry.ts';
import type { EntryHash, Hlc, JournalKey } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { split } from '../storage/chunks.ts';
import { nodeTools } from '../storage/node-chunks.ts';
import { entryIn, type JournalTip, type Segments } from './segments.ts';

export type JournalReaderOptions = {
  readonly registry: DocumentRegistry;
  readonly segments: Segments;
  readonly tip: (journal: JournalKey) => JournalTip;
  readonly isForked: (journal: JournalKey) => boolean;
};

/** Raw changes of one segment; `prev`: what the first of them follows. */
type Following = { readonly prev: string; readonly changes: Uint8Array[] };

/** Hashes of entries in sealed segments that peers speak of: a few per peer and journal. */
const hashesKept = 1_024;

export class JournalReader {
  readonly #o: JournalReaderOptions;
  readonly #hashes = new Map<string, EntryHash>();

  constructor(options: JournalReaderOptions) {
    this.#o = options;
  }

  /**
   * Raw changes after a seq, oldest first, at most `most` of them and `bytesMost` bytes, within one segment.
   * Undefined where `hash` is not what this replica has at `seq`: the journal was forked.
   */
  after(
    journal: JournalKey,
    seq: number,
    hash: string,
    most: number,
    bytesMost: number,
  ): { segment: number; changes: Uint8Array[] } | undefined {
    const none = { segment: 0, changes: [] };
    const { segments } = this.#o;
    if (seq >= this.#o.tip(journal).seq) return none;
    for (const segment of segments.of(journal)) {
      const next = segments.of(journal).find((other) => other > segment);
      if (next !== undefined && segments.firstSeq(journal, next) <= seq + 1) continue;
      const found = this.#isForkedIn(journal, segment)
        ? this.#afterInFork(journal, segment, seq)
        : this.#afterInLine(journal, segment, seq);
      if (!found) continue;
      if (seq > 0 && found.prev !== hash) return undefined;
      const changes: Uint8Array[] = [];
      let bytes = 0;
      for (const change of found.changes) {
        if (changes.length >= most || (changes.length > 0 && bytes + change.length > bytesMost))
          break;
        changes.push(change);
        bytes += change.length;
      }
      return { segment, changes };
    }
    return none;
  }

  /** Every entry that counts from `seq` on, forks included, a segment at a time, up to `lastSegment`. */
  *entriesFrom(
    journal: JournalKey,
    seq: number,
    lastSegment = Infinity,
  ): Generator<VerifiedEntry[]> {
    const tip = this.#o.tip(journal);
    const isForked = this.#o.isForked(journal);
    const last = isForked ? lastSegment : Math.min(lastSegment, tip.segment);
    const segments = this.#o.segments.of(journal).filter((segment) => segment <= last);
    // What follows the end need not be looked for in the file.
    if (seq > tip.seq && tip.segment === segments.at(-1) && !isForked) return;
    for (const [at, segment] of segments.entries()) {
      const next = segments[at + 1];
      if (next !== undefined && !isForked && this.#o.segments.firstSeq(journal, next) <= seq)
        continue;
      const entries = this.#o.segments
        .entries(journal, segment)
        .map((one) => one.read)
        .filter((read) => read.entry.seq >= seq);
      if (entries.length) yield entries;
    }
  }

  /** Entries of a journal from its end, read one by one: for what the latest of a kind says. */
  *entriesBackwards(journal: JournalKey): Generator<VerifiedEntry> {
    for (const segment of this.#o.segments.of(journal).toReversed()) {
      const rule = this.#o.registry.journalRule(journal, segment);
      if (!rule) continue;
      const changes = split(this.#o.segments.verified(rule).bytes, nodeTools).slice(1);
      for (const change of changes.toReversed()) yield entryIn(rule, change);
    }
  }

  /** The clock value of the last entry. */
  lastAt(journal: JournalKey): Hlc | undefined {
    const { segment } = this.#o.tip(journal);
    const rule = this.#o.registry.journalRule(journal, segment);
    const last = rule && this.#o.segments.changes(journal, segment)?.slice(1).at(-1);
    return last && entryIn(rule, last).entry.at;
  }

  /** The hash of the entry at `seq`; of branches, of one of them. */
  hashAt(journal: JournalKey, seq: number): EntryHash | undefined {
    const tip = this.#o.tip(journal);
    if (tip.seq === seq && tip.hash !== '-') return tip.hash;
    for (const { index } of this.#o.segments.allLoaded(journal)) {
      const hash = index.hashAt(seq);
      if (hash) return hash;
    }
    return this.#hashInFile(journal, seq);
  }

  /** Where a journal was forked: the first seq with two entries, and their hashes in order. */
  forkOf(journal: JournalKey): { seq: number; hashes: EntryHash[] } | undefined {
    if (!this.#o.isForked(journal)) return undefined;
    const bySeq = new Map<number, EntryHash[]>();
    for (const entries of this.entriesFrom(journal, 1))
      for (const { entry, hash } of entries)
        bySeq.set(entry.seq, [...(bySeq.get(entry.seq) ?? []), hash]);
    const doubled = [...bySeq].filter(([, hashes]) => hashes.length > 1).sort(([a], [b]) => a - b);
    const [first] = doubled;
    return first && { seq: first[0], hashes: first[1].sort() };
  }

  /** Sealed segments leave memory; peers' words on entries in them still count. */
  #hashInFile(journal: JournalKey, seq: number): EntryHash | undefined {
    const key = `${journal} ${seq}`;
    const known = this.#hashes.get(key);
    if (known) return known;
    const segment = this.#o.segments.holding(journal, seq);
    const rule = segment && this.#o.registry.journalRule(journal, segment);
    const change = segment && this.#afterInLine(journal, segment, seq - 1)?.changes[0];
    if (!change || !rule) return undefined;
    const { hash } = entryIn(rule, change);
    if (this.#hashes.size >= hashesKept) this.#hashes.clear();
    this.#hashes.set(key, hash);
    return hash;
  }

  #isForkedIn(journal: JournalKey, segment: number): boolean {
    return this.#o.segments.loaded(journal, segment)?.index.forked ?? this.#o.isForked(journal);
  }

  /** One entry per change and one after the other: the place in the file follows from the seq. Only one entry is read. */
  #afterInLine(journal: JournalKey, segment: number, seq: number): Following | undefined {
    const rule = this.#o.registry.journalRule(journal, segment);
    const all = this.#o.segments.changes(journal, segment);
    const firstSeq = this.#o.segments.firstSeq(journal, segment);
    if (!rule || !all || seq + 1 < firstSeq) return undefined;
    const changes = all.slice(1 + seq + 1 - firstSeq);
    const [first] = changes;
    const entry = first && entryIn(rule, first).entry;
    return entry?.seq === seq + 1 ? { prev: entry.prev, changes } : undefined;
  }

  #afterInFork(journal: JournalKey, segment: number, seq: number): Following | undefined {
    const entries = this.#o.segments.entries(journal, segment);
    const first = entries.findIndex((one) => one.read.entry.seq === seq + 1);
    const prev = entries[first]?.read.entry.prev;
    return prev === undefined
      ? undefined
      : { prev, changes: entries.slice(first).map((one) => one.bytes) };
  }
}
