/**
 * The network adapter of every till and relay: listens and dials in one table keyed by the certificate's principal.
 * To automerge-repo it says exactly what the published adapter says. A frame is taken whole or its link is closed;
 * nothing of a sync exchange is ever left out.
 */
import { NetworkAdapter } from '@automerge/automerge-repo';
import type { Message, PeerId, PeerMetadata } from '@automerge/automerge-repo';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { Bars } from './bars.ts';
import type { Bar, BarStore } from './bars.ts';
import { Dialler } from './dialler.ts';
import type { DialTiming } from './dialler.ts';
import { decodeFrame } from './frames.ts';
import { readGreeting, writeJoin, writePeer, writeVersionError } from './greeting.ts';
import type { Greeted, Self } from './greeting.ts';
import { Link } from './link.ts';
import { choose, LinkTable } from './link-table.ts';
import type { MeshEvent, Refused } from './mesh-events.ts';
import { closing, peerIdOf } from './protocol.ts';
import type { Closing, OwnContents, OwnMessage, RepoFrame } from './protocol.ts';
import { Pauses } from './storm-breaker.ts';
import type { PauseTiming } from './storm-breaker.ts';
import { Switch } from './switch.ts';
import type { DialTarget, LinkEnd, RawLink, Transport } from './transport.ts';

export type MeshTiming = DialTiming & {
  /** From the connection to the greeting. */
  readonly greetingMs: number;
  /** After this a lonely till is ready too. */
  readonly readyMs: number;
  /** By when the transport has noticed a dead link: three of its ping intervals. */
  readonly deadAfterMs: number;
  readonly pause: PauseTiming;
};

export const meshTiming: MeshTiming = {
  retryMs: 500,
  maxRetryMs: 30_000,
  steadyMs: 5_000,
  greetingMs: 5_000,
  readyMs: 500,
  deadAfterMs: 6_000,
  pause: { firstMs: 1_000, mostMs: 5 * 60_000, forgetMs: 10 * 60_000 },
};

export type MeshOptions = {
  readonly transport: Transport;
  readonly clock: Clock;
  /** 0 ≤ x < 1. */
  readonly random: () => number;
  /** Random per process, 8–64 of [A-Za-z0-9_-]. */
  readonly instance: string;
  /**
   * The guard; sees every message of the repo's types. Throws one of the hostile codes to bar the peer; any other
   * error counts as our own fault. `unavailable`: the document is not known here.
   */
  readonly inspect: (message: RepoFrame, from: Principal) => Message | 'unavailable';
  /** What leaves, after the repo and before the wire: `plainOnly`. */
  readonly prepare: (message: Message) => Message;
  /** Own messages. Throws as `inspect` does. */
  readonly onOwn: (message: OwnMessage, from: Principal) => void;
  /** May this principal have a link at all: registry and revocations. */
  readonly admit: (peer: Principal) => boolean;
  /** Where to dial; read again by `retarget()`. */
  readonly targets: () => readonly DialTarget[];
  readonly bars: BarStore;
  readonly onEvent: (event: MeshEvent) => void;
  /**
   * Ephemeral messages travel on under their first sender's name, which nobody proves, and automerge-repo remembers
   * every sender for ever. Nothing of ours uses them, so they are passed over unless asked for.
   */
  readonly ephemeral?: 'ignored' | 'passed';
  readonly timing?: Partial<MeshTiming>;
};

/** Errors that only a hostile or broken peer can cause. */
const hostileCodes: ReadonlySet<ErrorCode> = new Set([
  'ENTRY_FORGED',
  'NOT_THE_WRITER',
  'CHANGE_NOT_CANONICAL',
  'ENTRY_MALFORMED',
  'OVER_LIMIT',
  'FRAME_MALFORMED',
]);

