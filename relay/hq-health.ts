/**
 * Stores and their tills as this relay knows them without asking its database: links, clocks, what lags behind, what
 * was sold today. Reads, and never writes.
 */
import type { Clock } from '../lib/domain/clock.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import {
  isJournalKey,
  isTerminalId,
  journalKeyOf,
  parseJournalKey,
  type JournalKey,
  type Principal,
  type StoreId,
  type TerminalId,
} from '../lib/domain/ids.ts';
import type { SalesToday, StoreHealth, TillHealth } from '../lib/host/hq-services.ts';
import { PeerList, terminalOf } from '../lib/host/peer-list.ts';
import { parseHlc } from '../lib/journal/hybrid-clock.ts';
import type { Member } from '../lib/replica/keyring.ts';
import type { HqDirectory } from './hq-directory.ts';
import type { Relay } from './relay.ts';
import { salesToday, todayFrom } from './sales-today.ts';

type Sums = {
  readonly minute: number;
  /** The ends of the store's journals when it was summed. */
  readonly tips: string;
  readonly today: SalesToday;
  /** Monotonic: not summed again before, whatever happened. */
  readonly restUntilMs: number;
};

/** All that one answer about many stores needs, gathered once: a company has thousands of journals. */
type Look = {
  readonly membersOf: ReadonlyMap<StoreId, readonly Member[]>;
  readonly tipsOf: ReadonlyMap<StoreId, readonly Tip[]>;
  readonly linked: ReadonlySet<Principal>;
  readonly archived: Readonly<Record<JournalKey, { readonly seq: number }>>;
  /** Terminals of a store whose files are flagged; by `S01-T2`. */
  readonly flagged: (store: StoreId) => ReadonlySet<unknown>;
};
type Tip = {
  readonly journal: JournalKey;
  readonly terminal: TerminalId;
  readonly seq: number;
  readonly hash: string;
};

/**
 * After summing it rests ten times as long as it took: 2,000 documents a day are summed in 2 ms, 20,000 in 90 on a busy
 * machine, and a large store must not spend the relay on who looks at it.
 */
const restFactor = 10;

export class HqHealth {
  readonly #relay: Relay;
  readonly #directory: Pick<HqDirectory, 'nameOf'>;
  readonly #clock: Clock;
  readonly #peers: PeerList;
  /** Summed once for all screens that look, until something changes or the minute does. */
  readonly #sums = new Map<StoreId, Sums>();

  constructor(parts: {
    readonly relay: Relay;
    readonly directory: Pick<HqDirectory, 'nameOf'>;
    readonly clock: Clock;
  }) {
    this.#relay = parts.relay;
    this.#directory = parts.directory;
    this.#clock = parts.clock;
    this.#peers = new PeerList(parts.clock);
    const look = (): void => this.#peers.look(this.#relay.replica.mesh.peers);
    look();
    this.#relay.onChange(look);
  }

  /** Those of them that this relay has. */
  stores(stores: readonly StoreId[]): readonly StoreHealth[] {
    const look = this.#look();
    return stores.flatMap((store) => this.#store(store, look) ?? []);
  }

  /** Undefined for a store that this relay does not have. */
  store(store: StoreId): StoreHealth | undefined {
    return this.#store(store, this.#look());
  }

  /** Each terminal once, by its last life. */
  tills(store: StoreId): readonly TillHealth[] {
    return this.#tills(store, this.#look());
  }

  /** One device, by its lives, the last of them at the end. */
  device(lives: readonly Member[]): TillHealth {
    const last = lives.at(-1);
    if (!last) throw new TillmeshError('INVARIANT', 'a device without a life');
    const look = this.#look();
    const { linked } = look;
    return this.#till(lives.find(({ principal }) => linked.has(principal)) ?? last, lives, look);
  }

  #look(): Look {
    const { replica, archivedWord } = this.#relay;
    const tips = [...replica.journals.tips()].map(([journal, { seq, hash }]) => {
      const { store, terminal } = parseJournalKey(journal);
      return { store, terminal, journal, seq, hash };
    });
    const flagged = new Map<StoreId, ReadonlySet<unknown>>();
    return {
      flagged: (store) => {
        const known = flagged.get(store);
        if (known) return known;
        const flags = this.#relay.readSide(store)?.models.flags({ kind: 'files-changed' }) ?? [];
        const names = new Set(flags.map(({ subject: [name] }) => name));
        flagged.set(store, names);
        return names;
      },
      membersOf: Map.groupBy(replica.keyring.members(), ({ identity }) => identity.store),
      tipsOf: Map.groupBy(tips, ({ store }) => store),
      linked: new Set(replica.mesh.peers),
      archived: archivedWord?.tips ?? {},
    };
  }

