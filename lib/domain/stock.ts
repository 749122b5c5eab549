/**
 * The reference rule of stock: the standing count plus what moved outside of it. Pure and independent of order;
 * every faster way to the figure (periods, projections) must agree with this one (P4, P6).
 */
import type { Hlc, JournalKey } from './ids.ts';
import { limits } from './limits.ts';
import { sumExact } from './money.ts';

/** One line of a stock count. */
export type CountLine = {
  /** Tells two counts apart: unique per line, equal on all replicas (journal, seq, hash, line). */
  readonly id: string;
  readonly quantityMilli: number;
  /** Clock when the shelf was read. */
  readonly at: Hlc;
  /** The entry that holds the line. */
  readonly journal: JournalKey;
  readonly seq: number;
  /** What had been seen when the shelf was read, the own journal included: journal → seq. */
  readonly seen: Readonly<Record<JournalKey, number>>;
};

export type StockMovement = {
  readonly journal: JournalKey;
  readonly seq: number;
  /** Clock of the entry. */
  readonly at: Hlc;
  readonly quantityMilli: number;
  /** Whether the entry's own past holds the count's entry. Asked only of counts in other journals. */
  sawCount(count: CountLine): boolean;
};

export type Stock<Count extends CountLine, Moved extends StockMovement> = {
  readonly onHandMilli: number;
  /** The count that stands; undefined when nobody has counted. */
  readonly standing: Count | undefined;
  /** Counts that did not know of the standing one, nor it of them: the flag `concurrent-count`. By clock, latest first. */
  readonly rivals: readonly Count[];
  /** Movements whose side of the standing count only close clocks decided: the flag `count-doubt`. In the order given. */
  readonly doubtful: readonly Moved[];
};

/** Stock of one product (or one batch of it): give the counts and movements of that product only. */
export function stockOf<Count extends CountLine, Moved extends StockMovement>(facts: {
  readonly counts: readonly Count[];
  readonly movements: readonly Moved[];
}): Stock<Count, Moved> {
  const [standing, ...rivals] = leadingCounts(facts.counts);
  if (standing === undefined) {
    const onHandMilli = sumExact(facts.movements.map((movement) => movement.quantityMilli));
    return { onHandMilli, standing: undefined, rivals: [], doubtful: [] };
  }
  const doubtful: Moved[] = [];
  const outside: number[] = [];
  for (const movement of facts.movements) {
    const place = placeOf(movement, standing);
    if (place.doubt) doubtful.push(movement);
    if (!place.inside) outside.push(movement.quantityMilli);
  }
  return { onHandMilli: standing.quantityMilli + sumExact(outside), standing, rivals, doubtful };
}

/** Counts that no other had seen, latest first by clock; equal clocks are ordered by id, as on every replica. */
function leadingCounts<Count extends CountLine>(counts: readonly Count[]): Count[] {
  const hasSeen = (later: CountLine, earlier: CountLine): boolean =>
    later.id !== earlier.id && earlier.seq <= (later.seen[earlier.journal] ?? 0);
  const unseen = counts.filter((count) => !counts.some((other) => hasSeen(other, count)));
  // Honest counts cannot all have been seen; forged ones that claim each other's future can, and must not erase stock.
  const leading = unseen.length > 0 ? unseen : [...counts];
  return leading.sort((a, b) => compare(b.at, a.at) || compare(b.id, a.id));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Whether a count holds a movement, and whether only clocks closer than their doubt say so. */
export function placeOf(
  movement: StockMovement,
  count: CountLine,
): { readonly inside: boolean; readonly doubt: boolean } {
  if (movement.seq <= (count.seen[movement.journal] ?? 0)) return { inside: true, doubt: false };
  // One till's journal is in order by itself: what it had not seen when the shelf was read came after.
  if (movement.journal === count.journal) return { inside: false, doubt: false };
  if (movement.sawCount(count)) return { inside: false, doubt: false };
  const apartMs = Math.abs(millisecondsOf(movement.at) - millisecondsOf(count.at));
  return { inside: movement.at <= count.at, doubt: apartMs <= limits.clockDoubtMs };
}

const millisecondsOf = (at: Hlc): number => Number.parseInt(at.slice(0, 12), 16);
