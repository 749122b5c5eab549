/**
 * The net under the net: a linked pair whose tips for a journal differ and do not move is begun anew. Sync can stall
 * without an error (two sync states that disagree), and nobody would notice.
 */
import type { EntryHash, JournalKey, Principal } from '../domain/ids.ts';

export type WatchedTips = Readonly<
  Record<JournalKey, { readonly seq: number; readonly hash: EntryHash }>
>;

export type WatchdogOptions = {
  /** Without progress for so long: begin anew. Doubles for a journal that a reset did not move, up to `mostMs`. */
  readonly patienceMs: number;
  readonly mostMs: number;
  /** Should both of us hold this journal? Where not, a journal missing on one side is no difference. */
  readonly shared: (journal: JournalKey, peer: Principal) => boolean;
  readonly reset: (peer: Principal, journal: JournalKey) => void;
};

type Stall = { readonly tips: string; readonly sinceMs: number; readonly patienceMs: number };

export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #stalls = new Map<Principal, Map<JournalKey, Stall>>();

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /**
   * Looks at one linked peer: our tips, and those of its last presence. Called at each presence; a peer that says
   * nothing is the heartbeat's business.
   */
  look(peer: Principal, ours: WatchedTips, theirs: WatchedTips, nowMs: number): void {
    const before = this.#stalls.get(peer) ?? new Map<JournalKey, Stall>();
    const after = new Map<JournalKey, Stall>();
    let stuck: JournalKey | undefined;
    for (const journal of journalsOf(ours, theirs)) {
      const tips = this.#difference(journal, peer, ours, theirs);
      if (tips === undefined) continue;
      const stall = before.get(journal);
      if (stall?.tips !== tips)
        after.set(journal, { tips, sinceMs: nowMs, patienceMs: this.#options.patienceMs });
      else if (nowMs - stall.sinceMs < stall.patienceMs) after.set(journal, stall);
      else {
        // A difference that a reset does not heal (a fork, a journal in quarantine) must not cut the pair for ever.
        const patienceMs = Math.min(this.#options.mostMs, stall.patienceMs * 2);
        after.set(journal, { tips, sinceMs: nowMs, patienceMs });
        stuck = journal;
      }
    }
    this.#stalls.set(peer, after);
    if (stuck !== undefined) this.#options.reset(peer, stuck);
  }

  /** Of peers that left for good; a reset alone keeps what was seen, or patience would never grow. */
  forget(peer: Principal): void {
    this.#stalls.delete(peer);
  }

  /** Both tips as one text where they differ. */
  #difference(
    journal: JournalKey,
    peer: Principal,
    ours: WatchedTips,
    theirs: WatchedTips,
  ): string | undefined {
    const mine = ours[journal];
    const its = theirs[journal];
    if (mine !== undefined && its !== undefined && mine.seq === its.seq && mine.hash === its.hash)
      return undefined;
    if ((mine === undefined || its === undefined) && !this.#options.shared(journal, peer))
      return undefined;
    return `${mine?.seq ?? 0} ${mine?.hash ?? ''} ${its?.seq ?? 0} ${its?.hash ?? ''}`;
  }
}

const journalsOf = (ours: WatchedTips, theirs: WatchedTips): Set<JournalKey> =>
  new Set([...Object.keys(ours), ...Object.keys(theirs)] as JournalKey[]);
