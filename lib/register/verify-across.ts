/**
 * What one journal says of another: tips that others saw, numbers that two carry, and the series of each. Pure.
 */
import {
  isEntryHash,
  isIncarnationId,
  isJournalKey,
  isSeriesLetter,
  journalKeyOf,
  parseJournalKey,
  type EntryHash,
  type JournalKey,
} from '../domain/ids.ts';
import { fromBase64Url } from '../journal/bytes.ts';
import { hash8Of } from '../journal/entry.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { ListedRecord } from '../replica/list-changes.ts';
import { documentsOf, foreignNumbers, seriesOfJournal } from './verify-figures.ts';
import type { Report } from './verify-journal.ts';
import { ranges, type JournalReport, type SeriesReport } from './verify-report.ts';

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

/**
 * What entries of other journals, and head office's archive, saw of each journal.
 * @param lives journals that were written in this directory: theirs and what they saw was here once. What others saw of
 * others may still be on its way.
 */
export function compareSights(
  journals: readonly Proven[],
  archived: readonly ArchivedTip[],
  lives: ReadonlySet<JournalKey>,
  report: Report,
): void {
  const byKey = new Map(
    journals.map((one) => [
      one.journal,
      { ...one, bySeq: Map.groupBy(one.entries, ({ entry }) => entry.seq) },
    ]),
  );
  /** The last entry of each journal that was here once and is not; every entry before it is missed with it. */
  const missing = new Map<JournalKey, { readonly seq: number; readonly who: string }>();
  const compare = (journal: JournalKey, seq: number, hash8: string, by: Witness): void => {
    const one = byKey.get(journal);
    const here = one?.bySeq.get(seq);
    if (here && !here.some(({ hash }) => hash8Of(hash) === hash8)) {
      const what = `${by.who} had seen another entry`;
      report({ kind: 'edited', where: `journals/${journal}`, seq, what });
    }
    const wasHere = lives.has(journal) || (by.journal !== undefined && lives.has(by.journal));
    const isBeyond = seq > Math.max(one?.report.last ?? 0, missing.get(journal)?.seq ?? 0);
    if (wasHere && isBeyond) missing.set(journal, { seq, who: by.who });
  };
  for (const { journal, entries } of journals)
    for (const { entry } of entries) {
      const by = { journal, who: `${journal} seq ${entry.seq}` };
      for (const [key, [seq, hash8]] of Object.entries(entry.saw))
        compare(key as JournalKey, seq, hash8, by);
      const before = continuedBy(journal, entry);
      if (before) compare(before.journal, before.seq, hash8Of(before.hash), by);
    }
  for (const { journal, seq, hash } of archived)
    compare(journal, seq, hash8Of(hash), { who: 'the archive' });
  for (const [journal, { seq, who }] of missing) {
    const last = byKey.get(journal)?.report.last ?? 0;
    const left = last === 0 ? 'nothing of this journal is here' : `here it ends with ${last}`;
    const what = `${who} had seen this entry; ${left}`;
    report({ kind: 'missing', where: `journals/${journal}`, seq, what });
  }
}

type Witness = { readonly journal?: JournalKey; readonly who: string };

/** The end of the life before, as the first entry of a life names it. */
function continuedBy(
  journal: JournalKey,
  { type, body }: VerifiedEntry['entry'],
): ArchivedTip | undefined {
  const { incarnation, seq, hash } = (body['continues'] ?? {}) as Readonly<Record<string, unknown>>;
  if (type !== 'IncarnationBegun' || !isIncarnationId(incarnation)) return undefined;
  if (typeof seq !== 'number' || !isWholeHash(hash)) return undefined;
  return { journal: journalKeyOf({ ...parseJournalKey(journal), incarnation }), seq, hash };
}

/** The shape of a hash is not yet one: its last character has two bits too many. */
const isWholeHash = (value: unknown): value is EntryHash =>
  isEntryHash(value) && fromBase64Url(value) !== undefined;

/** Journals' tips that head office signed as archived. */
export function archivedIn(records: readonly ListedRecord[]): ArchivedTip[] {
  return records.flatMap(({ fields }) =>
    Object.entries(fields['tips'] ?? {}).flatMap(([journal, tip]): ArchivedTip[] => {
      const { seq, hash } = (tip ?? {}) as { seq?: unknown; hash?: unknown };
      if (!isJournalKey(journal) || typeof seq !== 'number' || !isWholeHash(hash)) return [];
      return [{ journal, seq, hash }];
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
      report({ kind: 'hole', where, what: `${one.series}: ${ranges(one.holes)}` });
    if (one.doubles.length > 0)
      report({ kind: 'double', where, what: `${one.series}: ${ranges(one.doubles)}` });
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
