/**
 * The journal of this incarnation: numbers, seals and keeps what the terminal does.
 * An entry is on disk when `append` returns; it is nowhere when it throws.
 */
import type { DocumentRegistry } from '../documents/registry.ts';
import { actorOf } from '../documents/names.ts';
import type { Clock } from '../domain/clock.ts';
import { TillmeshError } from '../domain/errors.ts';
import {
  journalKeyOf,
  principalOf,
  type EntryHash,
  type Identity,
  type JournalKey,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { hash8Of, sealEntry } from '../journal/entry.ts';
import type { SawTip, Signer, VerifiedEntry } from '../journal/envelope.ts';
import type { HybridClock } from '../journal/hybrid-clock.ts';
import type { Journals } from './journals.ts';

export type OwnJournalOptions = {
  readonly identity: Identity;
  readonly journals: Journals;
  readonly registry: DocumentRegistry;
  readonly sign: Signer;
  readonly hybridClock: HybridClock;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  /** Called before an entry of that many bytes is made; throws DISK_FULL. A day can be closed on a full disk. */
  readonly ensureRoom: (bytes: number, purpose: 'ordinary' | 'closing') => void;
  /** Called before a seq is used, and after it is on disk. */
  readonly witness: { reserve(seq: number): void; used(seq: number): void };
};

export type Draft = {
  readonly type: string;
  readonly body: object;
  readonly command: string;
  readonly by: string;
};

/** Room that an entry needs beside its body: envelope, signature, change. */
const envelopeBytes = 4 * 1024;
const closesSegment = new Set(['DayClosed']);

export class OwnJournal {
  readonly key: JournalKey;
  readonly #o: OwnJournalOptions;
  readonly #actor: string;
  /** What the own entries have said of other journals. */
  readonly #said = new Map<JournalKey, { seq: number; hash: EntryHash | '-' }>();
  #segment: number;
  #lastType: string | undefined;
  #isOver = false;

  constructor(options: OwnJournalOptions) {
    this.#o = options;
    this.key = journalKeyOf(options.identity);
    this.#actor = actorOf(principalOf(options.identity), options.random(8));
    options.registry.learnJournal(this.key, 0);
    this.#segment = Math.max(1, options.journals.tip(this.key).segment);
    // What the own entries said before is said once more by the first one after a start: it costs a line and no search.
    const [last] = options.journals.reader.entriesBackwards(this.key);
    if (!last) return;
    this.#remember(last);
    // A clock that was set back while the till was off must not turn the journal's order round.
    options.hybridClock.resume(last.entry.at);
  }

  get tip(): { seq: number; hash: EntryHash | '-' } {
    return this.#o.journals.tip(this.key);
  }

  /** No entry more: what follows the last one is not known any longer. */
  end(): void {
    this.#isOver = true;
  }

  /** Throws BEGINNING_ANEW after `end`, and what the disk says. */
  append(draft: Draft): VerifiedEntry {
    if (this.#isOver) throw new TillmeshError('BEGINNING_ANEW');
    const { journals, identity } = this.#o;
    const rule = this.#rule();
    const loaded = journals.segments.load(rule);
    const tip = this.tip;
    const seq = tip.seq + 1;
    const place = loaded.index.tip().place;
    const saw = this.#news();
    const sealed = sealEntry(
      {
        v: 1,
        ...identity,
        seq,
        prev: tip.hash,
        saw,
        at: this.#o.hybridClock.next(),
        wall: Math.floor(this.#o.clock.wallMs()),
        zone: this.#o.clock.zone(),
        command: draft.command,
        type: draft.type,
        by: draft.by,
        body: draft.body as Record<string, unknown>,
        actor: this.#actor,
        dep: place.hash,
      },
      this.#o.sign,
    );
    this.#o.ensureRoom(
      sealed.bytes.length + envelopeBytes,
      closesSegment.has(draft.type) ? 'closing' : 'ordinary',
    );
    this.#o.witness.reserve(seq);
    const change = loaded.index.next(sealed.bytes, this.#actor);
    journals.append(loaded, { ...change, dep: place.hash, read: sealed });
    this.#o.witness.used(seq);
    this.#remember(sealed);
    return sealed;
  }

  /** The segment for the next entry: a new one after a closed day or a thousand entries. */
  #rule() {
    const { journals, registry } = this.#o;
    const current = registry.journalRule(this.key, this.#segment);
    if (!current)
      throw new TillmeshError('INVARIANT', `own segment ${this.#segment} is not admitted`);
    const { index } = journals.segments.load(current);
    const full = index.count >= limits.entriesPerSegment;
    const closed =
      index.count > 0 && this.#lastType !== undefined && closesSegment.has(this.#lastType);
    if (!full && !closed) return current;
    const next = registry.journalRule(this.key, this.#segment + 1);
    if (!next)
      throw new TillmeshError('INVARIANT', `own segment ${this.#segment + 1} is not admitted`);
    journals.segments.load(next);
    this.#segment++;
    return next;
  }

  /** Tips of other journals that changed since the own previous entry. */
  #news(): Record<JournalKey, SawTip> {
    const saw: Record<JournalKey, SawTip> = {};
    let room: number = limits.sawJournals;
    for (const [journal, tip] of this.#o.journals.tips()) {
      if (journal === this.key || tip.hash === '-' || room === 0) continue;
      if (this.#said.get(journal)?.hash === tip.hash) continue;
      saw[journal] = [tip.seq, hash8Of(tip.hash)];
      room--;
    }
    return saw;
  }

  #remember(read: VerifiedEntry): void {
    this.#lastType = read.entry.type;
    for (const [journal, [seq]] of Object.entries(read.entry.saw) as [JournalKey, SawTip][]) {
      const tip = this.#o.journals.tip(journal);
      this.#said.set(journal, { seq, hash: tip.seq === seq ? tip.hash : '-' });
    }
  }
}
