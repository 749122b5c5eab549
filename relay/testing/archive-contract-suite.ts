/** What every archive must keep to: run it on each implementation. */
import { expect, test } from 'vitest';
import type { EntryHash } from '../../lib/domain/ids.ts';
import type { ArchiveContract, PostingRule } from '../archive-contract.ts';
import {
  ledgerAdjustment,
  returnOf,
  sale,
  SampleJournal,
  stockAdjustment,
} from './sample-entries.ts';

export type NewArchive = (options: {
  readonly clock: { wallMs(): number };
  readonly rule?: PostingRule;
  readonly retryLimit?: number;
}) => Promise<ArchiveContract>;

export function archiveContractSuite(newArchive: NewArchive): void {
  let nowMs = 0;
  const clock = { wallMs: () => nowMs };
  const open = (more: { rule?: PostingRule; retryLimit?: number } = {}) => {
    nowMs = Date.UTC(2026, 0, 1);
    return newArchive({ clock, ...more });
  };

  test('P9: sums documents and lines by kind, to the minor unit', async () => {
    const archive = await open();
    const journal = new SampleJournal();
    const entries = [
      ...journal.sales(10, 3),
      journal.append(returnOf('S01-T1A-R-1', 1)),
      journal.append(stockAdjustment('S01-T1A-A-1')),
      journal.append(ledgerAdjustment('S01-T1A-L-1', -11_062)),
      journal.append({ type: 'FromTheFuture', body: { totalMinor: 99 } }),
    ];
    const result = await archive.ingest(entries);
    expect(result).toMatchObject({ archived: 14, posted: 13, refused: 0 });
    expect(await archive.summary()).toEqual({
      documents: 13,
      lines: 33,
      sale: 10,
      return: 1,
      stockAdjustment: 1,
      ledgerAdjustment: 1,
      // 10 × (1 + 2 + 3) × 2.55 − 2.55 − 110.62
      total: '39.83',
      totalMinor: 3_983,
      currencies: [{ currency: 'GBP', total: '39.83', totalMinor: 3_983 }],
    });
  });

  test('an empty archive has no tips, no documents and an identity that stays', async () => {
    const archive = await open();
    expect(await archive.tips()).toEqual(new Map());
    expect(await archive.summary()).toMatchObject({ documents: 0, lines: 0, total: '0.00' });
    expect(await archive.ingest([])).toMatchObject({ archived: 0 });
    const { archive: id, generation } = await archive.identity();
    expect(await archive.beginGeneration(4)).toEqual({ archive: id, generation: 5 });
    expect(await archive.beginGeneration(1)).toEqual({ archive: id, generation: 6 });
    expect(generation).toBe(1);
  });

  test('S2: doing it twice, in any cut, changes nothing', async () => {
    const archive = await open();
    const entries = new SampleJournal().sales(30);
    await archive.ingest(entries.slice(0, 20));
    const before = await archive.summary();
    expect(await archive.ingest(entries.slice(0, 20))).toMatchObject({ archived: 0, posted: 0 });
    expect(await archive.summary()).toEqual(before);
    const again = await archive.ingest([...entries.slice(10), ...entries.slice(10)]);
    expect(again).toMatchObject({ archived: 10, posted: 10 });
    expect((await archive.summary()).sale).toBe(30);
  });

  test('P4: tips are contiguous whatever the order of arrival', async () => {
    const archive = await open();
    const a = new SampleJournal('T1');
    const b = new SampleJournal('T2');
    const [of1, of2] = [a.sales(9), b.sales(3)];
    const late = await archive.ingest(of1.slice(6));
    expect(late.tips.get(a.key)).toBeUndefined();
    const holed = await archive.ingest([...of1.slice(0, 3), ...of2]);
    expect(holed.tips.get(a.key)).toEqual({ seq: 3, hash: of1[2]?.hash });
    expect(holed.tips.get(b.key)).toEqual({ seq: 3, hash: of2[2]?.hash });
    const filled = await archive.ingest(of1.slice(3, 6));
    expect(filled.tips).toEqual(new Map([[a.key, { seq: 9, hash: of1[8]?.hash }]]));
    // A batch with nothing new still says where its journals stand.
    expect((await archive.ingest(of1.slice(0, 1))).tips.get(a.key)?.seq).toBe(9);
    expect([...(await archive.tips()).keys()].sort()).toEqual([a.key, b.key]);
  });

  test('P3: both sides of a fork are kept and counted; the tip follows the longer', async () => {
    const archive = await open();
    const a = new SampleJournal();
    const common = a.sales(2);
    const b = a.fork();
    const ofA = [a.append(sale('S01-T1A-S-3', 30)), a.append(sale('S01-T1A-S-4', 31))];
    const ofB = [b.append(sale('S01-T1A-S-3', 40))];
    await archive.ingest([...common, ...ofB]);
    expect((await archive.tips()).get(a.key)).toEqual({ seq: 3, hash: ofB[0]?.hash });
    const result = await archive.ingest(ofA);
    expect(result).toMatchObject({ archived: 2, posted: 2 });
    expect(result.tips.get(a.key)).toEqual({ seq: 4, hash: ofA[1]?.hash });
    expect((await archive.summary()).sale).toBe(5);
  });

  test('P8: a body that is not of its type is archived, refused with its cause, and stops nothing', async () => {
    const archive = await open();
    const journal = new SampleJournal();
    const entries = [
      ...journal.sales(3),
      journal.append({ type: 'SaleCompleted', body: { number: 7 } }),
      ...journal.sales(3),
    ];
    expect(await archive.ingest(entries)).toMatchObject({ archived: 7, posted: 6, refused: 1 });
    expect((await archive.tips()).get(journal.key)?.seq).toBe(7);
    const [problem] = await archive.problems();
    expect(problem).toMatchObject({ journal: journal.key, seq: 4, cause: 'invalid', attempts: 1 });
    expect(problem?.state).toBe('refused');
  });

  test('P8: a text with U+0000, wherever it stands, jams nothing', async () => {
    const archive = await open();
    const journal = new SampleJournal();
    const { body } = sale('S01-T1A-S-1', 1, 1);
    const line = (body['lines'] as Record<string, unknown>[])[0];
    const entries = [
      journal.append({
        type: 'SaleCompleted',
        body: { ...body, lines: [{ ...line, name: 'a\0b' }] },
      }),
      journal.append({ type: 'Later\0', body: { text: '\0' } }, { by: 'an\0na', command: '\0' }),
      ...journal.sales(1),
    ];
    const result = await archive.ingest(entries);
    expect(result.archived).toBe(3);
    expect(result.tips.get(journal.key)?.seq).toBe(3);
    expect(result.posted + result.refused).toBe(2);
  });

  test('P8: a rule refuses, time passes, the rule relents: the document posts', async () => {
    const blocked = new Set<EntryHash>();
    const archive = await open({
      rule: async (documents) =>
        new Map(
          documents.filter((each) => blocked.has(each.hash)).map((each) => [each.hash, 'blocked']),
        ),
    });
    const journal = new SampleJournal();
    const [first, second] = journal.sales(2);
    if (!first || !second) throw new Error('two sales');
    blocked.add(first.hash);
    expect(await archive.ingest([first, second])).toMatchObject({ posted: 1, refused: 1 });
    expect(await archive.problems()).toMatchObject([{ cause: 'rule', message: 'blocked' }]);

    expect(await archive.retryDue()).toEqual({ posted: 0, refused: 0, parked: 0 });
    nowMs += 5_000;
    expect(await archive.retryDue()).toEqual({ posted: 0, refused: 1, parked: 0 });
    blocked.clear();
    // The pause has doubled.
    nowMs += 5_000;
    expect(await archive.retryDue()).toEqual({ posted: 0, refused: 0, parked: 0 });
    nowMs += 5_000;
    expect(await archive.retryDue()).toEqual({ posted: 1, refused: 0, parked: 0 });
    expect(await archive.problems()).toEqual([]);
    expect((await archive.summary()).sale).toBe(2);
  });

  test('P8: parked after the limit of attempts, left alone, and tried again on a person’s word', async () => {
    let strict = true;
    const archive = await open({
      retryLimit: 3,
      rule: async (documents) => new Map(strict ? documents.map((each) => [each.hash, 'no']) : []),
    });
    const journal = new SampleJournal();
    const [only] = journal.sales(1);
    if (!only) throw new Error('one sale');
    await archive.ingest([only]);
    const results = [];
    for (let attempt = 2; attempt <= 4; attempt++) {
      nowMs += 3_600_000;
      results.push(await archive.retryDue());
    }
    expect(results.map(({ refused, parked }) => [refused, parked])).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ]);
    const [parked] = await archive.problems();
    expect(parked).toMatchObject({ state: 'parked', attempts: 3 });
    expect(await archive.reset({ journal: journal.key, seq: 9, hash: 'x' as EntryHash })).toBe(
      false,
    );
    expect(await archive.reset({ journal: journal.key, seq: 1, hash: only.hash })).toBe(true);
    strict = false;
    expect(await archive.retryDue()).toEqual({ posted: 1, refused: 0, parked: 0 });
    expect(await archive.reset({ journal: journal.key, seq: 1, hash: only.hash })).toBe(false);
  });

  test('a rule that fails keeps the whole batch out; afterwards it goes in', async () => {
    let fails = true;
    const archive = await open({
      rule: async () => {
        if (fails) throw new Error('the rule failed');
        return new Map();
      },
    });
    const entries = new SampleJournal().sales(3);
    await expect(archive.ingest(entries)).rejects.toThrow('the rule failed');
    expect(await archive.tips()).toEqual(new Map());
    fails = false;
    expect(await archive.ingest(entries)).toMatchObject({ archived: 3, posted: 3 });
  });
}