  #store(store: StoreId, look: Look): StoreHealth | undefined {
    const models = this.#relay.readSide(store)?.models;
    if (!models) return undefined;
    const name = this.#directory.nameOf(store);
    const all = this.#tills(store, look);
    // Who is kept out for good is missed by nobody; what it wrote waits for the archive like anything.
    const tills = all.filter(({ revoked }) => !revoked);
    return {
      store,
      ...(name !== undefined && { name }),
      tills,
      flags: Object.values(models.flagCounts()).reduce((sum, count) => sum + count, 0),
      notArchived: all.reduce((sum, till) => sum + till.notArchived, 0),
      today: this.#today(store, look),
    };
  }

  #tills(store: StoreId, look: Look): readonly TillHealth[] {
    const members = look.membersOf.get(store) ?? [];
    const lives = Map.groupBy(members, ({ identity }) => identity.terminal);
    return [...lives.values()]
      .flatMap((those) => {
        // A replacement is the till of this name, whoever was heard of last.
        const standing = this.#standing(those);
        const last = standing.at(-1) ?? those.at(-1);
        if (!last) return [];
        const devices = new Set(standing.map(({ terminalKey }) => terminalKey)).size;
        return [{ ...this.#till(last, those, look), ...(devices > 1 && { devices }) }];
      })
      .toSorted((a, b) => inOrder(a.terminal, b.terminal));
  }

  #till(last: Member, lives: readonly Member[], look: Look): TillHealth {
    const { replica } = this.#relay;
    const { principal, identity, letter, terminalKey } = last;
    const revocation = replica.revocations.of(last);
    const { store, terminal } = identity;
    const linked = look.linked.has(principal);
    const presence = linked ? replica.voice.presence.of(principal) : undefined;
    const latencyMs = linked ? replica.mesh.roundTripMs(principal) : undefined;
    const clockOffsetMs = linked ? replica.voice.clockOffsetMs(principal) : undefined;
    const heardAtMs = this.#heardAtMs(last, linked);
    const journals = new Set(lives.map((life) => journalKeyOf(life.identity)));
    const tips = (look.tipsOf.get(store) ?? []).filter(({ journal }) => journals.has(journal));
    return {
      terminal,
      principal,
      letter,
      terminalKey,
      ...(revocation && {
        revoked: { reason: revocation.reason, atMs: parseHlc(revocation.at).ms },
      }),
      lives: lives.length,
      linked,
      ...(heardAtMs !== undefined && { heardAtMs }),
      ...(presence && { version: presence.version, notHere: this.#notHere(last, presence.tips) }),
      ...(latencyMs !== undefined && { latencyMs }),
      ...(clockOffsetMs !== undefined && { clockOffsetMs }),
      notArchived: tips.reduce(
        (sum, { journal, seq }) => sum + Math.max(0, seq - (look.archived[journal]?.seq ?? 0)),
        0,
      ),
      forked: replica.journals.isForked(journalKeyOf(identity)),
      ...this.#filesChanged(last, revocation ? lives : this.#standing(lives), look),
    };
  }

  #standing(lives: readonly Member[]): readonly Member[] {
    return lives.filter((life) => !this.#relay.replica.revocations.of(life));
  }

  /** By these lives' own words: what a device said that had the name before is on its own account. */
  #filesChanged(
    { identity: { store, terminal } }: Member,
    lives: readonly Member[],
    look: Look,
  ): Pick<TillHealth, 'filesChanged'> {
    const models = this.#relay.readSide(store)?.models;
    const name = `${store}-${terminal}`;
    if (!models || !look.flagged(store).has(name)) return {};
    const journals = new Set(lives.map((life) => journalKeyOf(life.identity)));
    const open = models
      .fileFindings(name)
      .filter(({ journal, checked }) => !checked && journals.has(journal)).length;
    return open > 0 ? { filesChanged: open } : {};
  }

  #heardAtMs({ principal }: Member, linked: boolean): number | undefined {
    const { replica, living } = this.#relay;
    if (linked) {
      const ageMs = replica.voice.presence.ageMs(principal) ?? 0;
      return Math.round(this.#clock.wallMs() - ageMs);
    }
    return this.#peers
      .list([principal], replica.mesh.peers, living.principal)
      .find((peer) => terminalOf(peer.principal) === terminalOf(principal))?.goneAtMs;
  }

  /** Of all lives of the terminal: an earlier one may have come back from another till. */
  #notHere({ identity }: Member, said: Readonly<Record<string, { readonly seq: number }>>): number {
    const { journals } = this.#relay.replica;
    let entries = 0;
    for (const [journal, { seq }] of Object.entries(said)) {
      if (!isJournalKey(journal)) continue;
      const writer = parseJournalKey(journal);
      if (writer.store !== identity.store || writer.terminal !== identity.terminal) continue;
      entries += Math.max(0, seq - journals.tip(journal).seq);
    }
    return entries;
  }

  #today(store: StoreId, look: Look): SalesToday {
    const nowMs = this.#clock.wallMs();
    const minute = Math.floor(nowMs / 60_000);
    const known = this.#sums.get(store);
    const beganMs = this.#clock.monotonicMs();
    // A branch of a fork may come in below a tip: it shows within the minute.
    const tips = (look.tipsOf.get(store) ?? []).map(({ hash }) => hash).join(' ');
    const isFresh = known && (known.tips === tips || beganMs < known.restUntilMs);
    if (isFresh && known.minute === minute) return known.today;
    const models = this.#relay.readSide(store)?.models;
    const zone = models?.newestDocuments(1)[0]?.zone ?? this.#clock.zone();
    const today = salesToday(models?.salesSince(todayFrom(nowMs)) ?? [], nowMs, zone);
    const endedMs = this.#clock.monotonicMs();
    const restUntilMs = endedMs + restFactor * (endedMs - beganMs);
    this.#sums.set(store, { minute, tips, today, restUntilMs });
    return today;
  }
}

/** The first number from `T1` on that no terminal of the store has. */
export function nextTerminal(tills: readonly Pick<TillHealth, 'terminal'>[]): TerminalId {
  const taken = new Set<string>(tills.map(({ terminal }) => terminal));
  for (let n = 1; ; n++) {
    const terminal = `T${n}`;
    if (!taken.has(terminal) && isTerminalId(terminal)) return terminal;
  }
}

/** `T2` before `T10`. */
const inOrder = (a: string, b: string): number =>
  a.localeCompare(b, 'en', { numeric: true, sensitivity: 'base' });
