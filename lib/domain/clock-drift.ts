/**
 * Whose clock is wrong where clocks differ. Two that differ prove only that one of them is wrong; who stands against most of
 * those that were compared is. Pure, for the fold of flags and for screens alike.
 */
import { limits } from './limits.ts';

/** Two terminals whose clocks differ by more than the limit. */
export type Disagreement = readonly [a: string, b: string];

export type Blame = {
  /** Each stands against more than half of the others. Sorted. */
  readonly wrong: readonly string[];
  /** Groups in which nobody has a majority behind him: one of two, or two against two. Sorted. */
  readonly unclear: readonly (readonly string[])[];
};

export function blameFor(disagreements: readonly Disagreement[]): Blame {
  const against = new Map<string, Set<string>>();
  const add = (one: string, other: string): void => {
    const those = against.get(one) ?? new Set();
    against.set(one, those.add(other));
  };
  for (const [a, b] of disagreements) {
    if (a === b) continue;
    add(a, b);
    add(b, a);
  }
  const wrong: string[] = [];
  const unclear: string[][] = [];
  for (const group of groupsOf(against)) {
    const outvoted = group.filter((one) => 2 * (against.get(one)?.size ?? 0) > group.length - 1);
    // Where everybody stands against most of the others, nobody speaks for a majority.
    if (outvoted.length === group.length) unclear.push(group);
    else wrong.push(...outvoted);
  }
  return {
    wrong: wrong.toSorted(),
    unclear: unclear.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  };
}

/** Who is connected with whom by disagreements, however far. Each sorted. */
function groupsOf(against: ReadonlyMap<string, ReadonlySet<string>>): string[][] {
  const seen = new Set<string>();
  const groups: string[][] = [];
  for (const first of against.keys()) {
    if (seen.has(first)) continue;
    const group = new Set([first]);
    // A set that grows while it is walked is walked to its end.
    for (const one of group) for (const other of against.get(one) ?? []) group.add(other);
    for (const one of group) seen.add(one);
    groups.push([...group].toSorted());
  }
  return groups;
}

export type ClockOff = {
  /** How far it is ahead of those that agree; of an unclear one: of the clock of whoever measured. */
  readonly offsetMs: number;
  /** Those that agree with each other against it; of an unclear one: the others of its group. */
  readonly others: readonly string[];
  readonly isClear: boolean;
};

/** Clocks as one replica measured them, its own among them with 0. Only those that are wrong or may be. */
export function clocksOff(offsets: ReadonlyMap<string, number>): ReadonlyMap<string, ClockOff> {
  const all = [...offsets];
  const { wrong, unclear } = blameFor(
    all.flatMap(([a, aMs], n) =>
      all
        .slice(n + 1)
        .filter(([, bMs]) => Math.abs(aMs - bMs) >= limits.clockDriftMs)
        .map(([b]): Disagreement => [a, b]),
    ),
  );
  const off = new Map<string, ClockOff>();
  const right = all.filter(([one]) => !wrong.includes(one));
  const standardMs = median(right.map(([, offsetMs]) => offsetMs));
  const others = right.map(([one]) => one).toSorted();
  for (const one of wrong)
    off.set(one, { offsetMs: (offsets.get(one) ?? 0) - standardMs, others, isClear: true });
  for (const group of unclear)
    for (const one of group)
      off.set(one, {
        offsetMs: offsets.get(one) ?? 0,
        others: group.filter((other) => other !== one),
        isClear: false,
      });
  return off;
}

/**
 * Whether a clock is to be told of (again) after what was told of it last; undefined: nothing yet. It is off from one bound on
 * and right again below another, and one that is off is told again only when it has moved far.
 */
export function isClockNews(toldMs: number | undefined, offsetMs: number): boolean {
  const wasOff = isClockOff(toldMs ?? 0);
  const isOff = Math.abs(offsetMs) >= (wasOff ? limits.clockSettledMs : limits.clockDriftMs);
  if (isOff !== wasOff) return true;
  const movedMs = Math.abs(offsetMs - (toldMs ?? 0));
  // Between the bounds it is neither: a word of it would read as one of a clock that is right.
  return (
    isClockOff(offsetMs) && movedMs >= Math.max(limits.clockChangedMs, Math.abs(toldMs ?? 0) / 2)
  );
}

/** Of what was told: right words are told below the lower bound only. */
export const isClockOff = (toldMs: number): boolean => Math.abs(toldMs) >= limits.clockDriftMs;

/** The middle one; of an even number the lower of the two. 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}
