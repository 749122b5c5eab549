/**
 * A relay: a replica of every store that writes no journal, archives what it verifies, publishes what HQ wants,
 * and tells the stores how far the archive is. Database, disk and wire are passed in.
 */
import { TillmeshError } from '../lib/domain/errors.ts';
import type { DoubleNotice } from '../lib/domain/double-notice.ts';
import {
  parseJournalKey,
  type JournalKey,
  type Principal,
  type StoreId,
} from '../lib/domain/ids.ts';
import { names } from '../lib/documents/names.ts';
import { openIncarnation } from '../lib/replica/incarnation.ts';
import { headOffice } from '../lib/replica/keyring.ts';
import type { ArchivedWord } from '../lib/replica/network-voice.ts';
import { ReadSide } from '../lib/replica/read-side.ts';
import { Replica } from '../lib/replica/replica.ts';
import type { LifeParts, ReplicaEvent } from '../lib/replica/replica-options.ts';
import { ChainCache } from '../lib/trust/chain-cache.ts';
import type { LivingIncarnation } from '../lib/trust/identity-store.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type { ArchivedTip, ArchivedTips, ArchiveIdentity } from './archive-contract.ts';
import { ArchiveFeed, type ArchiveSink } from './archive-feed.ts';
import { Arrivals } from './arrivals.ts';
import { Publisher } from './publisher.ts';

export type RelayEvent =
  | ReplicaEvent
  | { readonly kind: 'storeOpened'; readonly store: StoreId }
  | { readonly kind: 'error'; readonly error: unknown };

export type RelayParts = LifeParts & {
  /** Path of a store's read models. */
  readonly projections: (store: StoreId) => string;
  readonly stores: readonly StoreId[];
  readonly archive: ArchiveSink;
  readonly onEvent: (event: RelayEvent) => void;
};

type Archived = {
  readonly identity: ArchiveIdentity;
  readonly tips: ReadonlyMap<JournalKey, ArchivedTip>;
};

/** A status record is for those who are not linked now; the others hear of the archive by presence. */
const statusEveryMs = 6 * 60 * 60_000;

export class Relay {
  readonly replica: Replica;
  readonly publisher: Publisher;
  readonly living: LivingIncarnation;
  readonly #p: RelayParts;
  readonly #readSides = new Map<StoreId, ReadSide>();
  readonly #listeners = new Set<() => void>();
  readonly #feed: ArchiveFeed;
  readonly #arrivals = new Arrivals();
  /** What was told of the archive; nothing is before it was looked at. */
  #archived: Archived | undefined;
  /** Since when nothing of a journal came through, where something waits; wall clock. */
  readonly #waitingSinceMs = new Map<JournalKey, number>();
  #toState = new Set<StoreId>();
  #wantsHqData = false;
  #statusTimer: { cancel(): void } | undefined;

