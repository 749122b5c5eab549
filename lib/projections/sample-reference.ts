/**
 * What happened to one SKU straight from the entries, with causality walked entry by entry: what the read models must
 * agree with. Used by tests alone.
 */
import { stockOf, type CountLine, type StockMovement } from '../domain/stock.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { contributionOf } from './contribution.ts';
import { countsOfEntry } from './inventory-period.ts';

export type ReferenceCount = CountLine & { readonly batch: string };
export type ReferenceMovement = StockMovement & { readonly batch: string; readonly hash: string };

export type ReferenceFacts = {
  readonly counts: readonly ReferenceCount[];
  readonly movements: readonly ReferenceMovement[];
};

export function referenceFacts(entries: readonly VerifiedEntry[], code: string): ReferenceFacts {
  const counts = entries
    .flatMap((read) => countsOfEntry(read).map((line) => ({ ...line, journal: read.journal })))
    .filter((line) => line.sku === code)
    .map((line) => ({
      ...line,
      batch: line.batch ?? '',
      id: `${line.journal}/${line.seq}/${line.hash}/${line.line}`,
    }));
  return { counts, movements: entries.flatMap((read) => movementsOf(read, entries, code)) };
}

/** The sum of all batches by the domain's own rule. */
export function referenceStock({ counts, movements }: ReferenceFacts): number {
  const batches = new Set([...counts, ...movements].map(({ batch }) => batch));
  return [...batches]
    .map((batch) =>
      stockOf({
        counts: counts.filter((line) => line.batch === batch),
        movements: movements.filter((one) => one.batch === batch),
      }),
    )
    .reduce((sum, { onHandMilli }) => sum + onHandMilli, 0);
}

function movementsOf(
  { journal, entry, hash }: VerifiedEntry,
  all: readonly VerifiedEntry[],
  code: string,
): ReferenceMovement[] {
  const contribution = contributionOf(entry);
  if (contribution.state !== 'folded') return [];
  return contribution.movements
    .filter((one) => one.sku === code)
    .map(({ batch = '', quantityMilli }) => ({
      journal,
      seq: entry.seq,
      hash,
      at: entry.at,
      batch,
      quantityMilli,
      sawCount: (count) =>
        all.some(
          (earlier) =>
            earlier.journal === journal &&
            earlier.entry.seq <= entry.seq &&
            (earlier.entry.saw[count.journal]?.[0] ?? 0) >= count.seq,
        ),
    }));
}
