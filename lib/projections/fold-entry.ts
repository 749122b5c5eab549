/**
 * The road of one entry into the read models: admitted or known, read, and handed to each model that it concerns.
 */
import type { VerifiedEntry } from '../journal/envelope.ts';
import { contributionOf, type Contribution } from './contribution.ts';
import { hasGap, type JournalRow } from './journal-rows.ts';
import type { Models } from './models.ts';

export type FoldResult = {
  /** Entries that were not here before, whether they count or not. */
  readonly added: number;
  /** Entries that were here: nothing was counted twice. */
  readonly repeated: number;
  /** Of the added: types that this version does not know. */
  readonly unknown: number;
  /** Of the added: bodies that are not what their type says. */
  readonly refused: number;
  /** Of the added: a second entry under a seq that was taken. */
  readonly forked: number;
};

export type Tally = { -readonly [Field in keyof FoldResult]: FoldResult[Field] };

export const emptyTally = (): Tally => ({
  added: 0,
  repeated: 0,
  unknown: 0,
  refused: 0,
  forked: 0,
});

/** Puts one entry into the rows; `settle` then brings the figures up to date. */
export function foldEntry(models: Models, read: VerifiedEntry, tally: Tally): void {
  const { entry, hash } = read;
  const journal = models.journals.get(read.journal);
  const admission = models.journals.admission(journal, entry.seq, hash);
  if (admission === 'repeated') {
    tally.repeated++;
    return;
  }
  tally.added++;
  const contribution = contributionOf(entry);
  const hadGap = hasGap(journal);
  const isLate = entry.seq <= journal.lastSeq;
  const row = models.journals.insert(journal, read, contribution.state);
  models.saw.add(journal, entry);
  models.revoked.changed(journal);
  if (isLate) models.stock.learnedLate(journal, entry);
  if (hadGap !== hasGap(journal)) models.numbers.recheck(journal);
  if (admission === 'fork') {
    tally.forked++;
    models.observations.forked(journal);
  }
  if (contribution.state === 'folded') contribute(models, journal, row, read, contribution);
  else if (contribution.state === 'unknown') tally.unknown++;
  else {
    tally.refused++;
    const { type } = entry;
    models.flags.put('refused-document', [read.journal, entry.seq, hash], {
      type,
      problem: contribution.problem,
    });
  }
}

function contribute(
  models: Models,
  journal: JournalRow,
  row: number,
  read: VerifiedEntry,
  {
    document,
    movements,
    counts,
    sold,
    returned,
    observation,
    act,
  }: Contribution & { state: 'folded' },
): void {
  const { entry } = read;
  if (document) {
    models.numbers.add(journal, document.number);
    models.documents.add(journal, row, read, document);
    models.returns.arrived({ journal: journal.key, seq: entry.seq });
  }
  if (act) models.acts.add(journal, row, read, act);
  models.stock.move(journal, row, entry, movements);
  models.stock.count(row, counts);
  models.sold.add(journal, sold);
  if (returned) models.returns.add(row, returned.of, returned.lines);
  if (observation) models.observations.add(row, observation);
}
