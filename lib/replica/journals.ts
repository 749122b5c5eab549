/**
 * All journals of a replica: what is known of each, the one way in for entries (`receive` for peers', `append` for the own),
 * and the way out for catch-up and projections. On disk first, then remembered, then told.
 */
import type { DocumentRegistry, JournalRule } from '../documents/registry.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { EntryHash, Hlc, JournalKey } from '../domain/ids.ts';
import { concatBytes } from '../journal/bytes.ts';
import { readEntryChange, type ChangePlace } from '../journal/canonical-change.ts';
import { readEntry } from '../journal/entry.ts';
import type { VerifiedEntry, Verifier } from '../journal/envelope.ts';
import { ownDisk, SegmentIndex, type CheckedChange } from '../journal/segment-index.ts';
import { scan, split } from '../storage/chunks.ts';
import { nodeTools } from '../storage/node-chunks.ts';
import type { JournalFiles } from './journal-files.ts';
import type { SegmentFile } from '../storage/segment-file.ts';

/** Up to where a journal is here without a gap. `segment` 0 and seq 0: nothing yet. */
export type JournalTip = {
  readonly segment: number;
  readonly seq: number;
  readonly hash: EntryHash | '-';
};

/**
 * New changes, on disk, in the order in which they may be applied; and the entries that count now: theirs and what had
 * waited for them, or none where something is missing before them.
 */
export type Arrival = {
  readonly rule: JournalRule;
  readonly entries: readonly VerifiedEntry[];
  readonly changes: readonly Uint8Array[];
};

export type WriterKey = { readonly actorPrefix: string; readonly verify: Verifier };

type Loaded = {
  readonly rule: JournalRule;
  readonly index: SegmentIndex;
  readonly file: SegmentFile;
};
type Opened = { readonly loaded: Loaded; readonly entries: readonly CheckedChange[] };
type State = {
  tip: JournalTip;
  /** All segments that have a file, and the first seq of those that were looked into. */
  readonly segments: Map<number, { firstSeq: number | undefined }>;
  readonly loaded: Map<number, Loaded>;
  forked: boolean;
};

/** Hashes of entries in sealed segments that peers speak of: a few per peer and journal. */
const hashesKept = 1_024;

const nothing: JournalTip = { segment: 0, seq: 0, hash: '-' };

export type JournalsOptions = {
  readonly files: JournalFiles;
  readonly registry: DocumentRegistry;
  /** The writer of a journal, from the roster; undefined while unknown. */
  readonly writer: (journal: JournalKey) => WriterKey | undefined;
  readonly onArrival: (arrival: Arrival) => void;
  /** A file was found damaged: set it aside; its contents come back from peers. */
  readonly onDamaged: (rule: JournalRule, error: TillmeshError) => void;
};

export class Journals {
  readonly #o: JournalsOptions;
  readonly #states = new Map<JournalKey, State>();
  readonly #hashes = new Map<string, EntryHash>();

  constructor(options: JournalsOptions) {
    this.#o = options;
  }

  /**
   * Finds out what is on disk. `hint` is the gap-free tip that the projections had: where the last file ends with it,
   * nothing else is read.
   */
  start(hint: (journal: JournalKey) => { seq: number; hash: string } | undefined): void {
    for (const [journal, segments] of this.#o.files.list()) {
      const last = segments.at(-1) ?? 0;
      this.#o.registry.learnJournal(journal, last);
      const state = this.#state(journal);
      for (const segment of segments) state.segments.set(segment, { firstSeq: undefined });
      state.forked = segments.some((segment) => this.#isForkedFile(journal, segment));
      const end = this.#ends(journal, last);
      const known = state.forked ? undefined : hint(journal);
      if (end?.last && known?.seq === end.last.entry.seq && known.hash === end.last.hash)
        state.tip = { segment: last, seq: known.seq, hash: end.last.hash };
      else this.#advance(journal, state);
    }
  }

  /** More entries than seqs between its ends: told without reading any but two. */
  #isForkedFile(journal: JournalKey, segment: number): boolean {
    const bytes = this.#o.files.bytes(journal, segment);
    const ends = this.#ends(journal, segment);
    if (!bytes || !ends?.first || !ends.last) return false;
    const entries = split(bytes, nodeTools).length - 1;
    return entries !== ends.last.entry.seq - ends.first.entry.seq + 1;
  }

