/**
 * Stock as DESIGN §7 says it, written down a second time and simply: one count decides, and what it had not seen is
 * added. Reads entries; knows nothing of projections.
 */
import type { Sku } from '#lib/domain/ids.ts';
import type { VerifiedEntry } from '#lib/journal/envelope.ts';

type Count = {
  readonly read: VerifiedEntry;
  readonly line: number;
  readonly quantityMilli: number;
  readonly at: string;
  readonly seen: Readonly<Record<string, number>>;
};

export type Movement = { readonly read: VerifiedEntry; readonly sku: Sku; readonly milli: number };

/** Stock by SKU of everything that moved or was counted. */
export function stockModel(
  entries: readonly VerifiedEntry[],
  movements: readonly Movement[],
): Map<Sku, number> {
  const seen = whatEachHadSeen(entries);
  const counts = new Map<Sku, Count[]>();
  for (const read of entries) {
    if (read.entry.type !== 'StockCounted') continue;
    const { lines } = read.entry.body as { lines: (Omit<Count, 'read' | 'line'> & { sku: Sku })[] };
    for (const [line, one] of lines.entries())
      counts.set(one.sku, [...(counts.get(one.sku) ?? []), { ...one, read, line }]);
  }
  const stock = new Map<Sku, number>();
  for (const sku of new Set([...counts.keys(), ...movements.map((one) => one.sku)])) {
    const standing = standingOf(counts.get(sku) ?? []);
    let milli = standing?.quantityMilli ?? 0;
    for (const movement of movements)
      if (movement.sku === sku && !(standing && isInside(movement, standing, seen)))
        milli += movement.milli;
    stock.set(sku, milli);
  }
  return stock;
}

/** The latest by clock among those that no other had seen. */
function standingOf(counts: readonly Count[]): Count | undefined {
  const unseen = counts.filter(
    (one) =>
      !counts.some(
        (other) => other !== one && one.read.entry.seq <= (other.seen[one.read.journal] ?? 0),
      ),
  );
  const idOf = ({ read, line }: Count) => `${read.journal}/${read.entry.seq}/${read.hash}/${line}`;
  return unseen.sort((a, b) =>
    a.at === b.at ? (idOf(a) < idOf(b) ? 1 : -1) : a.at < b.at ? 1 : -1,
  )[0];
}

function isInside(
  { read }: Movement,
  count: Count,
  seen: ReadonlyMap<string, ReadonlyMap<string, number>>,
): boolean {
  const { journal, entry } = read;
  if (entry.seq <= (count.seen[journal] ?? 0)) return true;
  if (journal === count.read.journal) return false;
  if ((seen.get(read.hash)?.get(count.read.journal) ?? 0) >= count.read.entry.seq) return false;
  return entry.at <= count.at;
}

/** By entry: the highest seq of each other journal that it and those before it in its own journal speak of. */
function whatEachHadSeen(
  entries: readonly VerifiedEntry[],
): Map<string, ReadonlyMap<string, number>> {
  const seen = new Map<string, ReadonlyMap<string, number>>();
  for (const read of [...entries].sort((a, b) => a.entry.seq - b.entry.seq)) {
    const own = new Map(seen.get(read.entry.prev));
    for (const [journal, [seq]] of Object.entries(read.entry.saw) as [string, [number, string]][])
      own.set(journal, Math.max(seq, own.get(journal) ?? 0));
    seen.set(read.hash, own);
  }
  return seen;
}
