/**
 * A relay: a replica of every store that writes no journal, archives what it verifies, publishes what HQ wants,
 * and tells the stores how far the archive is. Database, disk and wire are passed in.
 */
import type { Clock } from '../lib/domain/clock.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import {
  parseJournalKey,
  type JournalKey,
  type Principal,
  type StoreId,
} from '../lib/domain/ids.ts';
import { names } from '../lib/documents/names.ts';
import type { BarStore } from '../lib/mesh/bars.ts';
import type { MeshTiming } from '../lib/mesh/mesh-options.ts';
import type { DialTarget, Transport } from '../lib/mesh/transport.ts';
import { openIncarnation } from '../lib/replica/incarnation.ts';
import { headOffice } from '../lib/replica/keyring.ts';
import type { ArchivedWord } from '../lib/replica/network-voice.ts';
import { ReadSide } from '../lib/replica/read-side.ts';
import { Replica } from '../lib/replica/replica.ts';
import type { ReplicaEvent } from '../lib/replica/replica-options.ts';
import type { MachineIdentity } from '../lib/storage/binding.ts';
import type { Disk } from '../lib/storage/disk.ts';
import { ChainCache } from '../lib/trust/chain-cache.ts';
import type { IdentityStore, LivingIncarnation } from '../lib/trust/identity-store.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type { ArchiveIdentity, ArchivedTips } from './archive-contract.ts';
import { Publisher } from './publisher.ts';

export type RelayEvent =
  | ReplicaEvent
  | { readonly kind: 'storeOpened'; readonly store: StoreId }
  | { readonly kind: 'error'; readonly error: unknown };

/** Where verified entries go: takes them at once; resolves when there is room for more. */
export type ArchiveSink = { push(entries: readonly VerifiedEntry[]): Promise<void> };

export type RelayParts = {
  readonly disk: Disk;
  readonly directory: string;
  /** Path of a store's read models. */
  readonly projections: (store: StoreId) => string;
  readonly identity: IdentityStore;
  readonly machine: () => MachineIdentity;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  readonly version: string;
  readonly transport: (
    living: LivingIncarnation,
    verifyPeer: (ders: readonly Uint8Array[]) => Principal,
  ) => Transport;
  readonly targets: () => readonly DialTarget[];
  readonly bars: BarStore;
  readonly timing?: Partial<MeshTiming>;
  readonly stores: readonly StoreId[];
  readonly archive: ArchiveSink;
  /** What the archive holds at the start. */
  readonly archived: { readonly identity: ArchiveIdentity; readonly tips: ArchivedTips };
  readonly onEvent: (event: RelayEvent) => void;
  readonly onFatal: (error: unknown) => void;
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
  #archived: {
    readonly identity: ArchiveIdentity;
    readonly tips: Map<JournalKey, { seq: number; hash: string }>;
  };
  #toState = new Set<StoreId>();
  #wantsHqData = false;
  #statusTimer: { cancel(): void } | undefined;

  private constructor(parts: RelayParts, living: LivingIncarnation, caDer: Uint8Array) {
    this.#p = parts;
    this.living = living;
    this.#archived = { identity: parts.archived.identity, tips: new Map(parts.archived.tips) };
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
      transport: parts.transport(living, (ders) => verify(ders).principal),
      targets: parts.targets,
      bars: parts.bars,
      admit: () => true,
      ...(parts.timing ? { timing: parts.timing } : {}),
      ensureRoom: () => undefined,
      witness: { reserve: () => undefined, used: () => undefined },
      hint: (journal) => this.#readSides.get(parseJournalKey(journal).store)?.hint(journal),
      onEntries: (entries) => this.#arrived(entries),
      onRecord: () => undefined,
      release: () => undefined,
      wantsHqData: () => this.#wantsHqData,
      archived: () => this.#word(),
      onContinuedElsewhere: () => undefined,
      onFatal: parts.onFatal,
      onEvent: parts.onEvent,
      onChange: () => this.#changed(),
    });
    this.publisher = new Publisher(this.replica);
    for (const store of parts.stores) this.#openReadSide(store);
  }

  /** Everything on disk is loaded and the network joined when it resolves; the archive catches up in the background. */
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
    void relay.#feedArchive().catch((error: unknown) => parts.onEvent({ kind: 'error', error }));
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

  /** A store that was made while the relay runs. */
  async openStore(store: StoreId): Promise<void> {
    if (this.#readSides.has(store)) return;
    this.#openReadSide(store);
    await this.replica.learnStore(store);
    this.#p.onEvent({ kind: 'storeOpened', store });
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

  /** The archive has taken in more: linked stores hear of it at once, the others by a signed record. */
  archivedMore(identity: ArchiveIdentity, tips: ArchivedTips): void {
    const fresh =
      identity.archive !== this.#archived.identity.archive ||
      identity.generation !== this.#archived.identity.generation;
    this.#archived = { identity, tips: new Map([...(fresh ? [] : this.#archived.tips), ...tips]) };
    for (const journal of tips.keys()) this.#toState.add(parseJournalKey(journal).store);
    this.replica.voice.presence.changed();
    this.#statusTimer ??= this.#p.clock.setTimer(() => {
      this.#statusTimer = undefined;
      void this.#writeStatus().catch((error: unknown) => this.#p.onEvent({ kind: 'error', error }));
    }, statusEveryMs);
    this.#changed();
  }

  /** Feeds everything to the archive again: it holds less than it once confirmed. */
  refeed(): Promise<void> {
    this.#archived = { ...this.#archived, tips: new Map() };
    return this.#feedArchive();
  }

  async stop(): Promise<void> {
    this.#statusTimer?.cancel();
    await this.#writeStatus();
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
    void this.#p.archive.push(entries);
  }

  /** What is on disk beyond the archive's tips. Doing it twice changes nothing in the archive. */
  async #feedArchive(): Promise<void> {
    for (const journal of this.replica.journals.keys()) {
      const tip = this.#archived.tips.get(journal);
      const ours = this.replica.journals.tip(journal);
      // Of a fork the archive may lack a branch below its tip: everything of this journal goes once more.
      const isForked = this.replica.journals.isForked(journal);
      if (tip && tip.hash === ours.hash && !isForked) continue;
      const from = isForked ? 1 : (tip?.seq ?? 0) + 1;
      for (const entries of this.replica.journals.reader.entriesFrom(journal, from)) {
        // History is fed no faster than it is archived.
        await this.#p.archive.push(entries);
      }
    }
  }

  #word(): ArchivedWord | undefined {
    const { identity, tips } = this.#archived;
    const known = Object.fromEntries(tips) as ArchivedWord['tips'];
    return { archive: identity.archive, generation: identity.generation, tips: known };
  }

  async #writeStatus(): Promise<void> {
    const stores = [...this.#toState];
    this.#toState = new Set();
    for (const store of stores) {
      if (store === headOffice || !this.#readSides.has(store)) continue;
      const rule = await this.replica.openRecords(names.status(store));
      const tips = [...this.#archived.tips].filter(
        ([journal]) => parseJournalKey(journal).store === store,
      );
      this.replica.records.append(rule, {
        archive: this.#archived.identity.archive,
        generation: this.#archived.identity.generation,
        tips: Object.fromEntries(tips.map(([journal, { seq, hash }]) => [journal, { seq, hash }])),
      });
    }
    if (stores.length) await this.replica.documents.flush();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
