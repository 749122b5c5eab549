/**
 * The network adapter of every till and relay: listens and dials in one table keyed by the certificate's principal.
 * To automerge-repo it says exactly what the published adapter says. A frame is taken whole or its link is closed.
 */
import { NetworkAdapter } from '@automerge/automerge-repo';
import type { Message, PeerId, PeerMetadata } from '@automerge/automerge-repo';
import { isTillmeshError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Bar } from './bars.ts';
import { Dialler, type DialState } from './dialler.ts';
import { addressed } from './greeting.ts';
import type { Link } from './link.ts';
import type { MeshEvent, Refused } from './mesh-events.ts';
import { meshTiming } from './mesh-options.ts';
import type { MeshOptions, MeshTiming } from './mesh-options.ts';
import { checkOwnMessage, passRepoMessage } from './message-gate.ts';
import { closing, peerIdOf } from './protocol.ts';
import type { Frame, OwnContents, OwnMessage, RepoFrame } from './protocol.ts';
import { Switchboard } from './switchboard.ts';

export class MeshAdapter extends NetworkAdapter {
  readonly #options: MeshOptions;
  readonly #timing: MeshTiming;
  readonly #board: Switchboard;
  readonly #dialler: Dialler;
  readonly #timers = new Set<{ cancel(): void }>();
  readonly #whenReady = Promise.withResolvers<void>();
  #isReady = false;
  #me: Principal | undefined;
  /** disconnect() ends a life: late callbacks of an earlier one do nothing. */
  #life = 0;
  /** Starts and stops of the transport, one after the other. */
  #transportTurn: Promise<void> = Promise.resolve();
  #listening = Promise.withResolvers<{ port: number }>();

