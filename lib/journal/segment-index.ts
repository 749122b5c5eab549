/**
 * What one segment holds, as a tree of changes: which are known, which entries they carry, and what a newcomer must fit.
 * Everything that enters a journal from outside passes `check`; nothing here touches a disk or a document.
 */
import { TillmeshError } from '../domain/errors.ts';
import type { EntryHash, JournalKey } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { equalBytes } from './bytes.ts';
import {
  fits,
  readEntryChange,
  writeEntryChange,
  type ChangePlace,
  type ClaimedChange,
  type EntryChange,
} from './canonical-change.ts';
import { readEntry, verifyEntries } from './entry.ts';
import type { VerifiedEntry, Verifier } from './envelope.ts';

/** The genesis of the segment, as the first place of the tree. */
export type SegmentGenesis = {
  readonly bytes: Uint8Array;
  readonly hash: string;
  readonly actor: string;
};

export type CheckedChange = {
  readonly bytes: Uint8Array;
  readonly place: ChangePlace;
  readonly dep: string;
  readonly read: VerifiedEntry;
};

export type Checked = {
  /** New, verified, and in an order in which each finds its dependency: to be kept. */
  readonly accepted: readonly CheckedChange[];
  /** New and verified, but what they follow is not here yet. */
  readonly orphans: number;
};

type Orphan = {
  readonly change: ClaimedChange;
  readonly read: VerifiedEntry;
  readonly from: string;
};

/** A change that waited for what it follows, and does not fit it. */
export class FalsePlace extends TillmeshError {
  /** Who sent it; not always who brought what unmasked it. */
  readonly culprit: string;
  constructor(culprit: string) {
    super('CHANGE_NOT_CANONICAL', 'place');
    this.culprit = culprit;
  }
}

type Placed = { readonly place: ChangePlace; readonly hash: EntryHash | '-'; readonly seq: number };

/** The entry's own words on what it follows. The first of a segment follows the segment before, which is judged elsewhere. */
const follows = ({ entry }: VerifiedEntry, { hash, seq }: Placed): boolean =>
  hash === '-' || (entry.prev === hash && entry.seq === seq + 1);

/** The sender's name for what our own files hold. */
export const ownDisk = 'disk';

export class SegmentIndex {
  readonly journal: JournalKey;
  readonly start: ChangePlace;
  readonly #genesisBytes: Uint8Array;
  readonly #places = new Map<string, { place: ChangePlace; hash: EntryHash | '-'; seq: number }>();
  readonly #heads = new Set<string>();
  readonly #hashes = new Map<number, EntryHash>();
  /** By what they follow. */
  readonly #orphans = new Map<string, Orphan[]>();
  /** What each sender makes us remember. */
  readonly #held = new Map<string, { count: number; bytes: number }>();
  /** Actors with their seqs that are taken. */
  readonly #slots = new Set<string>();
  readonly #twins = new Set<string>();
  /** First and last by (seq, hash); several heads where the journal was forked. */
  first: { readonly seq: number; readonly prev: EntryHash | '-' } | undefined;

  constructor(journal: JournalKey, genesis: SegmentGenesis) {
    this.journal = journal;
    this.start = { hash: genesis.hash, actor: genesis.actor, actorSeq: 1, op: 1 };
    this.#genesisBytes = genesis.bytes;
    this.#places.set(genesis.hash, { place: this.start, hash: '-', seq: 0 });
    this.#heads.add(genesis.hash);
  }