export class MeshAdapter extends NetworkAdapter {
  readonly #options: MeshOptions;
  readonly #timing: MeshTiming;
  readonly #links = new LinkTable();
  readonly #bars: Bars;
  readonly #switch = new Switch();
  readonly #pauses: Pauses;
  readonly #dialler: Dialler;
  readonly #timers = new Set<{ cancel(): void }>();
  /** What a dialled link's end is told to, and processes that were met under a name already taken. */
  readonly #dials = new Map<Link, () => void>();
  readonly #doubles = new Set<string>();
  #me: Self | undefined;
  /** disconnect() ends a life: late callbacks of an earlier one do nothing. */
  #life = 0;
  /** Starts and stops of the transport, one after the other. */
  #transportTurn: Promise<void> = Promise.resolve();
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  #listening = Promise.withResolvers<{ port: number }>();

  constructor(options: MeshOptions) {
    super();
    this.#options = options;
    this.#timing = { ...meshTiming, ...options.timing };
    this.#bars = new Bars(options.bars);
    this.#pauses = new Pauses(this.#timing.pause);
    this.#dialler = new Dialler({
      transport: options.transport,
      clock: options.clock,
      random: options.random,
      timing: this.#timing,
      targets: options.targets,
      skips: (peer) => this.#links.reaches(peer) || this.#refusal(peer) !== undefined,
      adopt: (raw, done) => this.#adopt(raw, done),
      onEvent: (event) => this.#tell(event),
    });
  }

  // What automerge-repo calls.

  override isReady(): boolean {
    return this.#isReady;
  }

  override whenReady(): Promise<void> {
    return this.#ready.promise;
  }

  override connect(peerId: PeerId, peerMetadata?: PeerMetadata): void {
    this.peerId = peerId;
    this.peerMetadata = peerMetadata ?? this.peerMetadata ?? {};
    this.#me = {
      principal: peerId as string as Principal,
      instance: this.#options.instance,
      metadata: this.peerMetadata,
    };
    this.#life += 1;
    void this.#listen(this.#life);
    this.#later(this.#timing.readyMs, () => this.#setReady());
    this.#dialler.start();
  }

  override disconnect(): void {
    this.#life += 1;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#dialler.stop();
    for (const link of this.#links.all) this.#end(link, closing.leaving);
    this.#listening = Promise.withResolvers();
    const stopped = this.#transportTurn.then(() => this.#options.transport.stop());
    this.#transportTurn = stopped.catch((error: unknown) => this.#tell({ kind: 'fault', error }));
  }

  override send(message: Message): void {
    const link = this.#links.linkTo(message.targetId as string as Principal);
    // Without a link there is nothing to do: the repo begins anew at the next peer-candidate.
    if (link === undefined) return;
    if (link.bufferedBytes > limits.bufferedBytes) {
      this.#tell({ kind: 'slow', peer: link.peer, bufferedBytes: link.bufferedBytes });
      this.#end(link, closing.anew);
      return;
    }
    link.send(this.#options.prepare(message));
  }

  // What the replica calls.

  /** An own message to one peer; false where there is no link. The published adapters ignore it. */
  sendOwn(to: Principal, contents: OwnContents): boolean {
    const link = this.#links.linkTo(to);
    if (link === undefined || this.#me === undefined) return false;
    if (link.bufferedBytes > limits.bufferedBytes) return false;
    link.send({ ...contents, senderId: this.#me.principal, targetId: to });
    return true;
  }

  get peers(): readonly Principal[] {
    return this.#links.peers;
  }

  get bars(): readonly Bar[] {
    return this.#bars.list();
  }

  /** Resolves with the port; rejects where it cannot be listened on (PORT_IN_USE). */
  whenListening(): Promise<{ port: number }> {
    return this.#listening.promise;
  }

  /** The targets have changed. */
  retarget(): void {
    this.#dialler.refresh();
  }

  /** The registry has changed: links that are no longer admitted end. */
  readmit(): void {
    for (const link of this.#links.all) {
      const why = this.#refusal(link.peer);
      if (why !== undefined) this.#refuse(link, why, closing.refused);
    }
    this.#dialler.wake();
  }

  /** Both ends forget what they know of each other's documents. For the watchdog. */
  reset(peer: Principal, why: string): void {
    const link = this.#links.linkTo(peer);
    if (link === undefined) return;
    this.#tell({ kind: 'reset', peer, why });
    this.#end(link, closing.anew);
  }

  /** A person has looked at it. Durable when it returns; false where the peer was not barred. */
  pardon(peer: Principal): boolean {
    const pardoned = this.#bars.pardon(peer);
    if (pardoned) this.#dialler.wake();
    return pardoned;
  }

  /** Tests and drills: no link with this principal, or with any life of this `store-terminal`, until heal(). */
  cut(peer: string): void {
    this.#switch.cut(peer);
    for (const link of this.#links.all)
      if (this.#switch.isCut(link.peer)) this.#refuse(link, 'cut', closing.anew);
  }

  heal(peer: string): void {
    this.#switch.heal(peer);
    this.#dialler.wake();
  }

  // Links.

  async #listen(life: number): Promise<void> {
    const listening = this.#listening;
    // Whoever does not ask is not told by an unhandled rejection: the event says it too.
    listening.promise.catch(() => undefined);
    const started = this.#transportTurn.then(async () => {
      if (life !== this.#life) return;
      try {
        const { port } = await this.#options.transport.start((raw) => {
          if (life === this.#life) this.#adopt(raw);
          else raw.close(closing.leaving.code, closing.leaving.reason);
        });
        listening.resolve({ port });
        this.#tell({ kind: 'listening', port });
      } catch (error) {
        listening.reject(error);
        const known = isTillmeshError(error);
        this.#tell({
          kind: 'notListening',
          code: known ? error.code : 'INVARIANT',
          detail: known ? error.detail : String(error),
        });
      }
    });
    this.#transportTurn = started;
    await started;
  }

  #adopt(raw: RawLink, done?: () => void): void {
    const why = this.#refusal(raw.peer);
    if (why !== undefined) {
      raw.close(closing.refused.code, closing.refused.reason);
      this.#tell({ kind: 'refused', peer: raw.peer, why });
      done?.();
      return;
    }
    // The dialler of a pair never makes the second link: of two crossing dials only one may come to greet.
    if (raw.dialled && this.#links.reaches(raw.peer)) {
      raw.close(closing.second.code, closing.second.reason);
      done?.();
      return;
    }
    if (!this.#links.hasRoomFor(raw.peer)) {
      raw.close(closing.refused.code, closing.refused.reason);
      this.#tell({ kind: 'refused', peer: raw.peer, why: 'too many greeting' });
      done?.();
      return;
    }
    const link = new Link(raw, this.#options.clock, {
      frame: (on, bytes) => this.#receive(on, bytes),
      overflow: (on) => this.#storm(on, 'frames'),
      ended: (on, end) => this.#ended(on, end),
    });
    if (done !== undefined) this.#dials.set(link, done);
    this.#links.greet(link);
    this.#later(this.#timing.greetingMs, () => {
      if (link.state === 'greeting')
        this.#refuse(link, 'greeting took too long', closing.refused);
    });
    if (link.dialled && this.#me !== undefined) link.send(writeJoin(this.#me));
  }

  /** Why a peer gets no link now; undefined where it does. */
  #refusal(peer: Principal): Refused | undefined {
    if (this.#bars.has(peer)) return 'barred';
    if (this.#switch.isCut(peer)) return 'cut';
    if (this.#pauses.isPausing(peer, this.#options.clock.monotonicMs())) return 'pausing';
    return this.#options.admit(peer) ? undefined : 'not admitted';
  }

  #receive(link: Link, bytes: Uint8Array): void {
    if (link.state === 'ended' || this.#me === undefined) return;
    try {
      const frame = decodeFrame(bytes);
      if (link.state === 'greeting') this.#greeted(link, readGreeting(frame, link, this.#me));
      else if (frame.kind === 'repo') this.#repo(link, frame.message);
      else if (frame.kind === 'own') this.#own(link, frame.message);
      else if (frame.kind === 'unknown') this.#unknown(link, frame.type);
      else if (frame.message.type === 'error') this.#peerError(link);
      // The published client says its join twice when connect() finds an open socket; the same words are harmless.
      else readGreeting(frame, link, this.#me);
    } catch (error) {
      this.#thrown(link, error, bytes);
    }
  }

  #greeted(link: Link, greeted: Greeted): void {
    if (this.#me === undefined) return;
    if (greeted.kind === 'error') return this.#peerError(link);
    if (greeted.kind === 'version') {
      link.send(writeVersionError(this.#me, link.peer));
      return this.#refuse(link, 'version', closing.version);
    }
    link.instance = greeted.instance;
    if (link.peer === this.#me.principal) return this.#metMyself(link, this.#me);
    const old = this.#links.linkTo(link.peer);
    if (old !== undefined) {
      const kept = choose(this.#me.principal, old, link);
      if (kept === 'otherProcess') return this.#metAnother(old, link);
      this.#tell({ kind: 'double', peer: link.peer, kept });
      if (kept === 'old') return this.#end(link, closing.second);
      this.#end(old, closing.second);
    }
    link.state = 'up';
    this.#links.raise(link);
    if (!link.dialled) link.send(writePeer(this.#me, link.peer));
    this.emit('peer-candidate', {
      peerId: peerIdOf(link.peer),
      peerMetadata: greeted.metadata,
    });
    this.#setReady();
    this.#tell({ kind: 'linked', peer: link.peer, dialled: link.dialled });
  }

  /** Our own name on the other end: our own address, or a copy of this till. */
  #metMyself(link: Link, me: Self): void {
    if (!link.dialled) link.send(writePeer(me, link.peer));
    if (link.instance === me.instance || link.instance === undefined)
      return this.#refuse(link, 'self', closing.second);
    this.#alarm(link.peer, link.instance);
    this.#refuse(link, 'identity in use', closing.identity);
  }

  /**
   * A second process under a linked peer's name. A till that lost its power and came back looks the same until the
   * transport notices that the old link is dead, so the alarm waits for that.
   */
  #metAnother(old: Link, link: Link): void {
    const { instance } = link;
    this.#refuse(link, 'identity in use', closing.identity);
    this.#later(this.#timing.deadAfterMs, () => {
      if (old.state === 'up' && instance !== undefined) this.#alarm(old.peer, instance);
    });
  }

  #alarm(peer: Principal, instance: string): void {
    const key = `${peer} ${instance}`;
    if (this.#doubles.has(key) || this.#doubles.size >= limits.greetingLinks) return;
    this.#doubles.add(key);
    this.#tell({ kind: 'doubleIdentity', peer, instance });
  }

  #repo(link: Link, message: RepoFrame): void {
    if (message.targetId !== this.peerId) throw malformed('another target');
    // Ephemeral messages carry the name of whoever sent them first.
    if (message.type === 'ephemeral') {
      if (this.#options.ephemeral !== 'passed') return;
    } else if (message.senderId !== link.peer) throw malformed('another sender');

    const document = 'documentId' in message ? message.documentId : undefined;
    const exchanges = message.type === 'sync' || message.type === 'request';
    const nowMs = this.#options.clock.monotonicMs();
    if (document !== undefined && link.storms.storms(document, nowMs))
      return this.#storm(link, 'document');

    const verdict = this.#options.inspect(message, link.peer);
    if (verdict !== 'unavailable') this.emit('message', verdict);
    else if (exchanges) {
      // Only questions are answered so: two ends that refuse one document would answer each other for ever.
      link.send({
        type: 'doc-unavailable',
        senderId: peerIdOf(this.#me?.principal ?? link.peer),
        targetId: peerIdOf(link.peer),
        documentId: message.documentId,
      });
    }
  }

  #own(link: Link, message: OwnMessage): void {
    if (message.targetId !== this.peerId) throw malformed('another target');
    if (message.senderId !== link.peer) throw malformed('another sender');
    if (message.type === 'tillmesh/presence') {
      if (link.instance !== undefined && link.instance !== message.instance)
        this.#alarm(link.peer, message.instance);
      link.instance ??= message.instance;
    }
    this.#options.onOwn(message, link.peer);
  }

  #unknown(link: Link, type: string): void {
    if (link.unknownTypes.has(type) || link.unknownTypes.size >= 8) return;
    link.unknownTypes.add(type);
    this.#tell({ kind: 'unknownType', peer: link.peer, type });
  }

  #peerError(link: Link): void {
    this.#tell({ kind: 'peerError', peer: link.peer });
    this.#end(link, closing.leaving);
  }

  // Ends.

  #thrown(link: Link, error: unknown, bytes: Uint8Array): void {
    if (isTillmeshError(error) && hostileCodes.has(error.code)) {
      this.#hostile(link, error.code, error.detail, documentOf(bytes));
      return;
    }
    const nowMs = this.#options.clock.monotonicMs();
    this.#pauses.begin(link.peer, nowMs);
    this.#tell({ kind: 'fault', peer: link.peer, error });
    this.#end(link, closing.anew);
  }

  #hostile(link: Link, code: ErrorCode, detail: string, document?: string): void {
    this.#tell({
      kind: 'hostile',
      peer: link.peer,
      code,
      detail,
      ...(document === undefined ? {} : { document }),
    });
    try {
      this.#bars.add({ peer: link.peer, code, atMs: this.#options.clock.wallMs() });
    } catch (error) {
      this.#tell({ kind: 'fault', peer: link.peer, error });
    }
    this.#end(link, closing.refused);
  }

  #storm(link: Link, cause: 'document' | 'frames'): void {
    const pauseMs = this.#pauses.begin(link.peer, this.#options.clock.monotonicMs());
    this.#tell({ kind: 'storm', peer: link.peer, cause, pauseMs });
    this.#end(link, closing.anew);
  }

  #refuse(link: Link, why: Refused, how: Closing): void {
    this.#tell({ kind: 'refused', peer: link.peer, why });
    this.#end(link, how);
  }

  /** We end it: the repo is told at once, not when the other side has said goodbye. */
  #end(link: Link, how: Closing): void {
    if (link.state === 'ended') return;
    link.end(how);
    this.#forget(link);
  }

  /** It has ended by itself. */
  #ended(link: Link, end: LinkEnd): void {
    if (link.state === 'ended') return;
    if (end === 'malformed') return this.#hostile(link, 'FRAME_MALFORMED', 'no frame');
    if (end === 'oversize') return this.#hostile(link, 'OVER_LIMIT', 'frame');
    if (end === 'dead') this.#tell({ kind: 'refused', peer: link.peer, why: 'no sign of life' });
    link.state = 'ended';
    this.#forget(link);
  }

  #forget(link: Link): void {
    if (this.#links.remove(link)) {
      this.emit('peer-disconnected', { peerId: peerIdOf(link.peer) });
      this.#tell({ kind: 'unlinked', peer: link.peer });
    }
    const done = this.#dials.get(link);
    this.#dials.delete(link);
    done?.();
    this.#dialler.wake();
  }

  #setReady(): void {
    this.#isReady = true;
    this.#ready.resolve();
  }

  #later(delayMs: number, run: () => void): void {
    const timer = this.#options.clock.setTimer(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
  }

  #tell(event: MeshEvent): void {
    this.#options.onEvent(event);
  }
}
