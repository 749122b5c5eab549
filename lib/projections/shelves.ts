/**
 * The stock of one SKU batch by batch. A count of a batch counts that batch; one without a batch counts the goods
 * of no batch; the SKU's stock is the sum. The rule itself is the domain's; only the sums are made here, in BigInt,
 * because absurd quantities in one journal must not stop the fold of the others (P8).
 */
import { placeOf, stockOf, type CountLine, type StockMovement } from '../domain/stock.ts';

type OfBatch = { readonly batch: string };

export type Shelf<Count, Moved> = {
  /** `''` for goods of no batch. */
  readonly batch: string;
  readonly onHandMilli: bigint;
  readonly standing: Count | undefined;
  readonly rivals: readonly Count[];
  readonly doubtful: readonly Moved[];
};

/** One shelf per batch that moved or was counted, by batch. */
export function shelvesOf<Count extends CountLine & OfBatch, Moved extends StockMovement & OfBatch>(
  counts: readonly Count[],
  movements: readonly Moved[],
): Shelf<Count, Moved>[] {
  const countsBy = Map.groupBy(counts, (count) => count.batch);
  const movementsBy = Map.groupBy(movements, (movement) => movement.batch);
  const batches = [...new Set([...countsBy.keys(), ...movementsBy.keys()])].sort();
  return batches.map((batch) =>
    shelfOf(batch, countsBy.get(batch) ?? [], movementsBy.get(batch) ?? []),
  );
}

function shelfOf<Count extends CountLine, Moved extends StockMovement>(
  batch: string,
  counts: readonly Count[],
  movements: readonly Moved[],
): Shelf<Count, Moved> {
  const { standing, rivals } = stockOf<Count, Moved>({ counts, movements: [] });
  const doubtful: Moved[] = [];
  let onHandMilli = BigInt(standing?.quantityMilli ?? 0);
  for (const movement of movements) {
    const place = standing ? placeOf(movement, standing) : outside;
    if (place.doubt) doubtful.push(movement);
    if (!place.inside) onHandMilli += BigInt(movement.quantityMilli);
  }
  return { batch, onHandMilli, standing, rivals, doubtful };
}

const outside = { inside: false, doubt: false } as const;
