/**
 * The parts of a replica between disk and mesh, put together without a network, for tests of one part at a time.
 * Used by tests alone.
 */
import { Repo } from '@automerge/automerge-repo';
import * as A from '@automerge/automerge';
import { actorOf, documentIdOf } from '../documents/names.ts';
import { DocumentRegistry, type RecordListRule } from '../documents/registry.ts';
import type { Clock } from '../domain/clock.ts';
import { journalKeyOf, type Principal, type StoreId } from '../domain/ids.ts';
import { HybridClock } from '../journal/hybrid-clock.ts';
import type { CheckedChange } from '../journal/segment-index.ts';
import { DocumentsAdapter } from '../storage/documents-adapter.ts';
import { pathOfKey } from '../storage/storage-key.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { verifyChain } from '../trust/chain.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { sampleNowMs, seededBytes, type SampleCompany } from '../trust/sample-company.ts';
import { Desks } from './desks.ts';
import { Guard } from './guard.ts';
import { JournalFiles } from './journal-files.ts';
import { Journals, type Arrival } from './journals.ts';
import { headOffice, Keyring } from './keyring.ts';
import { OwnJournal } from './own-journal.ts';
import type { ListedRecord } from './list-changes.ts';
import { RecordLists } from './record-lists.ts';
import { RepoDocuments } from './repo-documents.ts';
import { sampleLetter } from './sample-head-office.ts';

/** A clock that stands still until it is moved. */
export class StandingClock implements Clock {
  nowMs = 0;
  readonly timers: { atMs: number; run: () => void }[] = [];
  wallMs(): number {
    return sampleNowMs + this.nowMs;
  }
  monotonicMs(): number {
    return this.nowMs;
  }
  zone(): string {
    return 'UTC';
  }
  setTimer(run: () => void, delayMs: number): { cancel(): void } {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.timers.push(timer);
    return { cancel: () => void this.timers.splice(this.timers.indexOf(timer) >>> 0, 1) };
  }
}

/** Who this replica is. */
export type SampleMe = Pick<NewIncarnation, 'identity' | 'principal' | 'chain' | 'signer'>;

export type SampleReplicaOptions = {
  readonly company: Pick<SampleCompany, 'caDer'>;
  readonly me: SampleMe;
  readonly seed?: number;
  /** That of a process before this one. */
  readonly disk?: FaultyDisk;
};

let made = 0;

export class SampleReplica {
  readonly clock = new StandingClock();
  readonly registry = new DocumentRegistry();
  readonly arrivals: Arrival[] = [];
  readonly told: ListedRecord[] = [];
  readonly invalid: string[] = [];
  /** What the guard was shown of the live journal by somebody else. */
  readonly elsewhere: CheckedChange[] = [];
  readonly disk: FaultyDisk;
  readonly keyring: Keyring;
  readonly journals: Journals;
  readonly repo: Repo;
  readonly documents: RepoDocuments;
  readonly records: RecordLists;
  readonly desks: Desks;
  /** Desks that a member's signed changes would have broken, by the member. */
  readonly broken: Principal[] = [];
  readonly guard: Guard;
  readonly me: SampleMe;
  #own: OwnJournal | undefined;

  constructor({ company, me, seed = ++made, disk }: SampleReplicaOptions) {
    this.me = me;
    this.disk = disk ?? new FaultyDisk(seededRandom(seed));
    this.keyring = new Keyring((ders) => verifyChain(ders, company.caDer));
    const member = this.keyring.learn(me.chain, sampleLetter);
    const isRelay = me.identity.store === headOffice;
    this.registry.learnStore('S01' as StoreId);
    this.journals = new Journals({
      files: new JournalFiles(this.disk, '/data/journals'),
      registry: this.registry,
      writer: (journal) => this.keyring.writer(journal),
      onArrival: (arrival) => this.arrivals.push(arrival),
      onDamaged: (rule, error) => {
        throw new Error(`${rule.name} is damaged`, { cause: error });
      },
    });
    this.repo = new Repo({
      network: [],
      storage: new DocumentsAdapter(this.disk, '/data/documents', {
        segments: { owns: () => false, read: () => undefined },
        genesis: (id) => this.registry.rule(id)?.genesis.bytes,
        onProblem: (problem) => {
          throw new Error(JSON.stringify(problem));
        },
      }),
    });
    this.documents = new RepoDocuments(
      this.repo,
      actorOf(me.principal, seededBytes(`actor ${seed}`)(8)),
    );
    this.records = new RecordLists({
      documents: this.documents,
      keyring: this.keyring,
      me: () => ({ member, sign: me.signer }),
      onRecord: (record) => this.told.push(record),
      onInvalid: (rule, error) => this.invalid.push(`${rule.name}: ${error.message}`),
    });
    this.desks = new Desks({
      documents: this.documents,
      registry: this.registry,
      keyring: this.keyring,
      me: { member, sign: me.signer },
      clock: this.clock,
      hybridClock: new HybridClock(this.clock),
      random: seededBytes(`desks ${seed}`),
      isStored: ({ id }) => this.disk.stat(pathOfKey('/data/documents', [id])) !== undefined,
      onChange: () => undefined,
      onUnreadable: (rule, problem) => this.invalid.push(`${rule.name}: ${problem}`),
      onBroken: (writer) => this.broken.push(writer),
      onError: (error) => {
        throw error;
      },
    });
    this.guard = new Guard({
      registry: this.registry,
      journals: this.journals,
      records: this.records,
      desks: this.desks,
      keyring: this.keyring,
      live: isRelay ? undefined : journalKeyOf(me.identity),
      onContinuedElsewhere: (changes) => this.elsewhere.push(...changes),
    });
  }

  /** The own journal, begun at the first look. */
  get own(): OwnJournal {
    this.#own ??= new OwnJournal({
      identity: this.me.identity,
      journals: this.journals,
      registry: this.registry,
      sign: this.me.signer,
      hybridClock: new HybridClock(this.clock),
      clock: this.clock,
      random: seededBytes(`own ${this.me.principal} ${++made}`),
      ensureRoom: () => undefined,
      witness: { reserve: () => undefined, used: () => undefined },
    });
    return this.#own;
  }

  /** Learns another incarnation and its journal, as from the roster. */
  meet(other: Pick<NewIncarnation, 'identity' | 'chain'>): void {
    this.keyring.learn(other.chain, sampleLetter);
    this.registry.learnJournal(journalKeyOf(other.identity), 0);
  }

  list(name: string): RecordListRule {
    const rule = this.registry.rule(documentIdOf(name));
    if (rule?.kind !== 'records') throw new Error(`${name} is no list here`);
    return rule;
  }

  async openList(name: string): Promise<RecordListRule> {
    const rule = this.list(name);
    await this.records.open(rule);
    return rule;
  }

  /** Merges changes into a document as the repo does after the guard let them pass. */
  async merge(name: string, changes: readonly Uint8Array[]): Promise<void> {
    const rule = this.registry.rule(documentIdOf(name));
    if (!rule) throw new Error(`${name} is not known here`);
    const handle = await this.documents.open(rule);
    handle.update((doc) => A.applyChanges(doc, [...changes])[0]);
  }
}

/** A sync message that carries these changes. */
export const syncMessage = (changes: readonly Uint8Array[]): Uint8Array =>
  A.encodeSyncMessage({ heads: [], need: [], have: [], changes: [...changes] });
