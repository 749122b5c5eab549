/**
 * The segments of all journals, on disk and in memory: which there are, their ends, what is in them. A file is judged when
 * it is loaded: every change checked, every signature verified, or set aside.
 */
import type { DocumentRegistry, JournalRule } from '../documents/registry.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { EntryHash, JournalKey } from '../domain/ids.ts';
import { fromHex } from '../journal/bytes.ts';
import { namesAsDep, readEntryChange, type ChangePlace } from '../journal/canonical-change.ts';
import { readEntry } from '../journal/entry.ts';
import type { VerifiedEntry, Verifier } from '../journal/envelope.ts';
import { ownDisk, SegmentIndex, type CheckedChange } from '../journal/segment-index.ts';
import { scan, split } from '../storage/chunks.ts';
import { nodeTools } from '../storage/node-chunks.ts';
import type { SegmentFile } from '../storage/segment-file.ts';
import type { JournalFiles } from './journal-files.ts';

/** Up to where a journal is here without a gap. `segment` 0 and seq 0: nothing yet. */
export type JournalTip = {
  readonly segment: number;
  readonly seq: number;
  readonly hash: EntryHash | '-';
};

export type WriterKey = { readonly actorPrefix: string; readonly verify: Verifier };

/** A segment in memory, and its open file. */
export type Loaded = {
  readonly rule: JournalRule;
  readonly index: SegmentIndex;
  readonly file: SegmentFile;
};

/** Of a segment with branches: the end of the longest. */
export type SegmentEnds = {
  readonly first: { readonly seq: number; readonly prev: string } | undefined;
  readonly last: { readonly seq: number; readonly hash: EntryHash } | undefined;
};

export type EntryInFile = { readonly bytes: Uint8Array; readonly read: VerifiedEntry };

export type SegmentsOptions = {
  readonly files: JournalFiles;
  readonly registry: DocumentRegistry;
  /** The writer of a journal, from the roster; undefined while unknown. */
  readonly writer: (journal: JournalKey) => WriterKey | undefined;
  /** Has this replica said that it holds something of this segment after `seq`? */
  readonly hadMore: (rule: JournalRule, seq: number) => boolean;
  readonly onLoaded: (loaded: Loaded) => void;
  /** A file is damaged and counts no more. Away when this returns; may throw. */
  readonly onDamaged: (rule: JournalRule, error: TillmeshError) => void;
};

type Opened = { readonly loaded: Loaded; readonly entries: readonly CheckedChange[] };
type Known = {
  /** Every segment that has a file, and its first seq where that was looked up. */
  readonly firstSeqs: Map<number, number | undefined>;
  readonly loaded: Map<number, Loaded>;
};

export class Segments {
  readonly #o: SegmentsOptions;
  readonly #known = new Map<JournalKey, Known>();

  constructor(options: SegmentsOptions) {
    this.#o = options;
  }

