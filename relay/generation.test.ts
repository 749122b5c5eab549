import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryHash, JournalKey } from '../lib/domain/ids.ts';
import type { ArchivedTips } from './archive-contract.ts';
import { assessGeneration } from './generation.ts';

const tips = (given: Record<string, [number, string]>): ArchivedTips =>
  new Map(
    Object.entries(given).map(([journal, [seq, hash]]) => [
      journal as JournalKey,
      { seq, hash: hash as EntryHash },
    ]),
  );

describe('archive generation', () => {
  it.each<[string, ArchivedTips, ArchivedTips, readonly string[] | 'current']>([
    ['a first start', tips({}), tips({}), 'current'],
    ['exactly what was confirmed', tips({ a: [5, 'x'] }), tips({ a: [5, 'x'] }), 'current'],
    [
      'more than was confirmed',
      tips({ a: [5, 'x'] }),
      tips({ a: [9, 'y'], b: [1, 'z'] }),
      'current',
    ],
    [
      'a restored backup',
      tips({ a: [5, 'x'], b: [7, 'y'] }),
      tips({ a: [5, 'x'], b: [6, 'w'] }),
      ['b'],
    ],
    ['an empty database', tips({ b: [7, 'y'], a: [5, 'x'] }), tips({}), ['a', 'b']],
    ['another entry in its place', tips({ a: [5, 'x'] }), tips({ a: [5, 'q'] }), ['a']],
  ])('%s', (_, status, database, expected) => {
    expect(assessGeneration(status, database)).toEqual(
      expected === 'current' ? { kind: 'current' } : { kind: 'behind', journals: expected },
    );
  });

  it('P10: whatever was confirmed and is missing is noticed', () => {
    const seqs = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.nat(9));
    fc.assert(
      fc.property(seqs, seqs, (status, database) => {
        const of = (given: Record<string, number>) =>
          tips(
            Object.fromEntries(Object.entries(given).map(([k, seq]) => [k, [seq, `${k}${seq}`]])),
          );
        const missing = Object.keys(status).filter((k) => (database[k] ?? -1) < (status[k] ?? 0));
        const result = assessGeneration(of(status), of(database));
        expect(result.kind === 'behind' ? result.journals : []).toEqual(missing.sort());
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