  keys(): JournalKey[] {
    return [...this.#states.keys()];
  }
  tip(journal: JournalKey): JournalTip {
    return this.#states.get(journal)?.tip ?? nothing;
  }
  /** Does the tip reach the end of the last file that has entries? */
  isWhole(journal: JournalKey): boolean {
    const last = this.segments(journal).findLast(
      (segment) => this.#ends(journal, segment)?.last !== undefined,
    );
    return last === undefined || this.tip(journal).segment >= last;
  }
  isForked(journal: JournalKey): boolean {
    return this.#states.get(journal)?.forked ?? false;
  }
  tips(): Map<JournalKey, JournalTip> {
    return new Map(
      [...this.#states]
        .filter(([, state]) => state.tip.seq > 0)
        .map(([key, state]) => [key, state.tip]),
    );
  }
  /** The clock value of the last entry. */
  lastAt(journal: JournalKey): Hlc | undefined {
    const { segment } = this.tip(journal);
    const bytes = segment > 0 ? this.#o.files.bytes(journal, segment) : undefined;
    const rule = this.#o.registry.journalRule(journal, segment);
    const last = bytes && wholeChanges(bytes).slice(1).at(-1);
    return rule && last && readEntry(readEntryChange(last, startOf(rule)).blob).entry.at;
  }
  /** The hash of an entry in a loaded segment, or of the tip. */
  hashAt(journal: JournalKey, seq: number): EntryHash | undefined {
    const state = this.#states.get(journal);
    if (state && state.tip.seq === seq && state.tip.hash !== '-') return state.tip.hash;
    for (const { index } of state?.loaded.values() ?? []) {
      const hash = index.hashAt(seq);
      if (hash) return hash;
    }
    return this.#hashInFile(journal, seq);
  }

  /** Sealed segments leave memory; peers' words on entries in them still count. */
  #hashInFile(journal: JournalKey, seq: number): EntryHash | undefined {
    const key = `${journal} ${seq}`;
    const known = this.#hashes.get(key);
    if (known) return known;
    const segment = this.segments(journal).findLast((each) => this.#firstSeq(journal, each) <= seq);
    const change = segment && this.#afterInFile(journal, segment, seq - 1)?.changes[0];
    const rule = segment && this.#o.registry.journalRule(journal, segment);
    if (!change || !rule) return undefined;
    const { hash } = readEntry(readEntryChange(change, startOf(rule)).blob);
    if (this.#hashes.size >= hashesKept) this.#hashes.clear();
    this.#hashes.set(key, hash);
    return hash;
  }
  /** Where a journal was forked: the first seq with two entries, and their hashes in order. */
  forkOf(journal: JournalKey): { seq: number; hashes: EntryHash[] } | undefined {
    if (!this.isForked(journal)) return undefined;
    const bySeq = new Map<number, EntryHash[]>();
    for (const entries of this.entriesFrom(journal, 1))
      for (const { entry, hash } of entries)
        bySeq.set(entry.seq, [...(bySeq.get(entry.seq) ?? []), hash]);
    const doubled = [...bySeq].filter(([, hashes]) => hashes.length > 1).sort(([a], [b]) => a - b);
    const [first] = doubled;
    return first && { seq: first[0], hashes: first[1].sort() };
  }
  /** What Automerge may have of a segment's file, begun where there is none: everything but twins. */
  bytes(rule: JournalRule): Uint8Array {
    const wasLoaded = this.#states.get(rule.journal)?.loaded.has(rule.segment) === true;
    const { file, index } = this.load(rule);
    const bytes = file.read();
    // What is sealed and only read for a newcomer need not stay in memory.
    if (!wasLoaded && rule.segment < this.tip(rule.journal).segment) this.unload(rule);
    return index.hasTwins ? concatBytes(withoutTwins(index, split(bytes, nodeTools))) : bytes;
  }
  /** Two branches of this segment share an actor and its seq. */
  hasTwins(rule: JournalRule): boolean {
    return this.#states.get(rule.journal)?.loaded.get(rule.segment)?.index.hasTwins === true;
  }
  /** Segments with a file, in order. */
  segments(journal: JournalKey): number[] {
    return [...(this.#states.get(journal)?.segments.keys() ?? [])].sort((a, b) => a - b);
  }

  /** A segment in memory: read, checked and verified. Begins it where there is none. */
  load(rule: JournalRule): Loaded {
    return this.#state(rule.journal).loaded.get(rule.segment) ?? this.#loadFile(rule).loaded;
  }

  #loadFile(rule: JournalRule): Opened {
    const state = this.#state(rule.journal);
    let opened: Opened;
    try {
      opened = this.#open(rule);
    } catch (error) {
      if (!isTillmeshError(error, 'FILE_DAMAGED')) throw error;
      this.#o.files.close(rule);
      // First of all: whoever is told may throw, and nobody may go on as if the entries were still here.
      state.segments.delete(rule.segment);
      this.#retreat(rule.journal, state, rule.segment);
      this.#o.onDamaged(rule, error);
      opened = this.#open(rule);
    }
    const { loaded } = opened;
    state.segments.set(rule.segment, { firstSeq: loaded.index.first?.seq });
    state.loaded.set(rule.segment, loaded);
    state.forked ||= loaded.index.forked;
    // An empty segment admits no other, or a stranger could make us begin one file after the other.
    if (loaded.index.count > 0) this.#o.registry.learnJournal(rule.journal, rule.segment);
    return opened;
  }

  isLoaded(rule: JournalRule): boolean {
    return this.#states.get(rule.journal)?.loaded.has(rule.segment) === true;
  }

  /** The segment in which an entry lies, or would. */
  segmentOf(journal: JournalKey, seq: number): number | undefined {
    return this.segments(journal).findLast((segment) => this.#firstSeq(journal, segment) <= seq);
  }

  /** Gives memory back. The segment is read again when somebody speaks of it. */
  unload(rule: JournalRule): void {
    this.#states.get(rule.journal)?.loaded.delete(rule.segment);
    this.#o.files.close(rule);
  }

  /**
   * Takes changes of a peer. Throws what `SegmentIndex.check` throws, NOT_THE_WRITER where the writer is unknown, and
   * the disk's errors; then nothing was taken. Returns how many were new, and whether some wait for what they follow.
   */
  receive(
    rule: JournalRule,
    changes: readonly Uint8Array[],
    from: string,
    before?: (fresh: readonly CheckedChange[]) => void,
  ): { accepted: number; orphans: number } {
    const writer = this.#o.writer(rule.journal);
    if (!writer)
      throw new TillmeshError('NOT_THE_WRITER', `the writer of ${rule.journal} is not known`);
    const loaded = this.load(rule);
    const { accepted, orphans } = loaded.index.check(
      changes,
      writer.actorPrefix,
      writer.verify,
      from,
    );
    if (accepted.length) {
      this.#checkFirst(loaded, accepted);
      before?.(accepted);
      this.#keep(loaded, accepted);
    }
    return { accepted: accepted.length, orphans };
  }

  /** A segment begins where the one before ended; what contradicts that is a lie of the writer's, signed by himself. */
  #checkFirst({ rule, index }: Loaded, accepted: readonly CheckedChange[]): void {
    const tip = this.tip(rule.journal);
    for (const { dep, read } of accepted) {
      if (dep !== index.start.hash) continue;
      const { seq, prev } = read.entry;
      if ((rule.segment === 1) !== (seq === 1) || (prev === tip.hash && seq !== tip.seq + 1))
        throw new TillmeshError('ENTRY_FORGED', `${rule.journal} ${seq} begins ${rule.segment}`);
    }
  }

  /** Forgets the changes of this peer that wait for what they follow. Returns the segments that had any. */
  forgetOrphansOf(peer: string): JournalRule[] {
    return [...this.#states.values()].flatMap(({ loaded }) =>
      [...loaded.values()].flatMap(({ rule, index }) =>
        index.forgetOrphansOf(peer) ? [rule] : [],
      ),
    );
  }

  /** The own next entry's change; nothing is kept yet. */
  prepare(rule: JournalRule): { place: ChangePlace; loaded: Loaded } {
    const loaded = this.load(rule);
    return { place: loaded.index.tip().place, loaded };
  }

  /** Keeps an own entry: on disk when it returns; then told. */
  append(loaded: Loaded, change: CheckedChange): void {
    this.#keep(loaded, [change]);
  }

  #keep(loaded: Loaded, accepted: readonly CheckedChange[]): void {
    const { rule, index, file } = loaded;
    const changes = accepted.map((change) => change.bytes);
    file.append(changes.length === 1 && changes[0] ? changes[0] : concatBytes(changes));
    for (const change of accepted) index.add(change);
    const state = this.#state(rule.journal);
    const before = { tip: state.tip, forked: state.forked };
    state.segments.set(rule.segment, { firstSeq: index.first?.seq });
    state.forked ||= index.forked;
    this.#advance(rule.journal, state);
    this.#o.registry.learnJournal(rule.journal, rule.segment);
    const entries = this.#reached(loaded, accepted, before);
    this.#o.onArrival({ rule, entries, changes });
  }

  /**
   * What counts now: what came, where nothing is missing before it, and what had waited for it. What waits is on disk and
   * counts for nobody: peers that lack it could not ask for it, and would show other figures.
   */
  #reached(
    { rule, index }: Loaded,
    accepted: readonly CheckedChange[],
    before: { readonly tip: JournalTip; readonly forked: boolean },
  ): VerifiedEntry[] {
    const { journal, segment } = rule;
    const { tip, forked } = this.#state(journal);
    const came = accepted.map((change) => change.read);
    // Of branches every segment counts: the longest one's end says nothing of the others.
    const last = forked ? Infinity : tip.segment;
    const waited = this.segments(journal).filter(
      (other) => other > before.tip.segment && other <= last && !before.forked,
    );
    const isAll = waited.includes(segment) && index.count > accepted.length;
    return [
      ...(segment <= last && !isAll ? came : []),
      ...waited
        .filter((other) => other !== segment || isAll)
        .flatMap((other) => this.#read(journal, other).map(({ read }) => read)),
    ];
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
    if (seq >= this.tip(journal).seq) return none;
    for (const segment of this.segments(journal)) {
      const next = this.segments(journal).find((other) => other > segment);
      if (next !== undefined && this.#firstSeq(journal, next) <= seq + 1) continue;
      const found = this.#isForkedIn(journal, segment)
        ? this.#afterInFork(journal, segment, seq)
        : this.#afterInFile(journal, segment, seq);
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

  /** A torn end is what a power cut leaves of an append, unless what follows it was here before. */
  #hadMore({ journal, segment }: JournalRule, seq: number): boolean {
    const tip = this.tip(journal);
    return tip.segment > segment || (tip.segment === segment && tip.seq > seq);
  }

  #isForkedIn(journal: JournalKey, segment: number): boolean {
    return this.#states.get(journal)?.loaded.get(segment)?.index.forked ?? this.isForked(journal);
  }

  /** One entry per change and one after the other: the place in the file follows from the seq. Only one entry is read. */
  #afterInFile(
    journal: JournalKey,
    segment: number,
    seq: number,
  ): { prev: string; changes: Uint8Array[] } | undefined {
    const rule = this.#o.registry.journalRule(journal, segment);
    const all = rule && this.#changes(journal, segment);
    const firstSeq = this.#firstSeq(journal, segment);
    if (!all || seq + 1 < firstSeq) return undefined;
    const changes = all.slice(1 + seq + 1 - firstSeq);
    const [first] = changes;
    const entry = first && readEntry(readEntryChange(first, startOf(rule)).blob).entry;
    return entry?.seq === seq + 1 ? { prev: entry.prev, changes } : undefined;
  }

  /** The raw changes of a segment, the genesis first: of a loaded one as it was verified, else as far as it is whole. */
  #changes(journal: JournalKey, segment: number): Uint8Array[] | undefined {
    const loaded = this.#states.get(journal)?.loaded.get(segment);
    if (loaded) return split(loaded.file.read(), nodeTools);
    const rule = this.#o.registry.journalRule(journal, segment);
    const bytes = this.#o.files.bytes(journal, segment);
    if (!bytes || !rule) return undefined;
    const { goodBytes } = scan(bytes, nodeTools);
    // Damaged since it was read last: loading sets it aside, and peers are told that we lack it.
    return split(goodBytes < bytes.length ? this.load(rule).file.read() : bytes, nodeTools);
  }

  #afterInFork(
    journal: JournalKey,
    segment: number,
    seq: number,
  ): { prev: string; changes: Uint8Array[] } | undefined {
    const read = this.#read(journal, segment);
    const first = read.findIndex((one) => one.read.entry.seq === seq + 1);
    const prev = read[first]?.read.entry.prev;
    return prev === undefined
      ? undefined
      : { prev, changes: read.slice(first).map((one) => one.bytes) };
  }

  /** Every entry that counts from `seq` on, forks included, a segment at a time, up to `lastSegment`. */
  *entriesFrom(
    journal: JournalKey,
    seq: number,
    lastSegment = Infinity,
  ): Generator<VerifiedEntry[]> {
    const tip = this.tip(journal);
    const last = this.isForked(journal) ? lastSegment : Math.min(lastSegment, tip.segment);
    const segments = this.segments(journal).filter((segment) => segment <= last);
    // What follows the end need not be looked for in the file.
    if (seq > tip.seq && tip.segment === segments.at(-1) && !this.isForked(journal)) return;
    for (const [at, segment] of segments.entries()) {
      const next = segments[at + 1];
      if (next !== undefined && !this.isForked(journal) && this.#firstSeq(journal, next) <= seq)
        continue;
      const entries = this.#read(journal, segment)
        .map((one) => one.read)
        .filter((read) => read.entry.seq >= seq);
      if (entries.length) yield entries;
    }
  }

  /** Entries of a journal from its end, read one by one: for what the latest of a kind says. */
  *entriesBackwards(journal: JournalKey): Generator<VerifiedEntry> {
    for (const segment of this.segments(journal).toReversed()) {
      const rule = this.#o.registry.journalRule(journal, segment);
      if (!rule) continue;
      const changes = split(this.bytes(rule), nodeTools).slice(1).toReversed();
      for (const change of changes) yield readEntry(readEntryChange(change, startOf(rule)).blob);
    }
  }

  #state(journal: JournalKey): State {
    let state = this.#states.get(journal);
    if (!state) {
      state = { tip: nothing, segments: new Map(), loaded: new Map(), forked: false };
      this.#states.set(journal, state);
    }
    return state;
  }

  #open(rule: JournalRule): Opened {
    const file = this.#o.files.open(rule);
    const index = new SegmentIndex(rule.journal, rule.genesis);
    const writer = this.#o.writer(rule.journal);
    try {
      const checked = index.check(
        split(file.read(), nodeTools),
        writer?.actorPrefix ?? '',
        writer?.verify ?? (() => true),
        ownDisk,
      );
      for (const change of checked.accepted) index.add(change);
      if (checked.orphans) throw new TillmeshError('FILE_DAMAGED', 'a change is missing');
      if (file.cutBytes > 0 && this.#hadMore(rule, index.tip().seq))
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

  /** Moves the tip over everything that follows it without a gap. */
  #advance(journal: JournalKey, state: State): void {
    if (state.forked) return this.#advanceForked(journal, state);
    let { tip } = state;
    for (let segment = Math.max(1, tip.segment); state.segments.has(segment); segment++) {
      const ends = this.#ends(journal, segment);
      if (!ends?.first || !ends.last) break;
      const { first } = ends;
      const follows = first.entry.prev === tip.hash && first.entry.seq === tip.seq + 1;
      if (segment > tip.segment && !follows) break;
      if (ends.last.entry.seq >= tip.seq)
        tip = { segment, seq: ends.last.entry.seq, hash: ends.last.hash };
    }
    state.tip = tip;
  }

  /**
   * Of several branches the longest counts, at equal length the higher hash: replicas with the same entries name the
   * same tip, in whatever order the branches came.
   */
  #advanceForked(journal: JournalKey, state: State): void {
    let tip = nothing;
    for (let segment = 1; state.segments.has(segment); segment++) {
      const last = this.#ends(journal, segment)?.last;
      if (!last) break;
      const { seq } = last.entry;
      if (seq > tip.seq || (seq === tip.seq && last.hash > tip.hash))
        tip = { segment, seq, hash: last.hash };
    }
    state.tip = tip;
  }

  /** A segment was lost: the tip goes back to what is whole. */
  #retreat(journal: JournalKey, state: State, segment: number): void {
    if (state.tip.segment < segment) return;
    state.tip = nothing;
    this.#advance(journal, state);
  }

