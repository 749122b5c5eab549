/**
 * A register: one life of a terminal after the other, the commands that a screen may give it, and what it shows.
 * Everything that it needs of the world is passed in, so that a whole shop runs in one simulated process.
 */
import { isActType, type ActBodies, type ActType } from '../domain/acts.ts';
import { parseCommand } from '../domain/commands.ts';
import { decide, type DecisionState } from '../domain/decide.ts';
import type { Approvals, Recorded } from '../domain/decision.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { Finding } from '../domain/findings.ts';
import { journalKeyOf, parseJournalKey, terminalNameOf, type EntryHash } from '../domain/ids.ts';
import { refusal } from '../domain/refusals.ts';
import type { Revocation } from '../domain/revocation.ts';
import { entryNumber, rootOf } from '../domain/series.ts';
import { toBase64Url } from '../journal/bytes.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { ReleasesHere } from '../domain/releases.ts';
import { HqData } from '../replica/hq-data.ts';
import { InventoryPeriods } from '../replica/inventory-periods.ts';
import type { Member } from '../replica/keyring.ts';
import { ReadSide } from '../replica/read-side.ts';
import { Replica } from '../replica/replica.ts';
import type { ReplicaEvent } from '../replica/replica-options.ts';
import { Reserve } from '../storage/reserve.ts';
import { Witness } from '../storage/witness.ts';
import { ChainCache } from '../trust/chain-cache.ts';
import type { LivingIncarnation } from '../trust/identity-store.ts';
import { BusinessDay } from './business-day.ts';
import { ClockWatch } from './clock-watch.ts';
import { DayBefore } from './day-before.ts';
import { decisionView } from './decision-view.ts';
import { begunBecause, openIncarnation, type BeginReason } from '../replica/incarnation.ts';
import { numbersFit } from './numbers-fit.ts';
import { Observations, type FindingsLook } from './observations.ts';
import type { Executed, RegisterParts } from './register-parts.ts';
import { StoreOrg } from './store-org.ts';

/** One life: everything that ends and begins together when an incarnation does. */
type Life = {
  readonly living: LivingIncarnation;
  readonly replica: Replica;
  readonly readSide: ReadSide;
  readonly hq: HqData;
  readonly day: BusinessDay;
  readonly observations: Observations;
  readonly clockWatch: ClockWatch;
  readonly periods: InventoryPeriods;
};

/** What a full disk refused is tried again this much later. */
const releaseRetryMs = 30_000;

/** Also one that ends before it has begun: it has no periods yet. */
async function endLife({
  periods,
  clockWatch,
  replica,
  readSide,
}: Pick<Life, 'replica' | 'readSide'> &
  Partial<Pick<Life, 'periods' | 'clockWatch'>>): Promise<void> {
  clockWatch?.stop();
  await periods?.stop();
  await replica.stop();
  readSide.close();
}

/** A document has its own; an act is named by its place in the journal. */
const numberOf = (
  { type, body }: Recorded,
  { identity, letter }: LivingIncarnation,
  seq: number,
): string =>
  !isActType(type) && 'number' in body ? body.number : entryNumber({ ...identity, letter }, seq);

export class Register {
  readonly #p: RegisterParts;
  readonly org: StoreOrg;
  readonly #listeners = new Set<() => void>();
  #life: Life | undefined;
  #turn: Promise<void> = Promise.resolve();
  /** What was noticed between two lives, for the next one to say. */
  #unsaid: ReplicaEvent[] = [];
  #stopped = false;
  #retry: { cancel(): void } | undefined;

  private constructor(parts: RegisterParts, org: StoreOrg) {
    this.#p = parts;
    this.org = org;
  }

  /** Ready to sell when it resolves; the network is joined in the background. */
  static async open(parts: RegisterParts): Promise<Register> {
    const enrolled = parts.identity.enrolled();
    if (!enrolled) throw new TillmeshError('NOT_ENROLLED');
    const register = new Register(parts, new StoreOrg(enrolled.store));
    await register.#begin();
    return register;
  }