  constructor(options: MeshOptions) {
    super();
    this.#options = options;
    this.#timing = { ...meshTiming, ...options.timing };
    const tell = (event: MeshEvent): void => this.#tell(event);
    this.#board = new Switchboard({
      ...options,
      timing: this.#timing,
      later: (delayMs, run) => this.#later(delayMs, run),
      up: (link, metadata) => this.#up(link, metadata),
      down: (link) => this.emit('peer-disconnected', { peerId: peerIdOf(link.peer) }),
      frame: (link, frame) => this.#frame(link, frame),
      wake: () => this.#dialler.wake(),
      dialNow: () => this.#dialler.now(),
      tell,
    });
    this.#dialler = new Dialler({
      ...options,
      timing: this.#timing,
      skips: (peer) => this.#board.links.reaches(peer) || this.#board.refusal(peer) !== undefined,
      adopt: (raw, done) => this.#board.adopt(raw, done),
      onEvent: tell,
    });
  }

  // What automerge-repo calls.

  override isReady(): boolean {
    return this.#isReady;
  }

  override whenReady(): Promise<void> {
    return this.#whenReady.promise;
  }

  override connect(peerId: PeerId, peerMetadata?: PeerMetadata): void {
    if (this.#me !== undefined) this.disconnect();
    this.#me = peerId as string as Principal;
    this.peerId = peerId;
    this.peerMetadata = peerMetadata ?? this.peerMetadata ?? {};
    this.#life += 1;
    this.#board.open({
      principal: this.#me,
      instance: this.#options.instance,
      metadata: this.peerMetadata,
    });
    this.#listen(this.#life);
    this.#later(this.#timing.readyMs, () => this.#setReady());
    this.#dialler.start();
  }

  override disconnect(): void {
    if (this.#me === undefined) return;
    this.#me = undefined;
    this.#life += 1;
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
    this.#dialler.stop();
    this.#board.close();
    this.#listening = Promise.withResolvers();
    this.#transportTurn = this.#transportTurn
      .then(() => this.#options.transport.stop())
      .catch((error: unknown) => this.#tell({ kind: 'fault', error }));
  }

  override send(message: Message): void {
    const link = this.#board.links.linkTo(message.targetId as string as Principal);
    // Without a link there is nothing to do: the repo begins anew at the next peer-candidate.
    if (link === undefined || this.#isTooSlow(link)) return;
    try {
      for (const part of this.#options.prepare(message)) link.send(part);
    } catch (error) {
      // Not sent and not thrown at the repo: the pair would be apart for ever. It begins anew instead.
      this.#board.fault(link, error);
    }
  }

  // What the replica calls.

  /** An own message to one peer; false where there is no link. The published adapters ignore it. */
  sendOwn(to: Principal, contents: OwnContents): boolean {
    const link = this.#board.links.linkTo(to);
    if (link === undefined || this.#me === undefined || this.#isTooSlow(link)) return false;
    link.send(addressed(contents, this.#me, to));
    return true;
  }

  /** Whoever is linked now. */
  get peers(): readonly Principal[] {
    return this.#board.links.peers;
  }

  /** How long a ping to a linked peer took there and back, in milliseconds; undefined before the first answer. */
  roundTripMs(peer: Principal): number | undefined {
    return this.#board.links.linkTo(peer)?.roundTripMs;
  }

  /** Whether the link to this peer is kept away by `cut`. */
  isCut(peer: Principal): boolean {
    return this.#board.isCut(peer);
  }

  /** Why this peer gets no link from us now; undefined where it would. */
  refusal(peer: Principal): Refused | undefined {
    return this.#board.refusal(peer);
  }

  /** Every address that is dialled: tries, cause, and when the next one is. */
  get dials(): readonly DialState[] {
    return this.#dialler.states;
  }

  /** Whoever was hostile and is not pardoned. */
  get barred(): readonly Bar[] {
    return this.#board.bars.list();
  }

  /** Resolves with the port; rejects where it cannot be listened on (PORT_IN_USE). */
  whenListening(): Promise<{ port: number }> {
    return this.#listening.promise;
  }

  /** Resolves when the last disconnect() has let go of port and sockets. */
  whenStopped(): Promise<void> {
    return this.#transportTurn;
  }

  /** The targets have changed. */
  retarget(): void {
    this.#dialler.refresh();
  }

  /** The registry has changed: links that are no longer admitted end, others may be tried again. */
  readmit(): void {
    this.#board.readmit();
  }

  /** Both ends forget what they know of each other's documents. For the watchdog. */
  reset(peer: Principal, why: string): void {
    const link = this.#board.links.linkTo(peer);
    if (link === undefined) return;
    this.#tell({ kind: 'reset', peer, why });
    this.#board.end(link, closing.anew);
  }

  /** The guard found out later who had sent something hostile: barred as if the message had just come. */
  accuse(peer: Principal, code: ErrorCode, detail: string, document?: string): void {
    this.#board.accuse(peer, code, detail, document);
  }

  /** A person has looked at it. Durable when it returns; false where the peer was not barred. */
  pardon(peer: Principal): boolean {
    return this.#board.pardon(peer);
  }

  /** Tests and drills: no link with this principal, or with any life of this `store-terminal`, until heal(). */
  cut(peer: string): void {
    this.#board.cut(peer);
  }

  heal(peer: string): void {
    this.#board.heal(peer);
  }

  // Inside.

  #listen(life: number): void {
    const listening = this.#listening;
    // Whoever does not ask is told by the event; a rejection that nobody awaits would end the process.
    listening.promise.catch(() => undefined);
    this.#transportTurn = this.#transportTurn.then(async () => {
      if (life !== this.#life) return;
      try {
        const started = await this.#options.transport.start((raw) => {
          if (life === this.#life) this.#board.adopt(raw, () => undefined);
          else raw.close(closing.leaving.code, closing.leaving.reason);
        });
        listening.resolve(started);
        this.#tell({ kind: 'listening', port: started.port });
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
  }

  #up(link: Link, peerMetadata: PeerMetadata): void {
    this.emit('peer-candidate', { peerId: peerIdOf(link.peer), peerMetadata });
    this.#setReady();
  }

  #frame(link: Link, frame: Exclude<Frame, { kind: 'greeting' }>): void {
    if (this.#me === undefined) return;
    if (frame.kind === 'repo') this.#repoFrame(link, frame.message, this.#me);
    else if (frame.kind === 'own') this.#ownFrame(link, frame.message, this.#me);
    else if (!link.unknownTypes.has(frame.type) && link.unknownTypes.size < UNKNOWN_TYPES_TOLD) {
      link.unknownTypes.add(frame.type);
      this.#tell({ kind: 'unknownType', peer: link.peer, type: frame.type });
    }
  }

  #repoFrame(link: Link, message: RepoFrame, me: Principal): void {
    const passage = passRepoMessage(message, link, me, this.#options);
    switch (passage.kind) {
      case 'handOn':
        this.emit('message', passage.message);
        return;
      case 'answer':
        link.send(passage.message);
        return;
      case 'storm':
        this.#board.storm(link, 'document');
        return;
      case 'passedOver':
    }
  }

  #ownFrame(link: Link, message: OwnMessage, me: Principal): void {
    checkOwnMessage(message, link, me);
    if (message.type === 'tillmesh/presence') {
      link.instance ??= message.instance;
      if (link.instance !== message.instance) this.#board.alarm(link.peer, message.instance);
    }
    this.#options.onOwn(message, link.peer);
  }

  /** Memory is bounded: a peer that does not read begins anew. That is no offence. */
  #isTooSlow(link: Link): boolean {
    if (link.bufferedBytes <= limits.bufferedBytes) return false;
    this.#tell({ kind: 'slow', peer: link.peer, bufferedBytes: link.bufferedBytes });
    this.#board.end(link, closing.anew);
    return true;
  }

  #setReady(): void {
    this.#isReady = true;
    this.#whenReady.resolve();
  }

  /** A timer of this life: disconnect() takes it along. */
  #later(delayMs: number, run: () => void): { cancel(): void } {
    const timer = this.#options.clock.setTimer(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    const handle = {
      cancel: () => {
        timer.cancel();
        this.#timers.delete(timer);
      },
    };
    this.#timers.add(timer);
    return handle;
  }

  #tell(event: MeshEvent): void {
    try {
      this.#options.onEvent(event);
    } catch {
      // A listener that throws must not leave a link half ended; there is nobody left to tell.
    }
  }
}

/** Types of newer versions that are reported per link. */
const UNKNOWN_TYPES_TOLD = 8;
