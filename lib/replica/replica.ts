/**
 * One replica of the network, register or relay: puts repo, journals, guard, mesh and records together and starts them
 * in the one order in which nothing unverified can enter. What entries mean is not decided here.
 */
import { Repo, type DocumentId, type Message, type PeerId } from '@automerge/automerge-repo';
import { actorOf, names, documentIdOf } from '../documents/names.ts';
import { DocumentRegistry, type JournalRule, type RecordListRule } from '../documents/registry.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { journalKeyOf, type JournalKey, type Principal, type StoreId } from '../domain/ids.ts';
import { toHex } from '../journal/bytes.ts';
import type { Signer } from '../journal/envelope.ts';
import { HybridClock } from '../journal/hybrid-clock.ts';
import { FalsePlace } from '../journal/segment-index.ts';
import { MeshAdapter } from '../mesh/mesh-adapter.ts';
import type { MeshEvent } from '../mesh/mesh-events.ts';
import { plainOnly } from '../mesh/plain-only.ts';
import type { OwnMessage, RepoFrame } from '../mesh/protocol.ts';
import { isThere } from '../storage/disk-errors.ts';
import { pathOfKey } from '../storage/storage-key.ts';
import { CatchUp } from './catch-up.ts';
import { Desks } from './desks.ts';
import { Disputes } from './disputes.ts';
import { DocumentFollower } from './document-follower.ts';
import { Doubles } from './doubles.ts';
import { Guard } from './guard.ts';
import { Journals, type Arrival } from './journals.ts';
import { headOffice, Keyring, type Member } from './keyring.ts';
import { NetworkVoice, voiceTiming } from './network-voice.ts';
import { OwnJournal } from './own-journal.ts';
import type { ListedRecord } from './list-changes.ts';
import { RecordLists } from './record-lists.ts';
import type { ReplicaOptions } from './replica-options.ts';
import { Revocations } from './revocations.ts';
import { ReplicaStorage } from './replica-storage.ts';
import { RepoDocuments } from './repo-documents.ts';
import type { JournalTip } from './segments.ts';

export class Replica {
  readonly registry = new DocumentRegistry();
  readonly journals: Journals;
  readonly keyring: Keyring;
  readonly records: RecordLists;
  /** A till's; a relay admits none. */
  readonly desks: Desks;
  readonly repo: Repo;
  readonly documents: RepoDocuments;
  readonly mesh: MeshAdapter;
  readonly hybridClock: HybridClock;
  readonly revocations: Revocations;
  readonly doubles = new Doubles();
  readonly me: Member;
  readonly isRelay: boolean;
  readonly #o: ReplicaOptions;
  readonly #storage: ReplicaStorage;
  readonly #guard: Guard;
  readonly #catchUp: CatchUp;
  readonly voice: NetworkVoice;
  readonly #follower: DocumentFollower;
  readonly #opened = new Set<StoreId>();
  readonly #forksTold = new Set<JournalKey>();
  readonly #disputes: Disputes;
  #own: OwnJournal | undefined;

