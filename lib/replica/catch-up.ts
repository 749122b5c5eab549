/**
 * Journals travel as raw changes: at once when they are made (push), and in order when somebody is behind (want).
 * Automerge's sync stays underneath as the net, and settles what was forked.
 */
import type { DocumentRegistry } from '../documents/registry.ts';
import type { Clock } from '../domain/clock.ts';
import type { EntryHash, JournalKey, Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { OwnContents, Presence, Push, Want } from '../mesh/protocol.ts';
import { TokenBucket } from '../mesh/token-bucket.ts';
import type { Arrival, Journals } from './journals.ts';

export type CatchUpOptions = {
  readonly journals: Journals;
  readonly registry: DocumentRegistry;
  readonly clock: Clock;
  readonly send: (to: Principal, contents: OwnContents) => boolean;
  readonly peers: () => readonly Principal[];
  /** May this peer have this journal? */
  readonly mayShare: (peer: Principal, journal: JournalKey) => boolean;
  /** Verifies and keeps. Throws as the guard does. */
  readonly receive: (push: Push, from: Principal) => { accepted: number; orphans: number };
  /**
   * By this peer's word the journal has another entry than here: let Automerge's sync settle it. `segment`: where its tip
   * is, as far as it said so.
   */
  readonly onForked: (journal: JournalKey, segment: number | undefined, by: Principal) => void;
};

type Tip = { readonly segment: number; readonly seq: number; readonly hash: EntryHash };

/** Bytes of one answer: a frame stays far below its limit, and a receiver's loop is blocked some tens of ms. */
const answerBytes = 1024 * 1024;
/** An answer that did not come by then is asked of somebody else. */
const patienceMs = 3_000;

/**
 * `seq`: our tip then. `inVain`: asked since we got further, and brought nothing. Two peers that lie of tips must not keep
 * an honest one waiting.
 */
type Asked = {
  readonly peer: Principal;
  readonly seq: number;
  readonly atMs: number;
  readonly inVain: Set<Principal>;
};

export class CatchUp {
  readonly #o: CatchUpOptions;
  /** What each linked peer said it has. */
  readonly #theirs = new Map<Principal, Map<JournalKey, Tip>>();
  readonly #asked = new Map<JournalKey, Asked>();
  readonly #wants = new Map<Principal, TokenBucket>();

  constructor(options: CatchUpOptions) {
    this.#o = options;
  }

  /** New entries are on disk: hand them to every linked peer that has not shown them to us. */
  spread(arrival: Arrival, except?: Principal): void {
    const { rule, changes, entries } = arrival;
    const last = entries.at(-1);
    for (const peer of this.#o.peers()) {
      if (peer === except || !this.#o.mayShare(peer, rule.journal)) continue;
      const theirs = this.#theirs.get(peer)?.get(rule.journal);
      if (theirs && last && theirs.seq >= last.entry.seq) continue;
      this.#o.send(peer, {
        type: 'tillmesh/push',
        document: rule.id,
        journal: rule.journal,
        segment: rule.segment,
        changes: [...changes],
      });
    }
  }

  onPresence(presence: Pick<Presence, 'tips'>, from: Principal): void {
    const tips = new Map<JournalKey, Tip>();
    for (const [journal, tip] of Object.entries(presence.tips) as [JournalKey, Tip][]) {
      if (!this.#o.mayShare(from, journal)) continue;
      tips.set(journal, tip);
    }
    this.#theirs.set(from, tips);
    for (const journal of tips.keys()) this.#pursue(journal);
  }

  onUnlinked(peer: Principal): void {
    this.#theirs.delete(peer);
    this.#wants.delete(peer);
    for (const [journal, asked] of this.#asked) {
      if (asked.peer !== peer) continue;
      this.#asked.delete(journal);
      this.#pursue(journal);
    }
  }

  /** The roster has grown: journals that were strange a moment ago may be followed now. */
  onRoster(): void {
    for (const tips of this.#theirs.values())
      for (const journal of tips.keys()) this.#pursue(journal);
  }

  onWant(want: Want, from: Principal): void {
    if (!this.#o.mayShare(from, want.journal) || !this.#mayAsk(from)) return;
    const answer = this.#o.journals.reader.after(
      want.journal,
      want.seq,
      want.hash,
      limits.changesPerPush,
      answerBytes,
    );
    if (!answer) {
      const tip = this.#theirs.get(from)?.get(want.journal);
      return this.#o.onForked(want.journal, tip?.segment, from);
    }
    const rule = this.#o.registry.journalRule(want.journal, answer.segment);
    if (!rule || answer.changes.length === 0) return;
    this.#o.send(from, {
      type: 'tillmesh/push',
      document: rule.id,
      journal: want.journal,
      segment: answer.segment,
      changes: answer.changes,
    });
  }

  /** An answer reads a file: whoever asks more often than any catch-up needs waits for the next presence. */
  #mayAsk(peer: Principal): boolean {
    const now = this.#o.clock.monotonicMs();
    const bucket = this.#wants.get(peer) ?? new TokenBucket(limits.wantsPerSecond, now);
    this.#wants.set(peer, bucket);
    return bucket.take(now);
  }

  onPush(push: Push, from: Principal): void {
    if (!this.#o.mayShare(from, push.journal)) return;
    const { accepted, orphans } = this.#o.receive(push, from);
    const asked = this.#asked.get(push.journal);
    // Automerge's sync may have brought the same before. An answer after which we are no further is not asked for again
    // before the next presence: no endless circle.
    const isAnswer = asked?.peer === from && this.#o.journals.tip(push.journal).seq > asked.seq;
    if (isAnswer) this.#asked.delete(push.journal);
    if (isAnswer || accepted > 0 || orphans > 0)
      this.#pursue(push.journal, orphans > 0 ? from : undefined);
  }

  /** Asks one peer for what it has and we have not. `hint` has shown that it is ahead. */
  #pursue(journal: JournalKey, hint?: Principal): void {
    if (!this.#o.registry.knowsJournal(journal)) return;
    const ours = this.#o.journals.tip(journal);
    const now = this.#o.clock.monotonicMs();
    const asked = this.#asked.get(journal);
    if (asked && now - asked.atMs < patienceMs) return;
    const ahead: { peer: Principal; seq: number }[] = [];
    for (const [peer, tips] of this.#theirs) {
      const tip = tips.get(journal);
      if (tip && tip.seq === ours.seq && tip.hash !== ours.hash)
        this.#o.onForked(journal, tip.segment, peer);
      if (tip && tip.seq > ours.seq) ahead.push({ peer, seq: tip.seq });
    }
    let inVain = asked?.inVain ?? new Set();
    if (ahead.every(({ peer }) => inVain.has(peer))) inVain = new Set();
    const [best] = ahead
      .filter(({ peer }) => !inVain.has(peer))
      .sort((one, other) => other.seq - one.seq);
    const peer = best?.peer ?? hint;
    if (!peer) return;
    if (this.#o.send(peer, { type: 'tillmesh/want', journal, seq: ours.seq, hash: ours.hash }))
      this.#asked.set(journal, {
        peer,
        seq: ours.seq,
        atMs: now,
        inVain: new Set([...inVain, peer]),
      });
    // The word of a link that is gone must not keep us from asking those that are here.
    else if (this.#theirs.delete(peer)) this.#pursue(journal, hint);
  }
}