  get count(): number {
    return this.#places.size - 1;
  }
  get forked(): boolean {
    return this.#heads.size > 1;
  }
  has(changeHash: string): boolean {
    return this.#places.has(changeHash);
  }
  /**
   * Two changes share an actor and its seq, in the tree or among what waits: a process that was copied while it ran, or
   * somebody who wants harm.
   */
  get hasTwins(): boolean {
    if (this.#twins.size > 0) return true;
    const waiting = new Set<string>();
    for (const { change } of [...this.#orphans.values()].flat()) {
      const slot = slotOf(change.place);
      if (this.#slots.has(slot) || waiting.has(slot)) return true;
      waiting.add(slot);
    }
    return false;
  }
  /**
   * The later of two changes with one actor and seq, or what follows it. A genuine entry, kept and counted like any
   * branch; but Automerge, to which actor and seq are an identity, must never be given both.
   */
  isTwin(changeHash: string): boolean {
    return this.#twins.has(changeHash);
  }

  /** An entry's hash; of a fork's two the one that came last. */
  hashAt(seq: number): EntryHash | undefined {
    return this.#hashes.get(seq);
  }

  /** The place after which the writer goes on, and the entry there. Only of use where the segment is not forked. */
  tip(): { place: ChangePlace; hash: EntryHash | '-'; seq: number } {
    let best: { place: ChangePlace; hash: EntryHash | '-'; seq: number } | undefined;
    for (const head of this.#heads) {
      const at = this.#places.get(head);
      if (at && (!best || at.seq > best.seq || (at.seq === best.seq && at.hash > best.hash)))
        best = at;
    }
    if (!best) throw new TillmeshError('INVARIANT', `segment of ${this.journal} without a head`);
    return best;
  }

  /** The change that would append these bytes; nothing is remembered before `add`. */
  next(blob: Uint8Array, actor: string): EntryChange {
    return writeEntryChange(blob, actor, this.tip().place, this.start);
  }

  /**
   * Checks changes that came from a peer. Throws CHANGE_NOT_CANONICAL, ENTRY_MALFORMED, ENTRY_FORGED, NOT_THE_WRITER,
   * OVER_LIMIT, or FalsePlace, also for an orphan of somebody else that turned out false: without it the same may pass.
   * What is known already is passed over.
   */
  check(
    changes: readonly Uint8Array[],
    actorPrefix: string,
    verify: Verifier,
    from: string,
  ): Checked {
    const fresh: Orphan[] = [];
    const inBatch = new Set<string>();
    for (const bytes of changes) {
      if (equalBytes(bytes, this.#genesisBytes)) continue;
      const change = readEntryChange(bytes, this.start);
      if (this.#places.has(change.place.hash) || inBatch.has(change.place.hash)) continue;
      inBatch.add(change.place.hash);
      fresh.push({ change, read: this.#readBlob(change, actorPrefix), from });
    }
    const entries = fresh.map((one) => one.read);
    if (from === ownDisk) verifyEntries(entries, verify);
    // Each by itself: one that hides behind its successor would be taken here and refused where the batch is cut otherwise.
    else for (const read of entries) verifyEntries([read], verify);
    return this.#place(fresh);
  }

  #readBlob(change: ClaimedChange, actorPrefix: string): VerifiedEntry {
    const read = readEntry(change.blob);
    if (read.journal !== this.journal)
      throw new TillmeshError('NOT_THE_WRITER', `entry of ${read.journal} in ${this.journal}`);
    if (read.entry.actor !== change.place.actor || read.entry.dep !== change.dep)
      throw new TillmeshError('CHANGE_NOT_CANONICAL', 'the entry names another change');
    if (!change.place.actor.startsWith(actorPrefix))
      throw new TillmeshError('NOT_THE_WRITER', 'actor');
    return read;
  }

  /** Puts each under its dependency; what has none yet is remembered until it has. */
  #place(fresh: readonly Orphan[]): Checked {
    const accepted: CheckedChange[] = [];
    const places = new Map<string, Placed>();
    const waiting = [...fresh];
    for (let at = 0; at < waiting.length; at++) {
      const one = waiting[at];
      if (!one || places.has(one.change.place.hash)) continue;
      const { change, read } = one;
      const previous = places.get(change.dep) ?? this.#places.get(change.dep);
      if (!previous) {
        this.#remember(one);
        continue;
      }
      if (!fits(change, previous.place, this.start) || !follows(read, previous))
        throw new FalsePlace(one.from);
      places.set(change.place.hash, { place: change.place, hash: read.hash, seq: read.entry.seq });
      accepted.push({ bytes: change.bytes, place: change.place, dep: change.dep, read });
      const after = this.#orphans.get(change.place.hash);
      if (after) waiting.push(...after);
    }
    let orphans = 0;
    for (const { count } of this.#held.values()) orphans += count;
    return { accepted, orphans };
  }

  /** Bounded by sender: what one peer makes us remember takes no room from the others. */
  #remember(one: Orphan): void {
    const others = this.#orphans.get(one.change.dep) ?? [];
    if (others.some((other) => other.change.place.hash === one.change.place.hash)) return;
    const { count, bytes } = this.#held.get(one.from) ?? { count: 0, bytes: 0 };
    const held = { count: count + 1, bytes: bytes + one.change.bytes.length };
    if (held.count > limits.entriesPerSegment || held.bytes > limits.orphanBytes)
      throw new TillmeshError('OVER_LIMIT', 'changes without what they follow');
    this.#orphans.set(one.change.dep, [...others, one]);
    this.#held.set(one.from, held);
  }

  /** Forgets what this sender made us remember; true where there was anything. */
  forgetOrphansOf(from: string): boolean {
    const had = this.#held.has(from);
    if (had)
      for (const dep of [...this.#orphans.keys()])
        this.#forget((orphan) => orphan.from === from, dep);
    return had;
  }

  #forget(which: (orphan: Orphan) => boolean, dep: string): void {
    const orphans = this.#orphans.get(dep) ?? [];
    const left = orphans.filter((orphan) => !which(orphan));
    for (const { from, change } of orphans.filter(which)) {
      const { count, bytes } = this.#held.get(from) ?? { count: 1, bytes: 0 };
      if (count > 1) this.#held.set(from, { count: count - 1, bytes: bytes - change.bytes.length });
      else this.#held.delete(from);
    }
    if (left.length > 0) this.#orphans.set(dep, left);
    else this.#orphans.delete(dep);
  }

  /** Remembers a change that is on disk now. Its dependency must be known. */
  add(change: CheckedChange): void {
    const { read, place, dep } = change;
    if (!this.#places.has(dep))
      throw new TillmeshError('INVARIANT', `change without its dependency in ${this.journal}`);
    if (this.#places.has(place.hash)) return;
    this.#places.set(place.hash, { place, hash: read.hash, seq: read.entry.seq });
    this.#hashes.set(read.entry.seq, read.hash);
    const slot = slotOf(place);
    if (this.#slots.has(slot) || this.#twins.has(dep)) this.#twins.add(place.hash);
    else this.#slots.add(slot);
    this.#heads.delete(dep);
    this.#heads.add(place.hash);
    if (dep === this.start.hash && (!this.first || read.entry.seq < this.first.seq))
      this.first = { seq: read.entry.seq, prev: read.entry.prev };
    this.#forget((orphan) => orphan.change.place.hash === place.hash, dep);
  }
}

/** What Automerge takes for a change's identity. */
const slotOf = ({ actor, actorSeq }: ChangePlace): string => `${actor} ${actorSeq}`;
