/**
 * What this replica says to its peers about itself, and what it makes of what they say: presence, copies, the watchdog.
 * A copy is confirmed only for what is verified and on disk, because journals tell of nothing else.
 */
import type { Clock } from '../domain/clock.ts';
import { isClockNews } from '../domain/clock-drift.ts';
import {
  parsePrincipal,
  terminalNameOf,
  type EntryHash,
  type JournalKey,
  type Principal,
} from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { formatHlc, parseHlc } from '../journal/hybrid-clock.ts';
import { ClockOffsets } from '../mesh/clock-offsets.ts';
import {
  confirmedBy,
  copiesOf,
  foldCopies,
  noCopies,
  type Copies,
  type CopiesState,
  type HeldTips,
} from '../mesh/copies.ts';
import { PresenceKeeper, type OwnPresence } from '../mesh/presence.ts';
import type { OwnContents, OwnMessage, Presence, Tip } from '../mesh/protocol.ts';
import { Watchdog } from '../mesh/watchdog.ts';
import type { Journals } from './journals.ts';

/** What the archive of a relay has taken in. */
export type ArchivedWord = NonNullable<Presence['archived']>;

export type NetworkVoiceOptions = {
  readonly journals: Journals;
  readonly clock: Clock;
  readonly version: string;
  readonly instance: string;
  /** A peer's wall clock began to differ from ours by more than is borne, went on moving away, or came back. */
  readonly onClockOffset: (peer: Principal, offsetMs: number) => void;
  /** After every word on a clock of which something can be said. */
  readonly onClock?: (peer: Principal, offsetMs: number) => void;
  /** There and back, where the wire measures it. */
  readonly roundTripMs?: (peer: Principal) => number | undefined;
  readonly release: () => number | undefined;
  readonly archived: () => ArchivedWord | undefined;
  readonly send: (to: Principal, contents: OwnContents) => boolean;
  readonly peers: () => readonly Principal[];
  readonly mayHave: (peer: Principal, journal: JournalKey) => boolean;
  readonly reset: (peer: Principal, journal: JournalKey) => void;
  readonly timing: VoiceTiming;
};

export type VoiceTiming = {
  readonly presenceMs: number;
  readonly coalesceMs: number;
  readonly patienceMs: number;
  readonly mostPatienceMs: number;
};

export const voiceTiming: VoiceTiming = {
  presenceMs: 2_000,
  // A peer that is behind asks at once when it hears of it, so this is part of how late a carried sale is.
  coalesceMs: 20,
  patienceMs: 10_000,
  mostPatienceMs: 10 * 60_000,
};

export class NetworkVoice {
  readonly presence: PresenceKeeper;
  readonly #o: NetworkVoiceOptions;
  readonly #watchdog: Watchdog;
  readonly #toConfirm = new Set<JournalKey>();
  readonly #clockOffsets = new ClockOffsets();
  /** What was told last of each terminal's clock: it stays over links and lives. */
  readonly #clocksTold = new Map<string, number>();
  #copies: CopiesState = noCopies;

