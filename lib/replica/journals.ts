/**
 * All journals of a replica: up to where each is here without a gap, and the one way in for entries (`receive` for peers',
 * `append` for the own). On disk first, then remembered, then told.
 */
import type { DocumentRegistry, JournalRule } from '../documents/registry.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { JournalKey } from '../domain/ids.ts';
import { concatBytes } from '../journal/bytes.ts';
import { readEntryChange, type ChangePlace } from '../journal/canonical-change.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { CheckedChange, SegmentIndex } from '../journal/segment-index.ts';
import { split } from '../storage/chunks.ts';
import { nodeTools } from '../storage/node-chunks.ts';
import type { JournalFiles } from './journal-files.ts';
import { JournalReader } from './journal-reader.ts';
import {
  isOfAnotherBranch,
  Segments,
  type JournalTip,
  type Loaded,
  type WriterKey,
} from './segments.ts';

/**
 * New changes, on disk, in the order in which they may be applied; and the entries that count now: theirs and what had
 * waited for them, or none where something is missing before them.
 */
export type Arrival = {
  readonly rule: JournalRule;
  readonly entries: readonly VerifiedEntry[];
  readonly changes: readonly Uint8Array[];
};

type State = { tip: JournalTip; forked: boolean; wasDamaged: boolean };

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
  readonly segments: Segments;
  readonly reader: JournalReader;

  constructor(options: JournalsOptions) {
    this.#o = options;
    this.segments = new Segments({
      files: options.files,
      registry: options.registry,
      writer: options.writer,
      hadMore: ({ journal, segment }, seq) => {
        const tip = this.tip(journal);
        return tip.segment > segment || (tip.segment === segment && tip.seq > seq);
      },
      onLoaded: ({ rule, index }) => {
        this.#state(rule.journal).forked ||= index.forked;
        // An empty segment admits no other, or a stranger could make us begin one file after the other.
        if (index.count > 0) options.registry.learnJournal(rule.journal, rule.segment);
      },
      onDamaged: (rule, error) => {
        this.#retreat(rule);
        options.onDamaged(rule, error);
      },
    });
    this.reader = new JournalReader({
      registry: options.registry,
      segments: this.segments,
      tip: (journal) => this.tip(journal),
      isForked: (journal) => this.isForked(journal),
    });
  }

  /**
   * Finds out what is on disk. `hint` is the gap-free tip that the projections had: where the last file ends with it,
   * nothing else is read.
   */
  start(hint: (journal: JournalKey) => { seq: number; hash: string } | undefined): void {
    for (const [journal, segments] of this.#o.files.list()) {
      const lastSegment = segments.at(-1) ?? 0;
      this.#o.registry.learnJournal(journal, lastSegment);
      const state = this.#state(journal);
      for (const segment of segments) this.segments.note(journal, segment);
      state.forked = this.segments.areForked(journal, segments);
      const { last } = this.segments.ends(journal, lastSegment) ?? {};
      // A file that is missing between two others is no end: only a look at all of them finds it.
      const isWhole = segments.length === lastSegment && !state.wasDamaged;
      const known = state.forked || !isWhole ? undefined : hint(journal);
      if (last && known?.seq === last.seq && known.hash === last.hash)
        state.tip = { segment: lastSegment, seq: last.seq, hash: last.hash };
      else this.#advance(journal, state);
    }
  }

  keys(): JournalKey[] {
    return [...this.#states.keys()];
  }
  tip(journal: JournalKey): JournalTip {
    return this.#states.get(journal)?.tip ?? nothing;
  }
  /** Of all journals of which something counts. */
  tips(): Map<JournalKey, JournalTip> {
    return new Map(
      [...this.#states]
        .filter(([, state]) => state.tip.seq > 0)
        .map(([key, state]) => [key, state.tip]),
    );
  }
  isForked(journal: JournalKey): boolean {
    return this.#states.get(journal)?.forked ?? false;
  }
  /** Does the tip reach the end of the last file that has entries? */
  isWhole(journal: JournalKey): boolean {
    const last = this.segments
      .of(journal)
      .findLast((segment) => this.segments.ends(journal, segment)?.last !== undefined);
    return last === undefined || this.tip(journal).segment >= last;
  }

  /** What Automerge may have of a segment's file, begun where there is none: everything but twins. */
  bytes(rule: JournalRule): Uint8Array {
    const { bytes, index } = this.segments.verified(rule);
    return index.hasTwins ? concatBytes(withoutTwins(index, split(bytes, nodeTools))) : bytes;
  }
  /** Two branches of this segment share an actor and its seq. */
  hasTwins(rule: JournalRule): boolean {
    return this.segments.loaded(rule.journal, rule.segment)?.index.hasTwins === true;
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
    const loaded = this.segments.load(rule);
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
    return [...this.segments.allLoaded()].flatMap(({ rule, index }) =>
      index.forgetOrphansOf(peer) ? [rule] : [],
    );
  }

  /** The own next entry's change; nothing is kept yet. */
  prepare(rule: JournalRule): { place: ChangePlace; loaded: Loaded } {
    const loaded = this.segments.load(rule);
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
    const before: State = { ...state };
    this.segments.note(rule.journal, rule.segment, index.first?.seq);
    state.forked ||= index.forked;
    this.#advance(rule.journal, state);
    this.#o.registry.learnJournal(rule.journal, rule.segment);
    this.#o.onArrival({ rule, entries: this.#reached(loaded, accepted, before), changes });
  }

  /**
   * What counts now: what came, where nothing is missing before it, and what had waited for it. What waits is on disk and
   * counts for nobody: peers that lack it could not ask for it, and would show other figures.
   */
  #reached(
    { rule, index }: Loaded,
    accepted: readonly CheckedChange[],
    before: Readonly<State>,
  ): VerifiedEntry[] {
    const { journal, segment } = rule;
    const { tip, forked } = this.#state(journal);
    const came = accepted.map((change) => change.read);
    // Of branches every segment counts: the longest one's end says nothing of the others.
    const last = forked ? Infinity : tip.segment;
    const waited = before.forked
      ? []
      : this.segments.of(journal).filter((other) => other > before.tip.segment && other <= last);
    const isAll = waited.includes(segment) && index.count > accepted.length;
    return [
      ...(segment <= last && !isAll ? came : []),
      ...waited
        .filter((other) => other !== segment || isAll)
        .flatMap((other) => this.segments.entries(journal, other).map(({ read }) => read)),
    ];
  }

  #state(journal: JournalKey): State {
    let state = this.#states.get(journal);
    if (!state) {
      state = { tip: nothing, forked: false, wasDamaged: false };
      this.#states.set(journal, state);
    }
    return state;
  }

  /**
   * Moves the tip over everything that follows it without a gap. A later segment that follows another entry proves a fork,
   * whose other branch lies in an earlier segment: no tip would ever say so.
   */
  #advance(journal: JournalKey, state: State): void {
    let { tip } = state;
    for (let at = Math.max(1, tip.segment); !state.forked && this.segments.has(journal, at); at++) {
      const { first, last } = this.segments.ends(journal, at) ?? {};
      if (!first || !last) break;
      const follows = first.prev === tip.hash && first.seq === tip.seq + 1;
      if (at > tip.segment && !follows) {
        state.forked = isOfAnotherBranch(first, tip);
        break;
      }
      if (last.seq >= tip.seq) tip = { segment: at, seq: last.seq, hash: last.hash };
    }
    if (state.forked) this.#advanceForked(journal, state);
    else state.tip = tip;
  }

  /**
   * Of several branches the longest counts, at equal length the higher hash: replicas with the same entries name the
   * same tip, in whatever order the branches came.
   */
  #advanceForked(journal: JournalKey, state: State): void {
    let tip = nothing;
    for (let at = 1; this.segments.has(journal, at); at++) {
      const { last } = this.segments.ends(journal, at) ?? {};
      if (!last) break;
      if (last.seq > tip.seq || (last.seq === tip.seq && last.hash > tip.hash))
        tip = { segment: at, seq: last.seq, hash: last.hash };
    }
    state.tip = tip;
  }

  /** A segment was lost: the tip goes back to what is whole. */
  #retreat({ journal, segment }: JournalRule): void {
    const state = this.#state(journal);
    state.wasDamaged = true;
    if (state.tip.segment < segment) return;
    state.tip = nothing;
    this.#advance(journal, state);
  }
}

const withoutTwins = (index: SegmentIndex, changes: readonly Uint8Array[]): Uint8Array[] =>
  changes.filter(
    (change, at) => at === 0 || !index.isTwin(readEntryChange(change, index.start).place.hash),
  );
