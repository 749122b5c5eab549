import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryHash, Hlc, IncarnationId, JournalKey, StoreId, TerminalId } from './ids.ts';
import { limits } from './limits.ts';
import { earlier, readNotice, revokedJournals, type Revocation } from './revocation.ts';

const store = 'S01' as StoreId;
const key = (n: number) => n.toString(16).padStart(64, '0');
const hash = (n: number) => `h${n}`.padEnd(43, 'A') as EntryHash;
const at = (n: number) => n.toString(16).padStart(16, '0') as Hlc;
const identity = (terminal: string, life: number, of = store) => ({
  store: of,
  terminal: terminal as TerminalId,
  incarnation: life.toString(16).padStart(16, '0') as IncarnationId,
});
const journal = (life: number) => `S01/T2/${life.toString(16).padStart(16, '0')}` as JournalKey;

const revocation: Revocation = {
  type: 'revocation',
  store,
  terminal: 'T2' as TerminalId,
  terminalKey: key(2),
  reason: 'lost',
  tips: { [journal(1)]: { seq: 5, hash: hash(5) } },
  at: at(100),
};

describe('what a notice says', () => {
  it('N9: a revocation is read as it was written, and fields of a later version are no reason to disobey', () => {
    expect(readNotice(revocation, store)).toEqual({ kind: 'revocation', revocation });
    const later = { ...revocation, reason: 'on-loan', note: 'x', chain: ['y'] };
    expect(readNotice(later, store)).toEqual({
      kind: 'revocation',
      revocation: { ...revocation, reason: 'on-loan' },
    });
  });

  it('P8: notices of other types are kept and say nothing here', () => {
    for (const type of ['recall', 'balance', undefined, 7, ['revocation']])
      expect(readNotice({ ...revocation, type }, store)).toEqual({ kind: 'unknown' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['another store', { store: 'S02' }],
    ['no store', { store: '../S01' }],
    ['a terminal that is none', { terminal: 'till 2' }],
    ['a key in another form', { terminalKey: key(2).toUpperCase().replace(/0/g, 'F') }],
    ['half a key', { terminalKey: key(2).slice(32) }],
    ['a reason that is a sentence', { reason: 'It was lost.' }],
    ['tips of no journal', { tips: { 'S01/T2': { seq: 1, hash: hash(1) } } }],
    ['a tip before the first entry', { tips: { [journal(1)]: { seq: 0, hash: hash(0) } } }],
    ['a tip without a hash', { tips: { [journal(1)]: { seq: 1 } } }],
    ['tips that are a list', { tips: 7 }],
    ['no clock', { at: 'yesterday' }],
    [
      'more tips than any store has',
      {
        tips: Object.fromEntries(
          Array.from({ length: limits.tipsPerMessage + 1 }, (_, n) => [
            journal(n),
            { seq: 1, hash: hash(1) },
          ]),
        ),
      },
    ],
  ])('P7: one with %s is none', (_, more) => {
    expect(readNotice({ ...revocation, ...more }, store).kind).toBe('invalid');
  });
});

describe('whose journals a revocation speaks of', () => {
  const writer = (terminal: string, life: number, terminalKey: string, of = store) => ({
    identity: identity(terminal, life, of),
    terminalKey,
  });

  it.each([
    ['lost', 1],
    ['stolen', 1],
    ['compromised', 1],
    ['on-loan', 1],
    ['replaced', 0],
    ['retired', 0],
  ])('a till that was %s takes %i along whom it had let in itself', (reason, count) => {
    const enrolled = { ...writer('T10', 7, key(10)), issuerKeys: [key(2), key(99)] };
    const others = [
      { ...writer('T11', 8, key(11)), issuerKeys: [key(1)] },
      writer('T3', 3, key(3)),
    ];
    const journals = revokedJournals([{ ...revocation, reason }], [enrolled, ...others]);
    expect(journals.map(({ seq, hash: last }) => [seq, last])).toEqual(
      Array.from({ length: count }, () => [0, '-']),
    );
  });

  it('all lives of the key, also one unheard of; never a replacement of the same name, nor another store', () => {
    const journals = revokedJournals(
      [revocation],
      [
        writer('T2', 1, key(2)),
        writer('T2', 9, key(2)),
        writer('T2', 3, key(3)),
        writer('T1', 4, key(1)),
        writer('T2', 5, key(2), 'S02' as StoreId),
      ],
    );
    const { terminal, reason } = revocation;
    expect(journals).toEqual([
      { journal: journal(1), terminal, reason, at: at(100), seq: 5, hash: hash(5) },
      { journal: journal(9), terminal, reason, at: at(100), seq: 0, hash: '-' },
    ]);
  });

  it('P4: of several revocations of one key all replicas take the same, whatever came first', () => {
    const some = fc.record({
      at: fc.integer({ min: 1, max: 3 }).map(at),
      reason: fc.constantFrom('lost', 'stolen'),
      seq: fc.integer({ min: 1, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(some, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        (given, draws) => {
          const all = given.map(({ seq, ...more }): Revocation => ({
            ...revocation,
            ...more,
            tips: { [journal(1)]: { seq, hash: hash(seq) } },
          }));
          const shuffled = all
            .map((one) => ({ one, n: draws.next().value ?? 0 }))
            .sort((a, b) => a.n - b.n)
            .map(({ one }) => one);
          const writers = [writer('T2', 1, key(2))];
          expect(revokedJournals(shuffled, writers)).toEqual(revokedJournals(all, writers));
          const [first] = all.toSorted(earlier);
          expect(revokedJournals(all, writers)[0]?.at).toBe(first?.at);
        },
      ),
      { seed: 3, numRuns: 200 },
    );
  });
});