  constructor(options: NetworkVoiceOptions) {
    this.#o = options;
    const { presenceMs, coalesceMs, patienceMs, mostPatienceMs } = options.timing;
    this.presence = new PresenceKeeper({
      clock: options.clock,
      intervalMs: presenceMs,
      coalesceMs,
      own: (peer) => this.#own(peer),
      send: options.send,
    });
    this.#watchdog = new Watchdog({
      patienceMs,
      mostMs: mostPatienceMs,
      shared: (journal, peer) => options.mayHave(peer, journal),
      reset: options.reset,
    });
  }

  linked(peer: Principal): void {
    this.#copies = foldCopies(this.#copies, { kind: 'linked', peer });
    this.presence.linked(peer);
    this.#confirm([peer], this.#o.journals.keys());
  }

  unlinked(peer: Principal): void {
    this.#clockOffsets.forget(peer);
    this.presence.unlinked(peer);
  }

  /** What it said of its disk is no copy any more. */
  revoked(peer: Principal): void {
    this.#copies = foldCopies(this.#copies, { kind: 'revoked', peer });
  }

  /** Foreign entries are on disk: say so, once per turn of the loop. */
  stored(journal: JournalKey): void {
    if (this.#toConfirm.size === 0)
      setImmediate(() => {
        const journals = [...this.#toConfirm];
        this.#toConfirm.clear();
        this.#confirm(this.#o.peers(), journals);
      });
    this.#toConfirm.add(journal);
  }

  heard(message: OwnMessage, from: Principal): void {
    if (message.type === 'tillmesh/copies')
      this.#copies = foldCopies(this.#copies, {
        kind: 'held',
        peer: from,
        tips: this.#known(message.tips, from),
      });
    else if (message.type === 'tillmesh/presence') {
      this.presence.received(message, from);
      // Others confirm what is not theirs; of a device's own journals its presence speaks, which names what is on disk.
      const own = this.#known(message.tips, from, isOwnOf(from));
      if (own.size > 0)
        this.#copies = foldCopies(this.#copies, { kind: 'held', peer: from, tips: own });
      this.#compareClocks(message, from);
      const { archived } = message;
      if (archived)
        this.#copies = foldCopies(this.#copies, {
          kind: 'archived',
          peer: from,
          archive: archived.archive,
          generation: archived.generation,
          tips: mapOf(archived.tips),
        });
      this.#watchdog.look(from, this.#own(from).tips, message.tips, this.#o.clock.monotonicMs());
    }
  }

  /** A word on journals that nobody has heard of is not kept: they could be made up without end. */
  #known(
    tips: Extract<OwnMessage, { type: 'tillmesh/copies' }>['tips'],
    from: Principal,
    counts: (journal: JournalKey) => boolean = () => true,
  ): HeldTips {
    return new Map(
      [...mapOf(tips)]
        .filter(([journal]) => counts(journal) && this.#o.mayHave(from, journal))
        .map(([journal, { seq, hash }]) => [journal, { seq, hash }]),
    );
  }

  /** P10 for one entry. */
  copies(journal: JournalKey, seq: number): Copies {
    return copiesOf(this.#copies, journal, seq, (at) =>
      this.#o.journals.reader.hashAt(journal, at),
    );
  }

  /** The last entry of a journal that another till, a relay and the archive have; 0 for none. */
  reach(journal: JournalKey): { onPeers: number; atHq: number; archived: number } {
    const seqIn = (tips: HeldTips | undefined): number => {
      const tip = tips?.get(journal);
      return tip && this.#o.journals.reader.hashAt(journal, tip.seq) === tip.hash ? tip.seq : 0;
    };
    let onPeers = 0;
    let atHq = 0;
    for (const { peer, tips } of this.#copies.words.values()) {
      if (peer.startsWith('HQ-')) atHq = Math.max(atHq, seqIn(tips));
      else onPeers = Math.max(onPeers, seqIn(tips));
    }
    return { onPeers, atHq, archived: seqIn(this.#copies.archive?.tips) };
  }

  /** The last entry of a journal that this peer's device has confirmed; 0 for none. */
  confirmedBy(peer: Principal, journal: JournalKey): number {
    return confirmedBy(this.#copies, peer, journal, (at) =>
      this.#o.journals.reader.hashAt(journal, at),
    );
  }

  /** How far a linked peer's wall clock is ahead of ours; milliseconds, undefined while too little was heard of it. */
  clockOffsetMs(peer: Principal): number | undefined {
    return this.#clockOffsets.offsetMs(peer);
  }

  /** The archive's last word, by way of presence. */
  get archived(): CopiesState['archive'] {
    return this.#copies.archive;
  }

  #compareClocks(message: Presence, from: Principal): void {
    // As presence has it: a word of a link that is gone is nobody's state any more.
    if (!this.presence.of(from)) return;
    this.#clockOffsets.heard(from, {
      theirMs: parseHlc(message.clock).ms,
      ownMs: this.#o.clock.wallMs(),
      monotonicMs: this.#o.clock.monotonicMs(),
      roundTripMs: this.#o.roundTripMs?.(from),
    });
    const offsetMs = this.#clockOffsets.offsetMs(from);
    if (offsetMs === undefined) return;
    this.#o.onClock?.(from, offsetMs);
    const terminal = terminalNameOf(from);
    if (!isClockNews(this.#clocksTold.get(terminal), offsetMs)) return;
    if (this.#clocksTold.size < limits.foundTills || this.#clocksTold.has(terminal))
      this.#clocksTold.set(terminal, offsetMs);
    this.#o.onClockOffset(from, offsetMs);
  }

  stop(): void {
    this.presence.stop();
  }

  #confirm(peers: readonly Principal[], journals: readonly JournalKey[]): void {
    for (const peer of peers) {
      const tips: [JournalKey, { seq: number; hash: EntryHash }][] = [];
      for (const journal of journals) {
        const { seq, hash } = this.#o.journals.tip(journal);
        if (hash !== '-' && this.#o.mayHave(peer, journal)) tips.push([journal, { seq, hash }]);
      }
      for (let at = 0; at < tips.length; at += limits.tipsPerMessage) {
        const part = tips.slice(at, at + limits.tipsPerMessage);
        this.#o.send(peer, { type: 'tillmesh/copies', tips: recordOf(part) });
      }
    }
  }

  /** Of the journals that the peer may have: a word on others tells it nothing, and makes the message too long. */
  #own(peer: Principal): OwnPresence {
    const tips: [JournalKey, Tip][] = [];
    for (const [journal, { segment, seq, hash }] of this.#o.journals.tips())
      if (hash !== '-' && this.#o.mayHave(peer, journal))
        tips.push([journal, { segment, seq, hash }]);
    const release = this.#o.release();
    const archived = this.#o.archived();
    return {
      instance: this.#o.instance,
      version: this.#o.version,
      // The wall clock, not the hybrid one: that one has taken over the others' and would hide whose is off.
      clock: formatHlc(Math.max(0, Math.floor(this.#o.clock.wallMs())), 0),
      tips: recordOf(tips.slice(-limits.tipsPerMessage)),
      ...(release === undefined ? {} : { release }),
      ...(archived === undefined ? {} : { archived: this.#archivedFor(peer, archived) }),
    };
  }

  #archivedFor(peer: Principal, { archive, generation, tips }: ArchivedWord): ArchivedWord {
    const shared = [...mapOf(tips)].filter(([journal]) => this.#o.mayHave(peer, journal));
    return { archive, generation, tips: recordOf(shared.slice(-limits.tipsPerMessage)) };
  }
}

/** Whether the device of this peer wrote a journal, in whichever of its lives. */
function isOwnOf(peer: Principal): (journal: JournalKey) => boolean {
  const { store, terminal } = parsePrincipal(peer);
  return (journal) => journal.startsWith(`${store}/${terminal}/`);
}

const mapOf = (tips: Readonly<Record<JournalKey, { seq: number; hash: EntryHash }>>): HeldTips =>
  new Map(Object.entries(tips) as [JournalKey, { seq: number; hash: EntryHash }][]);

const recordOf = <Value>(tips: readonly [JournalKey, Value][]): Record<JournalKey, Value> =>
  Object.fromEntries(tips);
