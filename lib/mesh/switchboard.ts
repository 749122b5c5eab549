/**
 * The life of links: who gets one, which of two stays, how each ends and what follows from it. Messages of a link
 * that is up are handed out; what they mean is not decided here.
 */
import type { PeerMetadata } from '@automerge/automerge-repo';
import { isTillmeshError } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { Bars } from './bars.ts';
import type { DialCause } from './dial-cause.ts';
import { decodeFrame, encodeFrame } from './frames.ts';
import { addressed, readGreeting, writeJoin, writePeer, writeVersionError } from './greeting.ts';
import type { Greeted, Self } from './greeting.ts';
import { Link } from './link.ts';
import { choose, LinkTable } from './link-table.ts';
import type { MeshEvent, Refused } from './mesh-events.ts';
import type { MeshOptions, MeshTiming } from './mesh-options.ts';
import { closing } from './protocol.ts';
import type { Closing, Frame } from './protocol.ts';
import { Pauses } from './storm-breaker.ts';
import { Switch } from './switch.ts';
import type { LinkEnd, RawLink } from './transport.ts';

export type SwitchboardOptions = Pick<MeshOptions, 'clock' | 'admit' | 'bars' | 'revocationOf'> & {
  readonly timing: MeshTiming;
  readonly later: (delayMs: number, run: () => void) => { cancel(): void };
  readonly up: (link: Link, metadata: PeerMetadata) => void;
  readonly down: (link: Link) => void;
  /** A frame of a link that is up, greetings excepted. Throws to end the link. */
  readonly frame: (link: Link, frame: Exclude<Frame, { kind: 'greeting' }>) => void;
  /** Somebody who was waited for may be dialled again. */
  readonly wake: () => void;
  /** Dials whatever waits, now. */
  readonly dialNow: () => void;
  readonly tell: (event: MeshEvent) => void;
};

/** What only a hostile or broken peer can cause. */
const hostileCodes: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'ENTRY_FORGED',
  'NOT_THE_WRITER',
  'CHANGE_NOT_CANONICAL',
  'ENTRY_MALFORMED',
  'OVER_LIMIT',
  'FRAME_MALFORMED',
]);

export class Switchboard {
  readonly links = new LinkTable();
  readonly bars: Bars;
  readonly #cuts = new Switch();
  readonly #pauses: Pauses;
  readonly #options: SwitchboardOptions;
  readonly #dials = new Map<Link, (cause: DialCause) => void>();
  readonly #greetings = new Map<Link, { cancel(): void }>();
  /** Alarms raised: `principal instance`. Bounded, and each once. */
  readonly #alarms = new Set<string>();
  #me: Self | undefined;

  constructor(options: SwitchboardOptions) {
    this.#options = options;
    this.bars = new Bars(options.bars);
    this.#pauses = new Pauses(options.timing.pause);
  }

  open(me: Self): void {
    this.#me = me;
  }

  close(): void {
    for (const link of this.links.all) this.end(link, closing.leaving);
    this.#me = undefined;
  }