  /** Those with a file, in order. */
  of(journal: JournalKey): number[] {
    return [...(this.#known.get(journal)?.firstSeqs.keys() ?? [])].sort((a, b) => a - b);
  }
  has(journal: JournalKey, segment: number): boolean {
    return this.#known.get(journal)?.firstSeqs.has(segment) === true;
  }
  /** There is a file; `firstSeq` where its first entry is known. */
  note(journal: JournalKey, segment: number, firstSeq?: number): void {
    this.#of(journal).firstSeqs.set(segment, firstSeq);
  }
  loaded(journal: JournalKey, segment: number): Loaded | undefined {
    return this.#known.get(journal)?.loaded.get(segment);
  }
  /** All that are in memory, of one journal or of every one. */
  *allLoaded(journal?: JournalKey): Generator<Loaded> {
    const known = journal === undefined ? this.#known.values() : [this.#of(journal)];
    for (const { loaded } of known) yield* loaded.values();
  }

  /** Reads, checks and verifies a segment, or begins it where there is none. Throws DISK_FULL, DISK_FAILED. */
  load(rule: JournalRule): Loaded {
    return this.loaded(rule.journal, rule.segment) ?? this.#loadFile(rule).loaded;
  }

  /** The file, verified now or before. A sealed one that was not in memory does not stay there. */
  verified(rule: JournalRule): { readonly bytes: Uint8Array; readonly index: SegmentIndex } {
    const wasLoaded = this.loaded(rule.journal, rule.segment) !== undefined;
    const { file, index } = this.load(rule);
    const bytes = file.read();
    if (!wasLoaded && rule.segment !== this.of(rule.journal).at(-1)) this.unload(rule);
    return { bytes, index };
  }

  /** Gives memory back. The segment is read again when somebody speaks of it. */
  unload(rule: JournalRule): void {
    this.#known.get(rule.journal)?.loaded.delete(rule.segment);
    this.#o.files.close(rule);
  }

  /**
   * Whether these files, in order, hold branches: within one, or one that does not follow the one before. Told by the heads of
   * changes and the ends of files; whatever looks like branches is verified, because an edited file can look so, too.
   */
  areForked(journal: JournalKey, segments: readonly number[]): boolean {
    let before:
      { readonly segment: number; readonly last: NonNullable<SegmentEnds['last']> } | undefined;
    for (const segment of segments) {
      const { first, last } = this.ends(journal, segment) ?? {};
      if (this.loaded(journal, segment)?.index.forked) return true;
      if (!first || !last) continue;
      if (before && isOfAnotherBranch(first, before.last)) {
        const pair = [before.segment, segment].flatMap(
          (each) => this.#o.registry.journalRule(journal, each) ?? [],
        );
        if (pair.every((rule) => this.loaded(journal, rule.segment))) return true;
        for (const rule of pair) this.load(rule);
        return this.areForked(journal, segments);
      }
      before = { segment, last };
    }
    return false;
  }

  /** From memory where the segment is loaded, else from the ends of its file. */
  ends(journal: JournalKey, segment: number): SegmentEnds | undefined {
    const loaded = this.loaded(journal, segment);
    if (loaded) {
      const { hash, seq } = loaded.index.tip();
      return { first: loaded.index.first, last: hash === '-' ? undefined : { hash, seq } };
    }
    const rule = this.#o.registry.journalRule(journal, segment);
    const bytes = this.#o.files.bytes(journal, segment);
    if (!rule || !bytes) return undefined;
    const changes = split(bytes, nodeTools).slice(1);
    const [start] = changes;
    const end = changes.at(-1);
    if (!start || !end) return { first: undefined, last: undefined };
    try {
      const first = entryIn(rule, start);
      const last = entryIn(rule, end);
      const genesis = fromHex(rule.genesis.hash);
      // By the seqs alone, branches whose numbers meet end to end would be one line.
      const isLine =
        last.entry.seq - first.entry.seq + 1 === changes.length &&
        changes.findLastIndex((change) => namesAsDep(change, genesis)) === 0;
      if (isLine) return { first: first.entry, last: { hash: last.hash, seq: last.entry.seq } };
    } catch (error) {
      // Damage is judged when the segment is loaded; until then this end is simply not known.
      if (error instanceof TillmeshError) return undefined;
      throw error;
    }
    // Branches: what stands last in the file need not be the end of the longer one.
    this.load(rule);
    return this.ends(journal, segment);
  }

  /** Infinity where there is no entry. */
  firstSeq(journal: JournalKey, segment: number): number {
    const firstSeqs = this.#known.get(journal)?.firstSeqs;
    if (!firstSeqs?.has(segment)) return Number.POSITIVE_INFINITY;
    const firstSeq = firstSeqs.get(segment) ?? this.ends(journal, segment)?.first?.seq;
    firstSeqs.set(segment, firstSeq);
    return firstSeq ?? Number.POSITIVE_INFINITY;
  }

  /** The segment in which an entry lies, or would. */
  holding(journal: JournalKey, seq: number): number | undefined {
    return this.of(journal).findLast((segment) => this.firstSeq(journal, segment) <= seq);
  }

  /** The raw changes of a segment, the genesis first: as they were verified, or whole at least. */
  changes(journal: JournalKey, segment: number): Uint8Array[] | undefined {
    const loaded = this.loaded(journal, segment);
    if (loaded) return split(loaded.file.read(), nodeTools);
    const rule = this.#o.registry.journalRule(journal, segment);
    const bytes = this.#o.files.bytes(journal, segment);
    if (!bytes || !rule) return undefined;
    const { goodBytes } = scan(bytes, nodeTools);
    // Damaged since it was read last: loading sets it aside, and peers are told that we lack it.
    return split(goodBytes < bytes.length ? this.load(rule).file.read() : bytes, nodeTools);
  }

  /** All entries of a segment, verified, in the order of its file. */
  entries(journal: JournalKey, segment: number): readonly EntryInFile[] {
    const rule = this.#o.registry.journalRule(journal, segment);
    if (!rule) return [];
    const loaded = this.loaded(journal, segment);
    if (loaded)
      return split(loaded.file.read(), nodeTools)
        .slice(1)
        .map((bytes) => ({ bytes, read: entryIn(rule, bytes) }));
    const { entries } = this.#loadFile(rule);
    this.unload(rule);
    return entries;
  }

  #of(journal: JournalKey): Known {
    let known = this.#known.get(journal);
    if (!known) {
      known = { firstSeqs: new Map(), loaded: new Map() };
      this.#known.set(journal, known);
    }
    return known;
  }

  #loadFile(rule: JournalRule): Opened {
    const known = this.#of(rule.journal);
    let opened: Opened;
    try {
      opened = this.#open(rule);
    } catch (error) {
      if (!isTillmeshError(error, 'FILE_DAMAGED')) throw error;
      this.#o.files.close(rule);
      // First of all: whoever is told may throw, and nobody may go on as if the entries were still here.
      known.firstSeqs.delete(rule.segment);
      this.#o.onDamaged(rule, error);
      opened = this.#open(rule);
    }
    const { loaded } = opened;
    known.firstSeqs.set(rule.segment, loaded.index.first?.seq);
    known.loaded.set(rule.segment, loaded);
    this.#o.onLoaded(loaded);
    return opened;
  }

