/**
 * Which changes of one desk are here, as chains of their writers, and whether new ones may be given to Automerge: only
 * what follows a change that is here, one in each place. A writer who signs two changes in one place, or one in a place
 * that is not there, would break the document for all who merged them.
 */
import type { DeskRule } from '../documents/registry.ts';
import type { Principal } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { ChangePlace } from '../journal/canonical-change.ts';
import type { DeskChange } from './desk-change.ts';
import { placeOfGenesis } from './roster-change.ts';

/** What Automerge says of a change that is in a document. */
export type KnownChange = {
  readonly hash: string;
  readonly actor: string;
  readonly seq: number;
  readonly startOp: number;
};

export type Verdict =
  | { readonly kind: 'taken' }
  /** The desk is as large as it may be. */
  | { readonly kind: 'full' }
  /** Proved by this writer's own signatures; whoever carried it need not know. */
  | { readonly kind: 'broken'; readonly writer: Principal; readonly detail: string }
  /** One that waited does not fit: Automerge must forget what waits before it is given the others. */
  | { readonly kind: 'forget'; readonly writer: Principal; readonly detail: string };

type Waiting = DeskChange & { readonly from: string };

export class DeskLog {
  readonly #start: ChangePlace;
  readonly #places = new Map<string, ChangePlace>();
  /** The last change of each actor. */
  readonly #tips = new Map<string, ChangePlace>();
  readonly #waiting = new Map<string, Waiting[]>();
  #waitingBytes = 0;
  #bytes: number;

  /** `bytes` is what the changes take, about. */
  constructor(rule: DeskRule, known: readonly KnownChange[], bytes: number) {
    this.#start = placeOfGenesis(rule);
    this.#places.set(this.#start.hash, this.#start);
    for (const { hash, actor, seq, startOp } of known)
      if (hash !== this.#start.hash) this.#put({ hash, actor, actorSeq: seq, op: startOp });
    this.#bytes = bytes;
  }

  get isFull(): boolean {
    return this.#bytes >= limits.deskBytes;
  }

  has(hash: string): boolean {
    return this.#places.has(hash);
  }

  /** What the next change of an actor follows. */
  tip(actor: string): ChangePlace {
    return this.#tips.get(actor) ?? this.#start;
  }

  /** A change of our own that is in the document. */
  add(place: ChangePlace, bytes: number): void {
    this.#put(place);
    this.#bytes += bytes;
  }

  /** All of a message or nothing: what is taken goes to Automerge, and only that is remembered. */
  take(changes: readonly DeskChange[], from: string): Verdict {
    const fresh = changes.filter(({ place }) => !this.#places.has(place.hash));
    if (fresh.length === 0) return { kind: 'taken' };
    if (this.isFull) return { kind: 'full' };
    const placing = new Placing(
      (hash) => this.#places.get(hash),
      (actor) => this.tip(actor),
    );
    const left = placing.inOrder(fresh);
    if (placing.misfit) return broken('broken', placing.misfit);
    // What these set free was given to Automerge when it came, and goes into the document with them.
    const freed = placing.free((hash) => this.#waiting.get(hash) ?? []);
    if (placing.misfit) return broken('forget', placing.misfit);
    if (this.#waitingBytes + sizeOf(left) > limits.deskOrphanBytes) return { kind: 'full' };
    for (const place of placing.places.values()) {
      this.#put(place);
      this.#release(place.hash);
    }
    for (const change of left) this.#hold({ ...change, from });
    this.#bytes += sizeOf(fresh) - sizeOf(left) + sizeOf(freed);
    return { kind: 'taken' };
  }

  get isWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Nothing waits any more; Automerge must have forgotten it too. */
  forgetWaiting(): void {
    this.#waiting.clear();
    this.#waitingBytes = 0;
  }

  /** Whether this sender made us wait for anything. */
  waitsFor(from: string): boolean {
    return [...this.#waiting.values()].flat().some((change) => change.from === from);
  }

  #put(place: ChangePlace): void {
    this.#places.set(place.hash, place);
    if (place.actorSeq > (this.#tips.get(place.actor)?.actorSeq ?? 0))
      this.#tips.set(place.actor, place);
  }

  #hold(change: Waiting): void {
    const others = this.#waiting.get(change.dep) ?? [];
    if (others.some(({ place }) => place.hash === change.place.hash)) return;
    this.#waiting.set(change.dep, [...others, change]);
    this.#waitingBytes += change.bytes.length;
  }

  #release(dep: string): void {
    this.#waitingBytes -= sizeOf(this.#waiting.get(dep) ?? []);
    this.#waiting.delete(dep);
  }
}

/** Puts changes after those that they follow, on trial. */
class Placing {
  readonly places = new Map<string, ChangePlace>();
  /** A change that has no place here although what it follows is here. */
  misfit: DeskChange | undefined;
  readonly #tips = new Map<string, ChangePlace>();
  readonly #placeOf: (hash: string) => ChangePlace | undefined;
  readonly #tipOf: (actor: string) => ChangePlace;

  constructor(
    placeOf: (hash: string) => ChangePlace | undefined,
    tipOf: (actor: string) => ChangePlace,
  ) {
    this.#placeOf = placeOf;
    this.#tipOf = tipOf;
  }

  /** Gives those back of which it is not known here what they follow. */
  inOrder(changes: readonly DeskChange[]): DeskChange[] {
    for (let left = [...changes]; ;) {
      const later = left.filter((change) => !this.#put(change));
      if (later.length === left.length || later.length === 0) return later;
      left = later;
    }
  }

  /** Places what waited for what was placed. */
  free(waitingFor: (hash: string) => readonly DeskChange[]): DeskChange[] {
    const freed: DeskChange[] = [];
    // A map gives what is added to it while it is walked.
    for (const hash of this.places.keys())
      for (const change of waitingFor(hash)) {
        if (this.places.has(change.place.hash)) continue;
        this.#put(change);
        freed.push(change);
      }
    return freed;
  }

  /** False where it has to wait. */
  #put(change: DeskChange): boolean {
    const { place, dep } = change;
    if (this.places.has(place.hash)) return true;
    const previous = this.places.get(dep) ?? this.#placeOf(dep);
    if (!previous) return false;
    const tip = this.#tips.get(place.actor) ?? this.#tipOf(place.actor);
    // Its writer's last change is the only one that it can follow. Every chain begins at the genesis.
    const isNext =
      place.actorSeq === 1 ||
      (previous.actor === place.actor && previous.actorSeq + 1 === place.actorSeq);
    if (tip.hash !== dep || !isNext) {
      this.misfit ??= change;
      return true;
    }
    this.places.set(place.hash, place);
    this.#tips.set(place.actor, place);
    return true;
  }
}

const broken = (kind: 'broken' | 'forget', { writer, place }: DeskChange): Verdict => ({
  kind,
  writer,
  detail: `a second change ${place.actorSeq} of ${place.actor}, or one out of its place`,
});

const sizeOf = (changes: readonly DeskChange[]): number =>
  changes.reduce((sum, { bytes }) => sum + bytes.length, 0);
