/**
 * Whether the read models know the last number of each series that the own journal has used: the next sale takes its
 * number from them, and after a power cut nothing else says that a hand has not set them back (P3).
 */
import { documentOf } from '../domain/document-summary.ts';
import { parseNumber } from '../domain/series.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { Projections } from '../projections/projections.ts';

/** Entries that are looked at: every series that is in daily use is among them, and they are read in milliseconds. */
const entriesMost = 200;

/** @param backwards the own journal from its end, all of it folded. */
export function numbersFit(
  backwards: Iterable<VerifiedEntry>,
  models: Pick<Projections, 'lastNumber'>,
): boolean {
  const met = new Set<string>();
  let looked = 0;
  for (const { entry } of backwards) {
    if (++looked > entriesMost) break;
    const number = documentOf(entry.type, entry.body)?.number;
    const parsed = number === undefined ? undefined : parseNumber(number);
    if (!parsed || met.has(parsed.code)) continue;
    met.add(parsed.code);
    if (models.lastNumber(parsed.letter, parsed.code) !== parsed.n) return false;
  }
  return true;
}