  /** Takes a new link of the transport over; `done` is called when it has ended, or at once. */
  adopt(raw: RawLink, done: (cause: DialCause) => void): void {
    const me = this.#me;
    const revoked = this.#revocationOf(raw);
    if (me !== undefined && revoked) {
      this.#options.tell({ kind: 'refused', peer: raw.peer, why: 'revoked' });
      if (revoked.proof) raw.send(encodeFrame(addressed(revoked.proof, me.principal, raw.peer)));
      raw.close(closing.revoked.code, closing.revoked.reason);
      return done('ended');
    }
    const why = this.refusal(raw.peer);
    // The dialler of a pair never makes the second link: of two crossing dials only one may come to greet.
    const second = raw.dialled && this.links.reaches(raw.peer);
    const full = !this.links.hasRoomFor(raw.peer);
    if (me === undefined || why !== undefined || second || full) {
      const how = second ? closing.second : closing.refused;
      raw.close(how.code, how.reason);
      if (why !== undefined) this.#options.tell({ kind: 'refused', peer: raw.peer, why });
      else if (full && !second)
        this.#options.tell({ kind: 'refused', peer: raw.peer, why: 'too many greeting' });
      return done('ended');
    }
    const link = new Link(raw, this.#options.clock, {
      frame: (on, bytes) => this.#receive(on, bytes),
      overflow: (on) => this.storm(on, 'frames'),
      ended: (on, end) => this.#ended(on, end),
    });
    this.#dials.set(link, done);
    this.links.greet(link);
    const greeting = this.#options.later(this.#options.timing.greetingMs, () => {
      if (link.state === 'greeting') this.#refuse(link, 'greeting took too long', closing.refused);
    });
    // Kept no longer than needed: it holds the link, and a flood of short ones would pile up behind it.
    this.#greetings.set(link, greeting);
    if (link.dialled) link.send(writeJoin(me));
  }

  /** Why a peer gets no link now; undefined where it does. */
  refusal(peer: Principal): Refused | undefined {
    if (this.bars.has(peer)) return 'barred';
    if (this.#cuts.isCut(peer)) return 'cut';
    if (this.#pauses.isPausing(peer, this.#options.clock.monotonicMs())) return 'pausing';
    return this.#options.admit(peer) ? undefined : 'not admitted';
  }

  /** Ends the links of those who get none any more. */
  readmit(): void {
    for (const link of this.links.all) {
      const revoked = this.#revocationOf(link);
      if (revoked) {
        if (revoked.proof && this.#me)
          link.send(addressed(revoked.proof, this.#me.principal, link.peer));
        this.#refuse(link, 'revoked', closing.revoked);
        continue;
      }
      const why = this.refusal(link.peer);
      if (why !== undefined) this.#refuse(link, why, closing.refused);
    }
    this.#options.wake();
  }

  #revocationOf({ peer: principal, terminalKey, issuerKeys = [] }: RawLink | Link) {
    return this.#options.revocationOf?.({ principal, terminalKey, issuerKeys });
  }

  cut(peer: string): void {
    this.#cuts.cut(peer);
    for (const link of this.links.all)
      if (this.#cuts.isCut(link.peer)) this.#refuse(link, 'cut', closing.anew);
  }

  isCut(peer: Principal): boolean {
    return this.#cuts.isCut(peer);
  }

  heal(peer: string): void {
    this.#cuts.heal(peer);
    this.#options.dialNow();
  }

  pardon(peer: Principal): boolean {
    const pardoned = this.bars.pardon(peer);
    if (pardoned) this.#options.wake();
    return pardoned;
  }

  storm(link: Link, cause: 'document' | 'frames'): void {
    const pauseMs = this.#pause(link.peer);
    this.#options.tell({ kind: 'storm', peer: link.peer, cause, pauseMs });
    this.end(link, closing.anew);
  }

  /** Something of our own threw: the link begins anew after a pause, nobody is barred. */
  fault(link: Link, error: unknown): void {
    this.#pause(link.peer);
    this.#options.tell({ kind: 'fault', peer: link.peer, error });
    this.end(link, closing.anew);
  }

  /** An alarm, once for each process: two of them live under one name. */
  alarm(peer: Principal, instance: string): void {
    const key = `${peer} ${instance}`;
    if (this.#alarms.has(key) || this.#alarms.size >= limits.foundTills) return;
    this.#alarms.add(key);
    this.#options.tell({ kind: 'doubleIdentity', peer, instance });
  }

  /** We end it: the repo is told at once, not when the other side has said goodbye. */
  end(link: Link, how: Closing): void {
    if (link.state === 'ended') return;
    link.end(how);
    this.#forget(link);
  }

  #receive(link: Link, bytes: Uint8Array): void {
    if (link.state === 'ended' || this.#me === undefined) return;
    let document: string | undefined;
    try {
      const frame = decodeFrame(bytes);
      if (frame.kind === 'repo' && 'documentId' in frame.message)
        document = frame.message.documentId;
      else if (frame.kind === 'own' && frame.message.type === 'tillmesh/push')
        document = frame.message.document;
      if (frame.kind === 'own' && frame.message.type === 'tillmesh/notices')
        // Whoever refuses a link says why before he greets, and does not greet.
        this.#options.frame(link, frame);
      else if (link.state === 'greeting')
        this.#greet(link, readGreeting(frame, link, this.#me), this.#me);
      else if (frame.kind !== 'greeting') this.#options.frame(link, frame);
      // The published client says its join twice when connect() finds an open socket; the same words are harmless.
      else if (readGreeting(frame, link, this.#me).kind !== 'hello') this.#peerError(link);
    } catch (error) {
      if (isTillmeshError(error) && hostileCodes.has(error.code))
        this.#hostile(link, error.code, error.detail, document);
      else this.fault(link, error);
    }
  }

  #greet(link: Link, greeted: Greeted, me: Self): void {
    if (greeted.kind === 'error') return this.#peerError(link);
    if (greeted.kind === 'version') {
      link.send(writeVersionError(me, link.peer));
      return this.#refuse(link, 'version', closing.version);
    }
    link.instance = greeted.instance;
    if (link.peer === me.principal) return this.#meetMyself(link, me);
    const old = this.links.linkTo(link.peer);
    if (old !== undefined) {
      const kept = choose(me.principal, old, link);
      if (kept === 'otherProcess') return this.#meetAnother(old, link);
      this.#options.tell({ kind: 'double', peer: link.peer, kept });
      if (kept === 'old') return this.end(link, closing.second);
      this.end(old, closing.second);
    }
    this.#endGreeting(link);
    link.state = 'up';
    this.links.raise(link);
    if (!link.dialled) link.send(writePeer(me, link.peer));
    this.#options.up(link, greeted.metadata);
    this.#options.tell({ kind: 'linked', peer: link.peer, dialled: link.dialled });
  }

  /** Our own name on the other end: our own address, or a copy of this till. */
  #meetMyself(link: Link, me: Self): void {
    if (!link.dialled) link.send(writePeer(me, link.peer));
    if (link.instance === undefined || link.instance === me.instance)
      return this.#refuse(link, 'self', closing.second);
    this.alarm(link.peer, link.instance);
    this.#refuse(link, 'identity in use', closing.identity);
  }

  /**
   * A second process under a linked peer's name. A till that lost its power and is back looks the same until the
   * transport notices that the old link is dead: so the first one is asked, and where it says nothing the alarm waits for that.
   */
  #meetAnother(old: Link, link: Link): void {
    const { instance } = link;
    this.#refuse(link, 'identity in use', closing.identity);
    const raise = (): void => {
      if (old.state === 'up' && instance !== undefined) this.alarm(old.peer, instance);
    };
    old.probe(raise);
    this.#options.later(this.#options.timing.deadAfterMs, raise);
  }

  #peerError(link: Link): void {
    this.#options.tell({ kind: 'peerError', peer: link.peer });
    this.end(link, closing.leaving);
  }

  #hostile(link: Link, code: ErrorCode, detail: string, document?: string): void {
    this.#bar(link.peer, code, detail, document);
    this.end(link, closing.refused);
    this.#endBarred();
  }

  /** An offence that came to light after the message that held it: barred, linked or not. */
  accuse(peer: Principal, code: ErrorCode, detail: string, document?: string): void {
    this.#bar(peer, code, detail, document);
    this.#endBarred();
  }

  /** Other links of a barred terminal, of other lives. */
  #endBarred(): void {
    for (const link of this.links.all)
      if (this.bars.has(link.peer)) this.end(link, closing.refused);
  }

  #bar(peer: Principal, code: ErrorCode, detail: string, document?: string): void {
    const { tell, clock } = this.#options;
    tell({ kind: 'hostile', peer, code, detail, ...(document === undefined ? {} : { document }) });
    try {
      this.bars.add({ peer, code, atMs: Math.floor(clock.wallMs()) });
    } catch (error) {
      tell({ kind: 'fault', peer, error });
    }
  }

  #refuse(link: Link, why: Refused, how: Closing): void {
    this.#options.tell({ kind: 'refused', peer: link.peer, why });
    this.end(link, how);
  }

  #pause(peer: Principal): number {
    const pauseMs = this.#pauses.begin(peer, this.#options.clock.monotonicMs());
    this.#options.later(pauseMs, () => this.#options.wake());
    return pauseMs;
  }

  /** It has ended by itself. */
  #ended(link: Link, end: LinkEnd): void {
    if (link.state === 'ended') return;
    if (end === 'malformed') return this.#hostile(link, 'FRAME_MALFORMED', 'no frame');
    if (end === 'oversize') return this.#hostile(link, 'OVER_LIMIT', 'frame');
    if (end === 'dead')
      this.#options.tell({ kind: 'refused', peer: link.peer, why: 'no sign of life' });
    if (end === 'refused' || end === 'revoked' || end === 'identity')
      this.#options.tell({
        kind: 'turnedAway',
        peer: link.peer,
        ...(end === 'revoked' && { revoked: true }),
        ...(end === 'identity' && { identity: true }),
      });
    link.state = 'ended';
    const cause = end === 'identity' ? 'refused' : end;
    this.#forget(link, cause === 'refused' || cause === 'revoked' ? cause : 'ended');
  }

  #endGreeting(link: Link): void {
    this.#greetings.get(link)?.cancel();
    this.#greetings.delete(link);
  }

  #forget(link: Link, cause: DialCause = 'ended'): void {
    this.#endGreeting(link);
    if (this.links.remove(link)) {
      this.#options.down(link);
      this.#options.tell({ kind: 'unlinked', peer: link.peer });
    }
    const done = this.#dials.get(link);
    this.#dials.delete(link);
    done?.(cause);
    this.#options.wake();
  }
}
