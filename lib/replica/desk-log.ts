/**
 * Which changes of one desk are here, as chains of their writers, and whether new ones may be given to Automerge: only
 * what follows a change that is here, one in each place. A writer who signs two changes in one place, or one in a place
 * that is not there, would break the document for all who merged them.
 */
import type { DeskRule } from '../documents/registry.ts';
import { parsePrincipal, type Principal, type TerminalId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { ChangePlace } from '../journal/canonical-change.ts';
import type { DeskChange, DeskWriter } from './desk-change.ts';
import { nameOf, Placing } from './desk-placing.ts';
import { placeOfGenesis } from './roster-change.ts';

/** What Automerge says of a change that is in a document. */
export type KnownChange = {
  readonly hash: string;
  readonly actor: string;
  readonly seq: number;
  readonly startOp: number;
  /** About. */
  readonly bytes: number;
  /** Of an actor's first change. */
  readonly writer: DeskWriter | undefined;
};

export type Verdict =
  | { readonly kind: 'taken' }
  /** The desk, or the share of the terminal that brings its own changes, is as large as it may be. */
  | { readonly kind: 'full' }
  /** Proved by this writer's own signatures; whoever carried it need not know. */
  | { readonly kind: 'broken'; readonly writer: Principal; readonly detail: string }
  /** One that waited does not fit: Automerge must forget what waits before it is given the others. */
  | { readonly kind: 'forget'; readonly writer: Principal; readonly detail: string };

type Waiting = DeskChange & { readonly from: Principal };

export class DeskLog {
  readonly #start: ChangePlace;
  readonly #places = new Map<string, ChangePlace>();
  /** The last change of each actor. */
  readonly #tips = new Map<string, ChangePlace>();
  readonly #writers = new Map<string, DeskWriter>();
  readonly #shares = new Map<TerminalId, number>();
  #bytes = 0;
  /** By the change that they follow, by hash. */
  readonly #waiting = new Map<string, Map<string, Waiting>>();
  /** The same by actor and seq: Automerge takes no two of one place, not even to keep them waiting. */
  readonly #waitingPlaces = new Map<string, Waiting>();
  readonly #waitingShares = new Map<TerminalId, number>();

  constructor(rule: DeskRule, known: readonly KnownChange[]) {
    this.#start = placeOfGenesis(rule);
    this.#places.set(this.#start.hash, this.#start);
    for (const { hash, actor, seq, startOp, bytes, writer } of known) {
      if (hash === this.#start.hash) continue;
      if (writer) this.#writers.set(actor, writer);
      this.#put({ hash, actor, actorSeq: seq, op: startOp });
      this.#count(this.#writers.get(actor), bytes);
    }
  }

  /** Whether nothing more is taken that this terminal wrote and brings; undefined: that anybody brings. */
  isFull(terminal?: TerminalId): boolean {
    return (
      this.#bytes >= limits.deskBytes ||
      (terminal !== undefined && this.bytesOf(terminal) >= limits.deskTerminalBytes)
    );
  }

  /** What this terminal wrote into it. */
  bytesOf(terminal: TerminalId): number {
    return shareOf(this.#shares, terminal);
  }

  has(hash: string): boolean {
    return this.#places.has(hash);
  }

  /** What the next change of an actor follows. */
  tip(actor: string): ChangePlace {
    return this.#tips.get(actor) ?? this.#start;
  }

  /** Whose actor it is, where its first change is here or waits. */
  writer(actor: string): DeskWriter | undefined {
    return this.#writers.get(actor);
  }

  /** A change of our own that is in the document. */
  add(place: ChangePlace, bytes: number, writer: DeskWriter): void {
    this.#put(place);
    this.#writers.set(place.actor, writer);
    this.#count(writer, bytes);
  }

  /** All of a message or nothing: what is taken goes to Automerge, and only that is remembered. */
  take(changes: readonly DeskChange[], from: Principal): Verdict {
    const fresh = changes.filter(({ place }) => !this.#places.has(place.hash));
    if (fresh.length === 0) return { kind: 'taken' };
    // A share bounds what a till brings of its own: another's, carried on by who took it, is not the carrier's to leave out.
    const { terminal } = parsePrincipal(from);
    const isOwn = fresh.some(({ writer }) => writer.identity.terminal === terminal);
    if (this.isFull(isOwn ? terminal : undefined)) return { kind: 'full' };
    const placing = new Placing(
      (hash) => this.#places.get(hash),
      (actor) => this.tip(actor),
    );
    const left = placing.inOrder(fresh);
    if (placing.misfit) return broken('broken', placing.misfit);
    // What these set free was given to Automerge when it came, and goes into the document with them.
    const freed = placing.free((hash) => this.#waitingFor(hash));
    if (placing.misfit) return broken('forget', placing.misfit);
    const double = placing.twinAmong(left);
    if (double) return broken('broken', double);
    const waited = this.#waitingTwinOf([...placing.places.values(), ...left.map(placeOf)]);
    if (waited) return broken('forget', waited);
    const waiting = left.filter(({ dep, place }) => !this.#waiting.get(dep)?.has(place.hash));
    if (!this.#hasRoomToWait(waiting)) return { kind: 'full' };
    for (const place of placing.places.values()) {
      this.#put(place);
      this.#release(place.hash);
    }
    for (const change of waiting) this.#hold({ ...change, from });
    for (const { writer, bytes, place } of [...fresh, ...freed]) {
      this.#writers.set(place.actor, writer);
      if (this.#places.has(place.hash)) this.#count(writer, bytes.length);
    }
    return { kind: 'taken' };
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Nothing waits any more; Automerge must have forgotten it too. */
  forgetWaiting(): void {
    this.#waiting.clear();
    this.#waitingPlaces.clear();
    this.#waitingShares.clear();
  }

  /** Whether this sender made us wait for anything. */
  waitsFor(from: Principal): boolean {
    for (const changes of this.#waiting.values())
      for (const change of changes.values()) if (change.from === from) return true;
    return false;
  }

  #put(place: ChangePlace): void {
    this.#places.set(place.hash, place);
    if (place.actorSeq > (this.#tips.get(place.actor)?.actorSeq ?? 0))
      this.#tips.set(place.actor, place);
  }

  #count(writer: DeskWriter | undefined, bytes: number): void {
    this.#bytes += bytes;
    if (writer) addTo(this.#shares, writer.identity.terminal, bytes);
  }

  /** Each terminal has a room of its own: what a liar left waiting takes none from the honest. */
  #hasRoomToWait(changes: readonly DeskChange[]): boolean {
    const shares = new Map(this.#waitingShares);
    for (const { writer, bytes } of changes) {
      addTo(shares, writer.identity.terminal, bytes.length);
      if (shareOf(shares, writer.identity.terminal) > limits.deskTerminalBytes) return false;
    }
    return true;
  }

  #waitingTwinOf(places: readonly ChangePlace[]): Waiting | undefined {
    for (const place of places) {
      const waiting = this.#waitingPlaces.get(nameOf(place));
      if (waiting && waiting.place.hash !== place.hash) return waiting;
    }
    return undefined;
  }

  #waitingFor(dep: string): readonly Waiting[] {
    return [...(this.#waiting.get(dep)?.values() ?? [])];
  }

  #hold(change: Waiting): void {
    const { dep, place, writer, bytes } = change;
    const others = this.#waiting.get(dep);
    if (others?.has(place.hash)) return;
    if (others) others.set(place.hash, change);
    else this.#waiting.set(dep, new Map([[place.hash, change]]));
    this.#waitingPlaces.set(nameOf(place), change);
    addTo(this.#waitingShares, writer.identity.terminal, bytes.length);
  }

  #release(dep: string): void {
    for (const { writer, bytes, place } of this.#waitingFor(dep)) {
      addTo(this.#waitingShares, writer.identity.terminal, -bytes.length);
      this.#waitingPlaces.delete(nameOf(place));
    }
    this.#waiting.delete(dep);
  }
}

const placeOf = ({ place }: DeskChange): ChangePlace => place;
type Shares = ReadonlyMap<TerminalId, number>;
const shareOf = (shares: Shares, terminal: TerminalId): number => shares.get(terminal) ?? 0;
const addTo = (shares: Map<TerminalId, number>, terminal: TerminalId, bytes: number): void =>
  void shares.set(terminal, shareOf(shares, terminal) + bytes);

const broken = (kind: 'broken' | 'forget', { writer, place }: DeskChange): Verdict => ({
  kind,
  writer: writer.principal,
  detail: `a second change ${place.actorSeq} of ${place.actor}, or one out of its place`,
});
