/**
 * Whether a database still holds what it once confirmed. One that was restored from a backup, or replaced, does not: it is a
 * new generation, which voids "archived" everywhere and takes everything in again.
 */
import type { JournalKey } from '../lib/domain/ids.ts';
import type { ArchivedTips } from './archive-contract.ts';

export type GenerationAssessment =
  | { readonly kind: 'current' }
  /** `journals`: those whose confirmed entries are missing. */
  | { readonly kind: 'behind'; readonly journals: readonly JournalKey[] };

/**
 * @param statusTips what the last signed status confirmed
 * @param dbTips what the database holds now
 */
export function assessGeneration(
  statusTips: ArchivedTips,
  dbTips: ArchivedTips,
): GenerationAssessment {
  const journals = [...statusTips]
    .filter(([journal, confirmed]) => {
      const held = dbTips.get(journal);
      if (held === undefined || held.seq < confirmed.seq) return true;
      // Another entry at the same place: what was confirmed may be gone. Taking everything in again is always safe.
      return held.seq === confirmed.seq && held.hash !== confirmed.hash;
    })
    .map(([journal]) => journal)
    .sort();
  return journals.length === 0 ? { kind: 'current' } : { kind: 'behind', journals };
}