  get replica(): Replica {
    return this.#alive.replica;
  }
  get models() {
    return this.#alive.readSide.models;
  }
  get living(): LivingIncarnation {
    return this.#alive.living;
  }
  get businessDay(): string {
    return this.#alive.day.current;
  }
  get release(): number {
    return this.#alive.hq.release;
  }
  /** A newer release than the one in force is known, and not all of it is here. */
  get awaitsRelease(): boolean {
    return this.#alive.hq.isWaiting;
  }
  /** How many documents of the newest release are here. */
  get releaseParts(): { readonly here: number; readonly all: number } {
    return this.#alive.hq.parts;
  }

  /** For people: the release in force, and what keeps a newer one from it. */
  get releases(): ReleasesHere {
    return this.#alive.hq.view;
  }

  /** Head office has revoked this till: it shows what it has, and records nothing more. */
  get revocation(): Revocation | undefined {
    return this.#alive.replica.revocations.own;
  }

  /** What a command would be decided by now. */
  get decisionState(): DecisionState {
    const { replica, readSide, day } = this.#alive;
    return decisionView({ replica, models: readSide.models, org: this.org, day });
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Carries out a command from outside. A fault (full disk, failed disk) is thrown; nothing was recorded then. */
  execute(given: unknown, approvals: Approvals = []): Executed {
    const started = this.#p.clock.monotonicMs();
    const parsed = parseCommand(given);
    if (!parsed.ok) return { outcome: 'invalid', problems: parsed.problems };
    const { command } = parsed;
    const { replica, readSide, clockWatch } = this.#alive;
    clockWatch.look();
    const decision = decide(this.decisionState, command, approvals);
    // A command that was done before is answered as it was: the sale stands.
    if (this.revocation && decision.kind !== 'repeated')
      return { outcome: 'refused', ...refusal('TERMINAL_REVOKED') };
    if (decision.kind === 'refused') return { outcome: 'refused', ...decision.refusal };
    const journal = replica.own.key;
    if (decision.kind === 'repeated') {
      const before = readSide.models.commandSeen(command.command);
      if (!before) throw new TillmeshError('INVARIANT', `document ${decision.number}`);
      const { number, seq } = before;
      return {
        outcome: 'repeated',
        number,
        journal: before.journal,
        seq,
        hash: before.hash as EntryHash,
        ackMs: this.#since(started),
      };
    }
    const read = this.#append(replica, {
      type: decision.type,
      body: decision.body,
      command: command.command,
      by: command.by,
    });
    return {
      outcome: 'done',
      number: numberOf(decision, this.living, read.entry.seq),
      journal,
      seq: read.entry.seq,
      hash: read.hash,
      ackMs: this.#since(started),
    };
  }

  /**
   * An act that no command asked for. A fault is told and hides nothing of what was asked for; a till that is revoked,
   * or between two lives, records none.
   */
  note<Type extends ActType>(type: Type, body: ActBodies[Type], by: string): void {
    const replica = this.#life?.replica;
    if (!replica || this.#stopped || replica.revocations.own) return;
    try {
      const command = `noted-${toBase64Url(this.#p.random(16))}`;
      this.#append(replica, { type, body, command, by });
    } catch (error) {
      this.#p.onEvent({ kind: 'error', error });
    }
  }

  /** A person lets a terminal in again that was barred: recorded first, and then done. False where it is not barred. */
  pardon(terminal: string, by: string): boolean {
    const { replica, observations } = this.#alive;
    const bar = replica.mesh.barred.find(({ peer }) => terminalNameOf(peer) === terminal);
    if (!bar) return false;
    if (this.revocation) throw new TillmeshError('TERMINAL_REVOKED');
    this.#append(replica, { ...observations.pardoned(terminal, bar.code), by });
    replica.mesh.pardon(bar.peer);
    this.#changed();
    return true;
  }

  /** What this till found wrong with its own files, as an entry; a revoked one says nothing more. Throws as `execute` does. */
  observe(finding: Finding): void {
    if (!this.revocation) this.#alive.observations.tampering(finding);
  }

  /** A person has looked at these findings. */
  findingsChecked(seen: readonly Finding[], look: FindingsLook, by: string): void {
    const { replica, observations } = this.#alive;
    if (this.revocation) return;
    this.#append(replica, { ...observations.tamperingChecked(seen, look), by });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#retry?.cancel();
    await this.#turn;
    const life = this.#life;
    this.#life = undefined;
    if (life) await endLife(life);
  }

  get #alive(): Life {
    if (!this.#life) throw new TillmeshError('BEGINNING_ANEW');
    return this.#life;
  }

  #since(started: number): number {
    return this.#p.clock.monotonicMs() - started;
  }

  #append(
    replica: Replica,
    draft: { type: string; body: object; command: string; by: string },
  ): VerifiedEntry {
    try {
      return replica.own.append(draft);
    } catch (error) {
      if (isTillmeshError(error, 'DISK_FAILED')) this.#p.onFatal(error);
      throw error;
    }
  }

  /** Begins a life; another one where the witness or the journal says that this one cannot go on. */
  async #begin(reason?: BeginReason): Promise<void> {
    const parts = {
      identity: this.#p.identity,
      machine: this.#p.machine(),
      random: this.#p.random,
      wallMs: () => this.#p.clock.wallMs(),
    };
    const living = await openIncarnation(parts, reason);
    const witness = this.#witnessOf(living);
    const key = journalKeyOf(living.identity);
    const readSide = new ReadSide({
      file: this.#p.projections,
      store: living.identity.store,
      own: key,
      revoked: () => replica.revocations.journals(living.identity.store),
      onFolded: () => this.#changed(),
      onRebuilt: () => void this.#life?.hq.reapply(),
      onGone: (gone) => this.#p.onEvent(gone),
      onError: (error) => this.#p.onEvent({ kind: 'error', error }),
    });
    const replica = this.#makeReplica(living, witness, readSide);
    const before = new DayBefore();
    const day = new BusinessDay(this.#p.clock, () => before.of(replica));
    let isBehind: boolean;
    let lastWallMs: number | undefined;
    try {
      await replica.load();
      isBehind = this.#isBehind(replica, readSide, witness);
      if (isBehind) this.#tellGone(replica, readSide, witness);
      readSide.catchUp(replica.journals);
      if (
        !isBehind &&
        !numbersFit(replica.journals.reader.entriesBackwards(key), readSide.models)
      ) {
        this.#p.onEvent({ kind: 'numbersSetBack' });
        readSide.rebuild(replica.journals);
      }
      day.begin(replica.journals.reader.entriesBackwards(key));
      const [last] = replica.journals.reader.entriesBackwards(key);
      lastWallMs = last?.entry.wall;
    } catch (error) {
      await endLife({ replica, readSide });
      if (!isTillmeshError(error, 'FILE_DAMAGED') || reason !== undefined) throw error;
      // The own journal cannot be trusted any more: it comes back from peers, and a new one begins.
      witness.end();
      return this.#begin('restored');
    }
    if (isBehind) {
      await endLife({ replica, readSide });
      witness.end();
      return this.#begin('restored');
    }
    if (replica.keyring.members().some((member) => this.#isTwin(member, { living }))) {
      await endLife({ replica, readSide });
      witness.end();
      return this.#begin('forked');
    }
    if (replica.own.tip.seq === 0) {
      const [before] = this.#p.identity.past().slice(-1);
      this.#p.identity.markSpoken(living.incarnation);
      this.#announce(replica, living, before?.incarnation);
    }
    const hq = this.#makeHq(replica, readSide);
    const observations = new Observations({
      incarnation: living.incarnation,
      clock: this.#p.clock,
      forkOf: (journal) => replica.journals.reader.forkOf(journal),
      lastSeq: (journal) => replica.journals.tip(journal).seq,
      clockWords: readSide.models.clockWordsOf(terminalNameOf(living.principal)),
      append: (draft) => this.#append(replica, { ...draft, by: 'system' }),
    });
    const periods = new InventoryPeriods({
      journal: key,
      journals: replica.journals,
      records: replica.records,
      open: (name) => replica.openRecords(name),
      onError: (error) => this.#p.onEvent({ kind: 'error', error }),
    });
    const clockWatch = new ClockWatch(this.#p.clock, (step) =>
      this.note('ClockChanged', step, 'system'),
    );
    this.#life = { living, replica, readSide, hq, day, observations, clockWatch, periods };
    clockWatch.begin(lastWallMs);
    for (const event of this.#unsaid.splice(0)) this.#notice(event);
    await hq.refresh();
    void replica.connect().catch((error: unknown) => this.#p.onEvent({ kind: 'error', error }));
    periods.begin(this.#p.clock);
    this.#changed();
  }

  #witnessOf({ incarnation }: LivingIncarnation): Witness {
    return Witness.open(this.#p.disk, this.#p.witnessDirectory, incarnation, {
      onProblem: (error) => this.#p.onEvent({ kind: 'error', error }),
    });
  }

  /**
   * Numbers beyond what is here without a gap have been used: by the word of later segments, of the witness, of the read
   * models (before they forget it), or of the mark that the first entry left.
   */
  #isBehind({ journals, own }: Replica, readSide: ReadSide, witness: Witness): boolean {
    const { seq } = own.tip;
    return (
      !journals.isWhole(own.key) ||
      (readSide.hint(own.key)?.seq ?? 0) > seq ||
      witness.check(seq) === 'behind' ||
      (seq === 0 && this.#p.identity.hasSpoken(parseJournalKey(own.key).incarnation))
    );
  }

  /**
   * Another device's life under the letter that head office gave this one: a copy, image and all, from before the first life.
   * Both would give the same numbers. Letters of a till's own are left out: a thief's key could claim one after the other.
   */
  #isTwin({ identity, letter }: Member, { living: own }: Pick<Life, 'living'>): boolean {
    if (letter !== own.letter || rootOf(letter) !== letter) return false;
    const { store, terminal, incarnation } = own.identity;
    if (identity.store !== store || identity.terminal !== terminal) return false;
    const mine = [incarnation, ...this.#p.identity.past().map((life) => life.incarnation)];
    return !mine.includes(identity.incarnation);
  }

  /** How much of the own journal was used and is not here, as far as anybody knows. */
  #tellGone({ own, journals }: Replica, readSide: ReadSide, witness: Witness): void {
    const { seq } = own.tip;
    const lastSeq = Math.max(seq + 1, readSide.hint(own.key)?.seq ?? 0, witness.last);
    // A life that was ended here leaves no number in its witness that would say how far it came.
    if (journals.isWhole(own.key) && seq === 0 && lastSeq === 1) return;
    this.#p.onEvent({ kind: 'entriesGone', journal: own.key, seq: seq + 1, lastSeq });
  }

  #makeReplica(living: LivingIncarnation, witness: Witness, readSide: ReadSide): Replica {
    const { caDer } = this.#p.identity.enrolled() ?? {};
    if (!caDer) throw new TillmeshError('NOT_ENROLLED');
    const chains = new ChainCache(caDer);
    const verify = (ders: readonly Uint8Array[]) => chains.verify(ders);
    const reserve = Reserve.open(this.#p.disk, `${this.#p.directory}/reserve`);
    return new Replica({
      disk: this.#p.disk,
      directory: this.#p.directory,
      clock: this.#p.clock,
      random: this.#p.random,
      self: { chain: living.chain, letter: living.letter, sign: living.signer },
      verifyChain: verify,
      stores: [living.identity.store],
      version: this.#p.version,
      transport: this.#p.transport(living, verify),
      targets: this.#p.targets,
      bars: this.#p.bars,
      admit: () => true,
      ...(this.#p.timing ? { timing: this.#p.timing } : {}),
      ensureRoom: (bytes, purpose) => reserve.ensureRoom(bytes, purpose),
      witness: { reserve: (seq) => witness.reserve(seq), used: (seq) => witness.used(seq) },
      hint: (journal) => readSide.hint(journal),
      onEntries: (entries) => {
        this.#follow(entries);
        readSide.queue(entries);
      },
      onRecord: (record) => {
        if (record.rule.list === 'releases') void this.#life?.hq.refresh();
        if (record.rule.list === 'roster' && this.#life && this.#isTwin(record.by, this.#life))
          this.#beginAnew('forked');
      },
      onRevoked: () => {
        readSide.revocationsChanged();
        this.#changed();
      },
      release: () => this.#life?.hq.release,
      wantsHqData: () => this.#life?.hq.isWaiting === true,
      onContinuedElsewhere: () => this.#beginAnew('forked'),
      onOwnDamaged: () => this.#beginAnew('restored'),
      onFatal: this.#p.onFatal,
      onEvent: (event) => {
        this.#p.onEvent(event);
        this.#notice(event);
      },
      onClock: (peer, offsetMs) =>
        this.#later(({ observations }) => observations.clock(peer, offsetMs)),
      onChange: () => this.#changed(),
    });
  }

  #makeHq(replica: Replica, readSide: ReadSide): HqData {
    return new HqData({
      documents: replica.documents,
      registry: replica.registry,
      records: replica.records,
      applied: readSide.models.release(),
      onRelease: (release) => {
        readSide.applyRelease(release);
        // Last, so that no settings of one release go with prices of another.
        this.org.replace(release.org);
        const { id, products } = release;
        this.#p.onEvent({ kind: 'release', n: id.n, products: products.length });
        this.#changed();
      },
      onWaiting: () => replica.askForHqData(),
      onError: (error) => {
        this.#p.onEvent({ kind: 'error', error });
        this.#retryRelease();
      },
    });
  }

  /** A release that a full disk refused must not wait for the next one, or for a restart. */
  #retryRelease(): void {
    this.#retry?.cancel();
    this.#retry = this.#p.clock.setTimer(() => void this.#life?.hq.refresh(), releaseRetryMs);
  }

  /** The first entry of a life: its chain, its letter, and what it continues. */
  #announce(replica: Replica, living: LivingIncarnation, before: string | undefined): void {
    const reason = begunBecause(living);
    const continued = before && replica.journals.keys().find((key) => key.endsWith(`/${before}`));
    const tip = continued ? replica.journals.tip(continued) : undefined;
    this.#append(replica, {
      type: 'IncarnationBegun',
      command: `begin-${living.incarnation}`,
      by: 'system',
      body: {
        chain: living.chain.map(toBase64Url),
        letter: living.letter,
        reason,
        ...(tip && tip.seq > 0
          ? { continues: { incarnation: before, seq: tip.seq, hash: tip.hash } }
          : {}),
      },
    });
    this.#p.onEvent({ kind: 'incarnationBegun', principal: living.principal, reason });
  }

  #notice(event: ReplicaEvent): void {
    this.#later(
      ({ observations }) => observations.notice(event),
      () => {
        // Meeting oneself ends the life that noticed it.
        if (event.kind === 'doubleIdentity') this.#unsaid = [event];
      },
    );
  }

  /** In a turn of its own: events come from the middle of the mesh's work. */
  #later(run: (life: Life) => void, without?: () => void): void {
    setImmediate(() => {
      const life = this.#life;
      if (!life) return without?.();
      // Nobody would hear of what a revoked till notices, and it records nothing more.
      if (life.replica.revocations.own) return;
      try {
        run(life);
      } catch (error) {
        // A full disk must not stop the mesh; the event is in the log.
        this.#p.onEvent({ kind: 'error', error });
      }
    });
  }

  #follow(entries: readonly VerifiedEntry[]): void {
    const life = this.#life;
    if (!life) return;
    for (const read of entries) {
      if (read.journal !== life.replica.own.key) continue;
      life.day.follow(read);
      life.periods.follow(read);
    }
  }

  /** Ends this life and begins another, while screens get BEGINNING_ANEW for some tenths of a second. */
  #beginAnew(reason: BeginReason): void {
    if (!this.#life || this.#stopped) return;
    const ending = this.#life;
    this.#life = undefined;
    this.#turn = this.#turn
      .then(async () => {
        await endLife(ending);
        this.#witnessOf(ending.living).end();
        if (!this.#stopped) await this.#begin(reason);
      })
      .catch(this.#p.onFatal);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