  /** First and last entry of a segment: from memory where it is loaded, else from the ends of its file. */
  #ends(
    journal: JournalKey,
    segment: number,
  ):
    | {
        first: { entry: { seq: number; prev: string } } | undefined;
        last: { hash: EntryHash; entry: { seq: number } } | undefined;
      }
    | undefined {
    const loaded = this.#states.get(journal)?.loaded.get(segment);
    if (loaded) {
      const { first } = loaded.index;
      const tip = loaded.index.tip();
      return {
        first: first && { entry: first },
        last: tip.hash === '-' ? undefined : { hash: tip.hash, entry: { seq: tip.seq } },
      };
    }
    const rule = this.#o.registry.journalRule(journal, segment);
    const bytes = this.#o.files.bytes(journal, segment);
    if (!rule || !bytes) return undefined;
    const all = split(bytes, nodeTools);
    const start = startOf(rule);
    const readAt = (change: Uint8Array | undefined) =>
      change && readEntry(readEntryChange(change, start).blob);
    try {
      const first = readAt(all[1]);
      const last = all.length > 1 ? readAt(all.at(-1)) : undefined;
      const isLine = !first || !last || last.entry.seq - first.entry.seq + 1 === all.length - 1;
      if (isLine) return { first, last };
    } catch (error) {
      // Damage is judged when the segment is loaded; until then this end is simply not known.
      if (error instanceof TillmeshError) return undefined;
      throw error;
    }
    // More entries than seqs: two branches, and what stands last in the file need not be the end of the longer one.
    this.load(rule);
    return this.#ends(journal, segment);
  }

  #firstSeq(journal: JournalKey, segment: number): number {
    const known = this.#states.get(journal)?.segments.get(segment);
    if (!known) return Number.POSITIVE_INFINITY;
    known.firstSeq ??= this.#ends(journal, segment)?.first?.entry.seq;
    return known.firstSeq ?? Number.POSITIVE_INFINITY;
  }

  #read(
    journal: JournalKey,
    segment: number,
  ): readonly { readonly bytes: Uint8Array; readonly read: VerifiedEntry }[] {
    const rule = this.#o.registry.journalRule(journal, segment);
    if (!rule) return [];
    const loaded = this.#states.get(journal)?.loaded.get(segment);
    if (!loaded) {
      const { entries } = this.#loadFile(rule);
      this.unload(rule);
      return entries;
    }
    return split(loaded.file.read(), nodeTools)
      .slice(1)
      .map((bytes) => ({ bytes, read: readEntry(readEntryChange(bytes, startOf(rule)).blob) }));
  }
}

/** The changes of a file that nobody has verified yet, up to the first that is torn or damaged; the genesis first. */
function wholeChanges(bytes: Uint8Array): Uint8Array[] {
  return scan(bytes, nodeTools).chunks.map((chunk) => bytes.subarray(chunk.start, chunk.end));
}

const withoutTwins = (index: SegmentIndex, changes: readonly Uint8Array[]): Uint8Array[] =>
  changes.filter(
    (change, at) => at === 0 || !index.isTwin(readEntryChange(change, index.start).place.hash),
  );

const startOf = ({ genesis }: JournalRule): ChangePlace => ({
  hash: genesis.hash,
  actor: genesis.actor,
  actorSeq: 1,
  op: 1,
});
