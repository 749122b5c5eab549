/**
 * Puts changes of a desk after those that they follow, on trial: whether they all have a place is known before anything is
 * remembered of them.
 */
import type { ChangePlace } from '../journal/canonical-change.ts';
import type { DeskChange } from './desk-change.ts';

/** Two changes of one name are one too many. */
export const nameOf = ({ actor, actorSeq }: ChangePlace): string => `${actor} ${actorSeq}`;

export class Placing {
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

  tip(actor: string): ChangePlace {
    return this.#tips.get(actor) ?? this.#tipOf(actor);
  }

  /** Gives those back of which it is not known here what they follow. */
  inOrder(changes: readonly DeskChange[]): DeskChange[] {
    for (let left = [...changes]; ;) {
      const later = left.filter((change) => !this.#put(change));
      if (later.length === left.length || later.length === 0) return later;
      left = later;
    }
  }

  /** One of these that claims a place that is taken, by its writer's own signature. */
  twinAmong(changes: readonly DeskChange[]): DeskChange | undefined {
    const among = new Map<string, string>();
    return changes.find(({ place }) => {
      const { hash, actor, actorSeq } = place;
      const other = among.get(nameOf(place));
      among.set(nameOf(place), hash);
      const tip = this.tip(actor);
      // Of an actor without a change the tip is where the desk begins.
      const isTaken = tip.actor === actor && actorSeq <= tip.actorSeq;
      return isTaken || (other !== undefined && other !== hash);
    });
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
    const tip = this.tip(place.actor);
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