  constructor(options: ReplicaOptions) {
    this.#o = options;
    this.keyring = new Keyring(options.verifyChain);
    this.me = this.keyring.learn(options.self.chain, options.self.letter);
    this.isRelay = this.me.identity.store === headOffice;
    this.hybridClock = new HybridClock(options.clock);
    this.#storage = new ReplicaStorage({
      ...options,
      registry: this.registry,
      bytes: (rule) => this.journals.bytes(rule),
    });
    this.journals = new Journals({
      files: this.#storage.files,
      registry: this.registry,
      writer: (journal) => this.keyring.writer(journal),
      onArrival: (arrival) => this.#arrived(arrival),
      onDamaged: (rule, error) => this.#damaged(rule, error),
    });
    const access = (peer: PeerId, id?: DocumentId) => Promise.resolve(this.#mayShare(peer, id));
    const announce = (peer: PeerId, id?: DocumentId) =>
      Promise.resolve(this.#mayShare(peer, id) && !this.#isQuiet(id));
    this.repo = new Repo({
      peerId: this.me.principal as string as PeerId,
      storage: this.#storage.adapter,
      network: [],
      shareConfig: { announce, access },
      enableRemoteHeadsGossiping: false,
      // Peers keep no sync state of us on disk: it would cost an fsync per message, and a lost tail could hide behind it.
      isEphemeral: true,
    });
    this.documents = new RepoDocuments(this.repo, actorOf(this.me.principal, options.random(8)));
    this.#disputes = new Disputes({
      documents: this.documents,
      journals: this.journals,
      registry: this.registry,
      clock: options.clock,
      onShared: () => this.repo.shareConfigChanged(),
      onError: (error) => options.onEvent({ kind: 'fault', error }),
    });
    this.#follower = new DocumentFollower({
      documents: this.documents,
      journals: this.journals,
      registry: this.registry,
      clock: options.clock,
      onError: (error) => options.onEvent({ kind: 'fault', error }),
    });
    this.records = new RecordLists({
      documents: this.documents,
      keyring: this.keyring,
      me: () => ({ member: this.me, sign: options.self.sign }),
      onRecord: (record) => this.#record(record),
      onInvalid: (rule, error) =>
        options.onEvent({ kind: 'invalidRecord', list: rule.name, detail: error.message }),
    });
    this.revocations = new Revocations({
      me: this.me,
      keyring: this.keyring,
      records: this.records,
      registry: this.registry,
      documents: this.documents,
      onChange: (revoked) => this.#obey(revoked),
      onStored: options.onRevoked,
      onEvent: options.onEvent,
    });
    this.desks = this.#makeDesks();
    this.#guard = new Guard({
      registry: this.registry,
      journals: this.journals,
      records: this.records,
      desks: this.desks,
      keyring: this.keyring,
      live: this.isRelay ? undefined : journalKeyOf(this.me.identity),
      onContinuedElsewhere: options.onContinuedElsewhere,
    });
    const instance = toHex(options.random(8));
    this.mesh = new MeshAdapter({
      transport: options.transport,
      clock: options.clock,
      random: () => unit(options.random(4)),
      instance,
      inspect: (message, from) => this.#inspect(message, from),
      prepare: plainOnly,
      onOwn: (message, from) => this.#ownMessage(message, from),
      admit: options.admit,
      revocationOf: (peer) => this.revocations.refusalOf(peer),
      targets: options.targets,
      bars: options.bars,
      onEvent: (event) => this.#meshEvent(event),
      ...(options.timing ? { timing: options.timing } : {}),
    });
    this.#catchUp = new CatchUp({
      journals: this.journals,
      registry: this.registry,
      clock: options.clock,
      send: (to, contents) => this.mesh.sendOwn(to, contents),
      peers: () => this.mesh.peers,
      mayShare: (peer, journal) => this.#mayHave(peer, journal),
      receive: (push, from) => this.#receivePush(push, from),
      onForked: (journal, segment, by) => this.#disputes.claim(journal, segment, by),
    });
    this.voice = new NetworkVoice({
      journals: this.journals,
      clock: options.clock,
      version: options.version,
      instance,
      onClockOffset: (peer, offsetMs) => options.onEvent({ kind: 'clockOffset', peer, offsetMs }),
      ...(options.onClock ? { onClock: options.onClock } : {}),
      roundTripMs: (peer) => this.mesh.roundTripMs(peer),
      release: options.release,
      archived: options.archived ?? (() => undefined),
      send: (to, contents) => this.mesh.sendOwn(to, contents),
      peers: () => this.mesh.peers,
      mayHave: (peer, journal) => this.#mayHave(peer, journal),
      reset: (peer, journal) => this.mesh.reset(peer, `no progress on ${journal}`),
      timing: { ...voiceTiming, ...options.voiceTiming },
    });
  }

  /** Reads the disk; when it resolves the own journal can be written and nothing has been heard of the network yet. */
  async load(): Promise<void> {
    this.#storage.files.begin();
    await this.openRecords(names.releases());
    for (const store of this.#o.stores) await this.#openRoster(store);
    this.journals.start(this.#o.hint);
    this.#learnJournals();
    this.#setClock();
    if (this.isRelay) return;
    this.desks.keepUp();
    const own = new OwnJournal({
      identity: this.me.identity,
      journals: this.journals,
      registry: this.registry,
      sign: this.#o.self.sign,
      hybridClock: this.hybridClock,
      clock: this.#o.clock,
      random: this.#o.random,
      ensureRoom: this.#o.ensureRoom,
      witness: this.#o.witness,
    });
    this.#own = own;
  }

  #makeDesks(): Desks {
    const { disk, directory, clock, random, onChange, onEvent, self } = this.#o;
    return new Desks({
      documents: this.documents,
      registry: this.registry,
      keyring: this.keyring,
      me: { member: this.me, sign: self.sign },
      clock,
      hybridClock: this.hybridClock,
      random,
      isStored: ({ id }) => isThere(disk, pathOfKey(`${directory}/documents`, [id])),
      onChange,
      onUnreadable: (rule, problem) =>
        onEvent({ kind: 'invalidRecord', list: rule.name, detail: problem }),
      onBroken: (writer, rule, detail) =>
        this.mesh.accuse(writer, 'CHANGE_NOT_CANONICAL', detail, rule.id),
      onError: (error) => onEvent({ kind: 'fault', error }),
    });
  }

  /** Joins the network; everything that is shared is open when it resolves. Selling need not wait for it. */
  async connect(): Promise<void> {
    this.repo.networkSubsystem.addNetworkAdapter(this.mesh);
    for (const store of this.#o.stores) await this.#openStore(store);
    for (const journal of this.journals.keys())
      if (this.journals.isForked(journal)) this.#disputes.settle(journal);
  }

  get own(): OwnJournal {
    if (!this.#own) throw new TillmeshError('INVARIANT', 'a relay has no journal of its own here');
    return this.#own;
  }

  /** A store that this replica was not told of at the start (relays). */
  async learnStore(store: StoreId): Promise<void> {
    await this.#openRoster(store);
    this.#learnJournals();
    await this.#openStore(store);
    this.#catchUp.onRoster();
  }

  /** Asks the peers for HQ's documents that are open, now that they are wanted. */
  askForHqData(): void {
    this.repo.shareConfigChanged();
  }

  async openRecords(name: string): Promise<RecordListRule> {
    const rule = this.registry.rule(documentIdOf(name));
    if (rule?.kind !== 'records')
      throw new TillmeshError('INVARIANT', `${name} is not a list of records`);
    await this.records.open(rule);
    return rule;
  }

  /** Signs as this incarnation. */
  get sign(): Signer {
    return this.#o.self.sign;
  }

  /** What presence says of us. */
  tips(): Map<JournalKey, JournalTip> {
    return this.journals.tips();
  }

  async stop(): Promise<void> {
    this.voice.stop();
    this.mesh.disconnect();
    this.#disputes.stop();
    this.#follower.stop();
    await this.documents.flush();
    // The next life listens on the same port.
    await this.mesh.whenStopped();
    await this.#storage.adapter.idle();
    this.#storage.end();
  }

  // ---- Arrivals

  #arrived(arrival: Arrival): void {
    const { rule, entries, changes } = arrival;
    const isOwn = rule.journal === this.#own?.key;
    for (const { entry, journal } of isOwn ? [] : entries)
      if (!this.hybridClock.observe(entry.at))
        this.#o.onEvent({ kind: 'clockTooFar', journal, at: entry.at });
    // Peers first: they can work while we fold. It is on our disk already.
    if (isOwn) this.#catchUp.spread(arrival);
    else this.voice.stored(rule.journal);
    this.voice.presence.changed();
    if (this.journals.isForked(rule.journal) && !this.#forksTold.has(rule.journal)) {
      this.#forksTold.add(rule.journal);
      this.#o.onEvent({ kind: 'forked', journal: rule.journal });
    }
    if (this.journals.isForked(rule.journal)) this.#disputes.settle(rule.journal);
    this.#o.onEntries(entries);
    // Automerge may hold a twin among what it waits with; without it, it begins again.
    if (this.journals.hasTwins(rule))
      this.documents.reload(rule.id, () => this.journals.bytes(rule));
    else this.#follower.follow(rule, changes);
    this.#o.onChange();
  }

  /** The own entries go on above what was seen before the start, within the bound. */
  #setClock(): void {
    for (const journal of this.journals.keys()) {
      const at = this.journals.reader.lastAt(journal);
      if (at === undefined) continue;
      // The own one resumes above its own last value in any case: see `OwnJournal`.
      this.hybridClock.observe(at);
    }
  }

  // ---- From the mesh

  #inspect(message: RepoFrame, from: Principal): Message | 'unavailable' {
    return this.#blaming(from, () => this.#guard.inspect(message as Message, from));
  }

  #receivePush(
    push: { journal: JournalKey; segment: number; changes: Uint8Array[] },
    from: Principal,
  ) {
    const rule = this.registry.journalRule(push.journal, push.segment);
    if (!rule || !this.keyring.writer(push.journal)) return { accepted: 0, orphans: 0 };
    return this.#blaming(from, () => this.#guard.journalChanges(rule, push.changes, from));
  }

  /** Puts a fault where it belongs: an orphan's sender is not the one who brought what unmasked it. */
  #blaming<Result>(from: Principal, run: () => Result): Result {
    // Ends: each round forgets what one of the liars left waiting.
    for (;;) {
      try {
        return run();
      } catch (error) {
        if (error instanceof FalsePlace && error.culprit !== from) {
          const culprit = error.culprit as Principal;
          this.mesh.accuse(culprit, error.code, error.detail);
          this.#forgetOrphansOf(culprit);
          continue;
        }
        if (isTillmeshError(error, 'DISK_FAILED')) this.#o.onFatal(error);
        throw error;
      }
    }
  }

  /** Nothing that a hostile peer left waiting may be taken in later, neither by the journals nor by Automerge. */
  #forgetOrphansOf(peer: Principal): void {
    this.desks.forgetOrphansOf(peer);
    for (const rule of this.journals.forgetOrphansOf(peer))
      this.documents.reload(rule.id, () => this.journals.bytes(rule));
  }

  #ownMessage(message: OwnMessage, from: Principal): void {
    if (message.type === 'tillmesh/push') this.#catchUp.onPush(message, from);
    else if (message.type === 'tillmesh/want') this.#catchUp.onWant(message, from);
    else if (message.type === 'tillmesh/notices') this.revocations.told(message);
    else {
      // A till that nobody sells at admits tomorrow's desk too.
      if (!this.isRelay) this.desks.keepUp();
      this.voice.heard(message, from);
      // What was heard may have ended the link (the watchdog): its word is void then.
      if (message.type === 'tillmesh/presence' && this.mesh.peers.includes(from))
        this.#catchUp.onPresence(message, from);
      this.#o.onChange();
    }
  }

  #meshEvent(event: MeshEvent): void {
    this.#o.onEvent(event);
    if (event.kind === 'hostile') this.#forgetOrphansOf(event.peer);
    if (event.kind === 'doubleIdentity' && event.peer === this.me.principal)
      // Whoever answers under my own name has my key: a copy of this till is awake, and both of us would write on.
      this.#o.onContinuedElsewhere([]);
    if (event.kind === 'refused' && event.why === 'revoked') this.voice.revoked(event.peer);
    // Every page warns of these.
    if (['hostile', 'doubleIdentity', 'turnedAway'].includes(event.kind)) this.#o.onChange();
    if (event.kind === 'linked') this.voice.linked(event.peer);
    else if (event.kind === 'unlinked') {
      this.voice.unlinked(event.peer);
      this.#catchUp.onUnlinked(event.peer);
    } else return;
    this.#o.onChange();
  }

  #mayShare(peer: PeerId, id: DocumentId | undefined): boolean {
    const rule = id && this.registry.rule(id);
    return rule !== undefined && this.#guard.mayShare(peer as string as Principal, rule);
  }

  /**
   * Documents that nobody is told of unasked. Journals go from file to file to whoever is behind, unless they were forked.
   * HQ's maps are spoken of by a till that knows of a release it lacks, and need not be loaded at every link.
   */
  #isQuiet(id: DocumentId | undefined): boolean {
    const rule = id && this.registry.rule(id);
    if (rule?.kind === 'hq') return !this.#o.wantsHqData();
    if (rule?.kind !== 'journal') return false;
    return !this.#disputes.has(rule.journal);
  }

  #mayHave(peer: Principal, journal: JournalKey): boolean {
    // Asked for every tip that a peer makes up: a look into a map before any hash.
    if (!this.registry.knowsJournal(journal)) return false;
    const rule = this.registry.journalRule(journal, 1);
    return rule !== undefined && this.#guard.mayShare(peer, rule);
  }

  // ---- Records and journals

  /** And the notices: whoever was revoked must not be linked before they were read. */
  async #openRoster(store: StoreId): Promise<void> {
    this.registry.learnStore(store);
    const roster = await this.openRecords(names.roster(store));
    if (!this.records.records(roster).some(({ by }) => by.principal === this.me.principal))
      this.records.append(roster, {});
    await this.openRecords(names.notices(store));
  }

  async #openStore(store: StoreId): Promise<void> {
    if (this.#opened.has(store)) return;
    this.#opened.add(store);
    await this.openRecords(names.status(store));
  }

  #record(record: ListedRecord): void {
    if (record.rule.list === 'roster') {
      this.#learnJournals();
      this.#catchUp?.onRoster();
    }
    this.revocations.learn(record);
    this.doubles.learn(record);
    this.#o.onRecord(record);
    this.#o.onChange();
  }

  /** Ends their links, and what they said of their disks is no copy any more. */
  #obey(revoked: readonly Principal[]): void {
    for (const peer of revoked) {
      this.voice.revoked(peer);
      this.#pardon(peer);
    }
    // Not in the middle of the repo's own work with the message that brought it.
    queueMicrotask(() => this.mesh.readmit());
  }

  /** A bar is for all terminals of its name: the replacement of a revoked one must not stay out for what that one did. */
  #pardon(revoked: Principal): void {
    if (!this.mesh.barred.some(({ peer }) => peer === revoked)) return;
    try {
      this.mesh.pardon(revoked);
    } catch (error) {
      // A disk that refuses keeps the bar: what was revoked is out in any case.
      this.#o.onEvent({ kind: 'fault', error });
    }
  }

  /** Every till of the roster has a journal in its store. */
  #learnJournals(): void {
    for (const { identity } of this.keyring.members())
      if (this.registry.stores.has(identity.store)) {
        const key = journalKeyOf(identity);
        this.registry.learnJournal(key, this.journals.tip(key).segment);
      }
  }

  #damaged(rule: JournalRule, error: TillmeshError): void {
    const isOwn = rule.journal === journalKeyOf(this.me.identity);
    // Numbers that were used are not here any more: this life is over before anything else is asked of it.
    if (isOwn) this.#own?.end();
    this.#storage.setAside(rule, error);
    if (!isOwn) return;
    this.#o.onOwnDamaged?.();
    throw error;
  }
}

/** Four random bytes as 0 ≤ x < 1. */
function unit(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) / 2 ** 32;
}
