/**
 * What one journal says of another: tips that others saw, numbers that two carry, and the series of each. Pure.
 */
import {
  isEntryHash,
  isJournalKey,
  isSeriesLetter,
  type EntryHash,
  type JournalKey,
} from '../domain/ids.ts';
import { fromBase64Url } from '../journal/bytes.ts';
import { hash8Of } from '../journal/entry.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { ListedRecord } from '../replica/record-lists.ts';
import { documentsOf, foreignNumbers, seriesOfJournal } from './verify-figures.ts';
import type { Report } from './verify-journal.ts';
import type { JournalReport, SeriesReport } from './verify-report.ts';

/** One journal as far as it was proven, in order of seq. */
export type Proven = {
  readonly journal: JournalKey;
  readonly entries: readonly VerifiedEntry[];
  readonly report: JournalReport;
  readonly gaps: boolean;
};

export type ArchivedTip = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
};

/** What entries of other journals, and head office's archive, saw of each journal. */
export function compareSights(
  journals: readonly Proven[],
  archived: readonly ArchivedTip[],
  report: Report,
): void {
  const byKey = new Map(
    journals.map((one) => [
      one.journal,
      { ...one, bySeq: Map.groupBy(one.entries, ({ entry }) => entry.seq) },
    ]),
  );
  const compare = (journal: JournalKey, seq: number, hash8: string, who: string): void => {
    const one = byKey.get(journal);
    if (!one) return;
    const where = `journals/${journal}`;
    const here = one.bySeq.get(seq);
    if (here && !here.some(({ hash }) => hash8Of(hash) === hash8))
      report({ kind: 'edited', where, seq, what: `${who} had seen another entry` });
    // Entries of others may still be on their way; what this till wrote itself was here once.
    if (one.report.own && seq > one.report.last)
      report({ kind: 'missing', where, seq, what: `${who} had seen this entry` });
  };
  for (const { journal, entries } of journals)
    for (const { entry } of entries)
      for (const [key, [seq, hash8]] of Object.entries(entry.saw))
        compare(key as JournalKey, seq, hash8, `${journal} seq ${entry.seq}`);
  for (const { journal, seq, hash } of archived)
    compare(journal, seq, hash8Of(hash), 'the archive');
}

/** Journals' tips that head office signed as archived. */
export function archivedIn(records: readonly ListedRecord[]): ArchivedTip[] {
  return records.flatMap(({ fields }) =>
    Object.entries(fields['tips'] ?? {}).flatMap(([journal, tip]): ArchivedTip[] => {
      const { seq, hash } = (tip ?? {}) as { seq?: unknown; hash?: unknown };
      if (!isJournalKey(journal) || typeof seq !== 'number' || !isEntryHash(hash)) return [];
      // The shape of a hash is not yet one: its last character has two bits too many.
      return fromBase64Url(hash) ? [{ journal, seq, hash }] : [];
    }),
  );
}

/** The series of a journal; holes, doubles and numbers that are not its own are reported. */
export function seriesOf({ journal, entries, gaps }: Proven, report: Report): SeriesReport[] {
  const where = `journals/${journal}`;
  const documents = documentsOf(entries);
  const begun = entries.find(({ entry }) => entry.type === 'IncarnationBegun');
  const letter = begun?.entry.body['letter'];
  const own = isSeriesLetter(letter) ? letter : undefined;
  for (const { number, read } of foreignNumbers(journal, own, documents)) {
    const what = `${number} is not a number of this terminal`;
    report({ kind: 'edited', where, seq: read.entry.seq, what });
  }
  const series = seriesOfJournal(journal, documents);
  for (const one of series) {
    // While entries are missing, a missing number is no news.
    if (!gaps && one.holes.length > 0)
      report({ kind: 'hole', where, what: `${one.series}: ${listed(one.holes)}` });
    if (one.doubles.length > 0)
      report({ kind: 'double', where, what: `${one.series}: ${listed(one.doubles)}` });
  }
  return series;
}

/** One number in two journals: two lives of a terminal under one letter. */
export function compareNumbers(journals: readonly Proven[], report: Report): void {
  const carriers = new Map<string, JournalKey>();
  for (const { journal, entries } of journals)
    for (const { number, read } of documentsOf(entries)) {
      const other = carriers.get(number) ?? journal;
      carriers.set(number, other);
      if (other === journal) continue;
      const what = `${number} is a document of ${other} as well`;
      report({ kind: 'double', where: `journals/${journal}`, seq: read.entry.seq, what });
    }
}

/** At most ten of them, in words. */
function listed(numbers: readonly number[]): string {
  const more = numbers.length - 10;
  return numbers.slice(0, 10).join(', ') + (more > 0 ? ` and ${more} more` : '');
}