  private constructor(parts: RelayParts, living: LivingIncarnation, caDer: Uint8Array) {
    this.#p = parts;
    this.living = living;
    const chains = new ChainCache(caDer);
    const verify = (ders: readonly Uint8Array[]) => chains.verify(ders);
    this.replica = new Replica({
      disk: parts.disk,
      directory: parts.directory,
      clock: parts.clock,
      random: parts.random,
      self: { chain: living.chain, letter: living.letter, sign: living.signer },
      verifyChain: verify,
      stores: parts.stores,
      version: parts.version,
      transport: parts.transport(living, verify),
      targets: parts.targets,
      bars: parts.bars,
      admit: () => true,
      ...(parts.timing ? { timing: parts.timing } : {}),
      ensureRoom: () => undefined,
      witness: { reserve: () => undefined, used: () => undefined },
      hint: (journal) => this.#readSides.get(parseJournalKey(journal).store)?.hint(journal),
      onEntries: (entries) => this.#arrived(entries),
      onRecord: () => undefined,
      onRevoked: (store) => {
        this.#readSides.get(store)?.revocationsChanged();
        this.#changed();
      },
      release: () => undefined,
      wantsHqData: () => this.#wantsHqData,
      archived: () => this.#word(),
      onContinuedElsewhere: () => undefined,
      onFatal: parts.onFatal,
      onEvent: (event) => {
        parts.onEvent(event);
        if (event.kind !== 'doubleIdentity') return;
        this.#tellDouble(event.peer).catch((error: unknown) =>
          parts.onEvent({ kind: 'error', error }),
        );
      },
      onChange: () => this.#changed(),
    });
    this.publisher = new Publisher(this.replica);
    this.#feed = new ArchiveFeed({
      entriesFrom: (journal, seq) => this.replica.journals.reader.entriesFrom(journal, seq),
      sink: parts.archive,
      onError: (error) => parts.onEvent({ kind: 'error', error }),
    });
    for (const store of parts.stores) this.#openReadSide(store);
  }

  /** Everything on disk is loaded and the network joined when it resolves; of the archive nothing is said before `archiveIs`. */
  static async open(parts: RelayParts): Promise<Relay> {
    const living = await openIncarnation({
      ...parts,
      machine: parts.machine(),
      wallMs: () => parts.clock.wallMs(),
    });
    const { caDer } = parts.identity.enrolled() ?? {};
    if (!caDer) throw new TillmeshError('NOT_ENROLLED', parts.directory);
    const relay = new Relay(parts, living, caDer);
    await relay.replica.load();
    for (const side of relay.#readSides.values()) side.catchUp(relay.replica.journals);
    await relay.replica.connect();
    return relay;
  }

  get stores(): StoreId[] {
    return [...this.#readSides.keys()];
  }

  readSide(store: StoreId): ReadSide | undefined {
    return this.#readSides.get(store);
  }

  /** What the archive has taken in, as presence says it. */
  get archivedWord(): ArchivedWord | undefined {
    return this.#word();
  }

  /** Entries on this relay's disk that the archive has not confirmed, and since when nothing of theirs came through. */
  get waitingForArchive(): { readonly entries: number; readonly sinceMs: number | undefined } {
    let entries = 0;
    let sinceMs: number | undefined;
    for (const [journal, { seq }] of this.replica.journals.tips()) {
      const left = seq - (this.#archived?.tips.get(journal)?.seq ?? 0);
      if (left <= 0) continue;
      entries += left;
      const since = this.#waitingSinceMs.get(journal);
      if (since !== undefined) sinceMs = Math.min(since, sinceMs ?? since);
    }
    return { entries, sinceMs };
  }

  /** When an entry came here, by the own wall clock; undefined for what came before this process began. */
  arrivedAtMs(journal: JournalKey, seq: number): number | undefined {
    return this.#arrivals.of(journal, seq);
  }

  /** A store that was made while the relay runs. */
  async openStore(store: StoreId): Promise<void> {
    if (this.#readSides.has(store)) return;
    this.#openReadSide(store);
    await this.replica.learnStore(store);
    this.#p.onEvent({ kind: 'storeOpened', store });
  }

  /** The archive answers again, or no more: the status shows it. */
  archiveStateChanged(): void {
    this.#changed();
  }

  /** Something that the status shows was changed by hand, or noticed beside what this class does. */
  changed(): void {
    this.#changed();
  }

  /** The tills are asked for HQ's documents: they know a release that this relay has lost. */
  wantHqData(isWanted: boolean): void {
    if (this.#wantsHqData === isWanted) return;
    this.#wantsHqData = isWanted;
    if (isWanted) this.replica.askForHqData();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What the archive holds, as it was looked at; what is missing of an archive that is new here is fed to it. */
  archiveIs(identity: ArchiveIdentity, tips: ArchivedTips): void {
    const told = this.#archived?.identity;
    const isKnown = told?.archive === identity.archive && told.generation === identity.generation;
    if (isKnown) return this.archivedMore(tips);
    this.#tell(identity, tips);
    for (const journal of this.replica.journals.keys()) {
      const tip = tips.get(journal);
      // Of a fork the archive may lack a branch below its tip: everything of this journal goes once more.
      const isForked = this.replica.journals.isForked(journal);
      if (tip && tip.hash === this.replica.journals.tip(journal).hash && !isForked) continue;
      this.#feed.feed(journal, isForked ? 1 : (tip?.seq ?? 0) + 1);
    }
  }

  /** The archive held more than this: a new generation, which voids what was told, and everything goes there again. */
  async archiveWentBack(identity: ArchiveIdentity, tips: ArchivedTips): Promise<void> {
    // Signed before it is told: a database that goes back once more must never come by this generation again.
    await this.#writeStatus(this.stores, { identity, tips });
    this.#tell(identity, tips);
    for (const journal of this.replica.journals.keys()) this.#feed.feed(journal, 1);
  }

  /** The archive has taken in more: linked stores hear of it at once, the others by a signed record. */
  archivedMore(tips: ArchivedTips): void {
    const told = this.#archived;
    if (!told) return;
    const moved = new Map([...tips].filter(([key, { hash }]) => told.tips.get(key)?.hash !== hash));
    if (moved.size === 0) return;
    // It holds less than it said: whatever answers there now is looked at before more is told of it.
    if ([...moved].some(([key, { seq }]) => seq < (told.tips.get(key)?.seq ?? 0)))
      void this.#p.archive.check();
    else this.#tell(told.identity, new Map([...told.tips, ...moved]), moved);
  }

  #tell(identity: ArchiveIdentity, tips: ArchivedTips, moved = tips): void {
    this.#archived = { identity, tips };
    for (const journal of this.replica.journals.keys()) {
      const isThere = tips.get(journal)?.hash === this.replica.journals.tip(journal).hash;
      if (isThere) this.#waitingSinceMs.delete(journal);
      else if (moved.has(journal) || !this.#waitingSinceMs.has(journal))
        this.#waitingSinceMs.set(journal, this.#p.clock.wallMs());
    }
    for (const journal of moved.keys()) this.#toState.add(parseJournalKey(journal).store);
    this.replica.voice.presence.changed();
    this.#statusTimer ??= this.#p.clock.setTimer(() => {
      this.#statusTimer = undefined;
      void this.#stateArchived().catch((error: unknown) =>
        this.#p.onEvent({ kind: 'error', error }),
      );
    }, statusEveryMs);
    this.#changed();
  }

  async stop(): Promise<void> {
    this.#feed.stop();
    this.#statusTimer?.cancel();
    await this.#stateArchived();
    await this.replica.stop();
    for (const side of this.#readSides.values()) side.close();
  }

  #openReadSide(store: StoreId): void {
    this.#readSides.set(
      store,
      new ReadSide({
        file: this.#p.projections(store),
        store,
        own: undefined,
        revoked: () => this.replica.revocations.journals(store),
        onFolded: () => this.#changed(),
        onRebuilt: () => this.#changed(),
        onError: (error) => this.#p.onEvent({ kind: 'error', error }),
      }),
    );
  }

  #arrived(entries: readonly VerifiedEntry[]): void {
    const [first] = entries;
    if (!first) return;
    this.#readSides.get(first.entry.store)?.queue(entries);
    this.#arrivals.note(entries, this.#p.clock.wallMs());
    if (!this.#waitingSinceMs.has(first.journal))
      this.#waitingSinceMs.set(first.journal, this.#p.clock.wallMs());
    this.#feed.arrived(entries);
  }

  #word(): ArchivedWord | undefined {
    if (!this.#archived) return undefined;
    const { identity, tips } = this.#archived;
    const known = Object.fromEntries(tips) as ArchivedWord['tips'];
    return { archive: identity.archive, generation: identity.generation, tips: known };
  }

  async #stateArchived(): Promise<void> {
    if (!this.#archived) return;
    const stores = [...this.#toState];
    this.#toState = new Set();
    await this.#writeStatus(stores, this.#archived);
  }

  async #writeStatus(stores: readonly StoreId[], { identity, tips }: Archived): Promise<void> {
    for (const store of stores) {
      if (store === headOffice || !this.#readSides.has(store)) continue;
      const rule = await this.replica.openRecords(names.status(store));
      const ofStore = [...tips].filter(([journal]) => parseJournalKey(journal).store === store);
      this.replica.records.append(rule, {
        archive: identity.archive,
        generation: identity.generation,
        tips: Object.fromEntries(
          ofStore.map(([journal, { seq, hash }]) => [journal, { seq, hash }]),
        ),
      });
    }
    if (stores.length) await this.replica.documents.flush();
  }

  /** Every till is to know that one of them exists twice; a relay has no journal to say so in. Once for each key. */
  async #tellDouble(peer: Principal): Promise<void> {
    const { keyring, records, doubles, hybridClock, documents } = this.replica;
    const member = keyring.members().find(({ principal }) => principal === peer);
    if (!member || !this.#readSides.has(member.identity.store)) return;
    const { store, terminal, incarnation } = member.identity;
    const double = { store, terminalKey: member.terminalKey };
    const rule = await this.replica.openRecords(names.notices(store));
    if (doubles.has(double)) return;
    records.append(rule, {
      type: 'double',
      ...double,
      terminal,
      incarnation,
      at: hybridClock.next(),
    } satisfies DoubleNotice);
    await documents.flush();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