  #open(rule: JournalRule): Opened {
    const file = this.#o.files.open(rule);
    // What a disk refuses to read now is not damaged by that.
    const changes = split(file.read(), nodeTools);
    const index = new SegmentIndex(rule.journal, rule.genesis);
    const writer = this.#o.writer(rule.journal);
    try {
      const checked = index.check(
        changes,
        writer?.actorPrefix ?? '',
        writer?.verify ?? (() => true),
        ownDisk,
      );
      for (const change of checked.accepted) index.add(change);
      if (checked.orphans) throw new TillmeshError('FILE_DAMAGED', 'a change is missing');
      // A torn end is what a power cut leaves of an append, unless what follows it was here before.
      if (file.cutBytes > 0 && this.#o.hadMore(rule, index.tip().seq))
        throw new TillmeshError('FILE_DAMAGED', 'its end is gone');
      return { loaded: { rule, index, file }, entries: checked.accepted };
    } catch (error) {
      // What passes its checksum but not its writer's signature was edited by somebody.
      throw new TillmeshError(
        'FILE_DAMAGED',
        `${rule.name}: ${error instanceof Error ? error.message : ''}`,
        { cause: error },
      );
    }
  }
}

/**
 * Whether a segment that begins so follows another entry than this end of the segments before it: its writer has signed two
 * entries for one seq. One that begins further on proves nothing, what is between may be missing here.
 */
export const isOfAnotherBranch = (
  { seq, prev }: NonNullable<SegmentEnds['first']>,
  end: { readonly seq: number; readonly hash: EntryHash | '-' },
): boolean => seq <= end.seq || (seq === end.seq + 1 && prev !== end.hash);

/** The entry that a change carries; nothing but its form is checked here. */
export function entryIn({ genesis }: JournalRule, change: Uint8Array): VerifiedEntry {
  const start: ChangePlace = { hash: genesis.hash, actor: genesis.actor, actorSeq: 1, op: 1 };
  return readEntry(readEntryChange(change, start).blob);
}
