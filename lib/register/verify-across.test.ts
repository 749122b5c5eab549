import { expect, test } from 'vitest';
import type { EntryHash, JournalKey } from '../domain/ids.ts';
import type { Entry, VerifiedEntry } from '../journal/envelope.ts';
import { compareSights, type Proven } from './verify-across.ts';
import type { Problem } from './verify-report.ts';

const hashOf = (letter: string) => `${letter.repeat(42)}A` as EntryHash;
const before = 'S01/T1/00000000000000aa' as JournalKey;
const living = 'S01/T1/00000000000000bb' as JournalKey;
const other = 'S01/T2/00000000000000cc' as JournalKey;
const stranger = 'S01/T3/00000000000000dd' as JournalKey;

/** As far as what journals say of each other needs one. */
function journalOf(
  journal: JournalKey,
  entries: readonly (Partial<Entry> & { hash?: EntryHash })[],
) {
  const read = entries.map(({ hash = hashOf('A'), ...entry }, at) => ({
    journal,
    hash,
    entry: { seq: at + 1, type: 'SaleCompleted', body: {}, saw: {}, ...entry },
  })) as unknown as VerifiedEntry[];
  return {
    journal,
    entries: read,
    gaps: false,
    report: { last: read.length },
  } as unknown as Proven;
}

function problemsOf(journals: readonly Proven[], lives: readonly JournalKey[] = [before, living]) {
  const problems: Problem[] = [];
  compareSights(journals, [], new Set(lives), (problem) => problems.push(problem));
  return problems;
}

const continuing = (seq: number, hash: EntryHash) =>
  journalOf(living, [
    {
      type: 'IncarnationBegun',
      body: { continues: { incarnation: '00000000000000aa', seq, hash } },
    },
  ]);

test('X11: the life that went on knows the end of the one before', () => {
  const here = journalOf(before, [{}, { hash: hashOf('B') }]);
  expect(problemsOf([here, continuing(2, hashOf('B'))])).toEqual([]);
  expect(problemsOf([here, continuing(2, hashOf('C'))])).toMatchObject([
    { kind: 'edited', where: `journals/${before}`, seq: 2 },
  ]);
  expect(problemsOf([here, continuing(5, hashOf('B'))])).toMatchObject([
    { kind: 'missing', seq: 5, what: `${living} seq 1 had seen this entry; here it ends with 2` },
  ]);
  // Signed, and no hash all the same: nobody's word on anything.
  expect(problemsOf([here, continuing(5, 'B'.repeat(43) as EntryHash)])).toEqual([]);
  expect(problemsOf([continuing(5, hashOf('B'))])).toMatchObject([
    { kind: 'missing', seq: 5, what: expect.stringContaining('nothing of this journal is here') },
  ]);
});

test('X11: what an own life saw was here; what others saw of others may be on its way', () => {
  const saw = { [stranger]: [7, 'AAAAAAAAAAA'] } as unknown as Entry['saw'];
  expect(problemsOf([journalOf(living, [{ saw }])])).toMatchObject([
    { kind: 'missing', where: `journals/${stranger}`, seq: 7 },
  ]);
  expect(problemsOf([journalOf(other, [{ saw }])])).toEqual([]);
});
