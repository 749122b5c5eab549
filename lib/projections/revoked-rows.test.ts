import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hlc, StoreId } from '../domain/ids.ts';
import type { RevokedJournal } from '../domain/revocation.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { Projections } from './projections.ts';
import { SampleJournal } from './sample-entries.ts';

const open = () => Projections.open({ file: ':memory:', store: 'S01' as StoreId, own: undefined });
const at = '0000000000001000' as Hlc;

/** As head office says it that knew the journal up to this entry. */
const revoked = (journal: SampleJournal, last: VerifiedEntry | undefined): RevokedJournal => ({
  journal: journal.key,
  terminal: journal.terminal,
  reason: 'stolen',
  at,
  seq: last?.entry.seq ?? 0,
  hash: last?.hash ?? '-',
});

function sold(journal: SampleJournal, count: number): SampleJournal {
  for (let n = 0; n < count; n++) journal.sell([{ code: 'P1', milli: 1_000, minor: 100 }]);
  return journal;
}

describe('journals of revoked keys', () => {
  it('N9: what head office knew says nothing; what goes beyond is a flag with both ends, and counts all the same', () => {
    const t2 = sold(new SampleJournal('T2'), 3);
    const projections = open();
    projections.replaceRevoked([revoked(t2, t2.entries[2])]);
    projections.fold(t2.entries);
    expect(projections.flags({ kind: 'beyond-revocation' })).toEqual([]);
    sold(t2, 2);
    projections.fold(t2.entries);
    expect(projections.flags({ kind: 'beyond-revocation' })).toEqual([
      {
        id: `beyond-revocation|${t2.key}`,
        kind: 'beyond-revocation',
        subject: [t2.key],
        cause: {
          terminal: 'T2',
          reason: 'stolen',
          at,
          known: { seq: 3, hash: t2.entries[2]?.hash },
          last: { seq: 5, hash: t2.tip?.hash },
        },
      },
    ]);
    expect(projections.totals()).toMatchObject({ documents: 5, totalMinor: { GBP: 500 } });
    expect(projections.stockAll()).toEqual([{ sku: 'P1', quantityMilli: -5_000 }]);
  });

  it('a life that head office had not heard of is beyond with its first entry', () => {
    const t2 = sold(new SampleJournal('T2'), 1);
    const projections = open();
    projections.fold(t2.entries);
    projections.replaceRevoked([revoked(t2, undefined)]);
    const [flag] = projections.flags({ kind: 'beyond-revocation' });
    expect(flag?.cause).not.toHaveProperty('known');
    expect(flag?.cause).toMatchObject({ last: { seq: 1 } });
  });

  it('another entry in the place that head office knew is beyond it', () => {
    const t2 = sold(new SampleJournal('T2'), 1);
    const twin = t2.fork();
    t2.sell([{ code: 'P1', milli: 1_000 }], { command: 'mine-0001' });
    twin.sell([{ code: 'P1', milli: 9_000 }], { command: 'twin-0001' });
    const projections = open();
    projections.replaceRevoked([revoked(t2, t2.tip)]);
    projections.fold(t2.entries);
    expect(projections.flagCounts()['beyond-revocation']).toBeUndefined();
    projections.fold(twin.entries);
    expect(projections.flagCounts()['beyond-revocation']).toBe(1);
  });

  it('a flag goes with its cause: more was known than was said first, or the entries are gone', () => {
    const t2 = sold(new SampleJournal('T2'), 2);
    const projections = open();
    projections.fold(t2.entries);
    projections.replaceRevoked([revoked(t2, t2.entries[0])]);
    expect(projections.flagCounts()['beyond-revocation']).toBe(1);
    projections.replaceRevoked([revoked(t2, t2.entries[1])]);
    expect(projections.flagCounts()['beyond-revocation']).toBeUndefined();
    projections.replaceRevoked([revoked(t2, t2.entries[0])]);
    projections.dropJournal(t2.key);
    expect(projections.flagCounts()).toEqual({});
    projections.fold(t2.entries);
    expect(projections.flagCounts()['beyond-revocation']).toBe(1);
    projections.replaceRevoked([]);
    expect(projections.flagCounts()['beyond-revocation']).toBeUndefined();
  });

  it('P4: the order in which revocations and entries arrive changes nothing', () => {
    const t1 = sold(new SampleJournal('T1'), 4);
    const t2 = sold(new SampleJournal('T2'), 6);
    const twin = t2.fork();
    sold(t2, 2);
    twin.sell([{ code: 'P2', milli: 2_000 }], { command: 'twin-0001' });
    const all = [...t1.entries, ...t2.entries, ...twin.entries.slice(6)];
    const facts = [revoked(t2, t2.entries[4])];
    const expected = (() => {
      const projections = open();
      projections.fold(all);
      projections.replaceRevoked(facts);
      return { dump: projections.dump(), stock: projections.stockHash() };
    })();
    expect(expected.dump.flags).toHaveLength(
      new Set(expected.dump.flags.map((flag) => JSON.stringify(flag))).size,
    );
    expect(JSON.stringify(expected.dump.flags)).toContain('beyond-revocation');
    let before = 0;
    fc.assert(
      fc.property(
        fc.shuffledSubarray(all, { minLength: all.length }),
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 13 }),
        fc.integer({ min: 0, max: 12 }),
        (order, sizes, when) => {
          const projections = open();
          let from = 0;
          for (let step = 0; from < order.length; step++) {
            if (step === when) {
              projections.replaceRevoked(facts);
              before += Number(from === 0);
            }
            const size = sizes[step % sizes.length] ?? 1;
            projections.fold(order.slice(from, from + size));
            from += size;
          }
          projections.replaceRevoked(facts);
          expect(projections.dump()).toEqual(expected.dump);
          expect(projections.stockHash()).toBe(expected.stock);
        },
      ),
      { seed: 11, numRuns: 60 },
    );
    expect(before).toBeGreaterThan(0);
  });
});
