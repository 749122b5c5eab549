import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryHash, JournalKey, Principal } from '../domain/ids.ts';
import { confirmedBy, copiesOf, foldCopies, noCopies } from './copies.ts';
import type { CopiesEvent, CopiesState, HeldTips } from './copies.ts';

const life = (device: string, n: number): Principal =>
  `${device}-${n.toString(16).padStart(16, '0')}` as Principal;
const own = 'S01/T1/0000000000000001' as JournalKey;
const foreign = 'S01/T2/0000000000000001' as JournalKey;
/** Our entries: hash by seq; `branch` is somebody else's idea of the same seq. */
const hashOf = (seq: number, branch = 0): EntryHash =>
  `${branch}-${seq}`.padEnd(43, 'A') as EntryHash;
const hashAt = (seq: number): EntryHash => hashOf(seq);
const held = (seq: number, branch = 0): HeldTips =>
  new Map([[own, { seq, hash: hashOf(seq, branch) }]]);
const fold = (...events: CopiesEvent[]): CopiesState => events.reduce(foldCopies, noCopies);
const copies = (state: CopiesState, seq = 5) => copiesOf(state, own, seq, hashAt);
const [t1, t2, t3, hq] = [
  life('S01-T1', 1),
  life('S01-T2', 1),
  life('S01-T3', 1),
  life('HQ-HQ1', 1),
];

describe('P10: how safe an entry is', () => {
  it('counts tills that hold it, HQ apart, the writer not at all', () => {
    const state = fold(
      ...[t1, t2, t3, hq].flatMap((peer): CopiesEvent[] => [
        { kind: 'linked', peer },
        { kind: 'held', peer, tips: held(5) },
      ]),
    );
    expect(copies(state)).toEqual({ onPeers: 2, atHq: true, archived: false });
    expect(copies(state, 6)).toEqual({ onPeers: 0, atHq: false, archived: false });
  });

  it("a later word replaces the earlier one on that journal, also when it says less, and no other's", () => {
    const before = fold(
      { kind: 'linked', peer: t2 },
      { kind: 'held', peer: t2, tips: held(9) },
      { kind: 'held', peer: t2, tips: new Map([[foreign, { seq: 1, hash: hashOf(1) }]]) },
    );
    expect(copies(before).onPeers).toBe(1);
    expect(copies(foldCopies(before, { kind: 'held', peer: t2, tips: held(3) })).onPeers).toBe(0);
  });

  it('a new link voids what was said before it, until it is said again', () => {
    const state = fold(
      { kind: 'linked', peer: t2 },
      { kind: 'held', peer: t2, tips: held(5) },
      { kind: 'linked', peer: t2 },
    );
    expect(copies(state).onPeers).toBe(0);
    expect(copies(foldCopies(state, { kind: 'held', peer: t2, tips: held(5) })).onPeers).toBe(1);
  });

  it('N9: the word of a revoked till is no copy, and a replacement under its name has one of its own', () => {
    const told = fold({ kind: 'linked', peer: t2 }, { kind: 'held', peer: t2, tips: held(5) });
    const revoked = foldCopies(told, { kind: 'revoked', peer: t2 });
    expect(copies(revoked).onPeers).toBe(0);
    // What was on its way when the link ended.
    expect(copies(foldCopies(revoked, { kind: 'held', peer: t2, tips: held(5) })).onPeers).toBe(0);
    const replacement = life('S01-T2', 9);
    const replaced = (
      [
        { kind: 'linked', peer: replacement },
        { kind: 'held', peer: replacement, tips: held(5) },
        { kind: 'revoked', peer: t2 },
      ] as const
    ).reduce(foldCopies, revoked);
    expect(copies(replaced).onPeers).toBe(1);
  });

  it('a word outlives its link: the disk is still there', () => {
    const state = fold({ kind: 'linked', peer: t2 }, { kind: 'held', peer: t2, tips: held(5) });
    expect(copies(state).onPeers).toBe(1);
  });

  it('a new life of the peer voids the word of the former, and the former is not heard again', () => {
    const reborn = life('S01-T2', 2);
    const state = fold(
      { kind: 'linked', peer: t2 },
      { kind: 'held', peer: t2, tips: held(5) },
      { kind: 'linked', peer: reborn },
    );
    expect(copies(state).onPeers).toBe(0);
    expect(copies(foldCopies(state, { kind: 'held', peer: t2, tips: held(5) })).onPeers).toBe(0);
    expect(copies(foldCopies(state, { kind: 'held', peer: reborn, tips: held(5) })).onPeers).toBe(
      1,
    );
  });

  it('a tip on another branch says nothing about our entry, nor does one that we do not have', () => {
    const state = (tips: HeldTips) =>
      fold({ kind: 'linked', peer: t2 }, { kind: 'held', peer: t2, tips });
    expect(copies(state(held(9, 1))).onPeers).toBe(0);
    expect(copiesOf(state(held(9)), own, 5, () => undefined).onPeers).toBe(0);
  });

  const archived = (
    generation: number,
    seq: number,
    peer: Principal = hq,
    archive = 'main',
  ): CopiesEvent => ({ kind: 'archived', peer, archive, generation, tips: held(seq) });

  it('one device has confirmed up to its tip, whichever life is asked for, and nothing of another branch', () => {
    const state = fold(
      { kind: 'linked', peer: t2 },
      { kind: 'held', peer: t2, tips: held(5) },
      { kind: 'linked', peer: t3 },
      { kind: 'held', peer: t3, tips: held(5, 1) },
    );
    const confirmed = (peer: Principal) => confirmedBy(state, peer, own, hashAt);
    expect([t2, life('S01-T2', 2), t3, hq].map(confirmed)).toEqual([5, 5, 0, 0]);
    expect(confirmedBy(state, t2, foreign, hashAt)).toBe(0);
  });

  it('archived: by a word of HQ, voided by a new generation, unmoved by an older one', () => {
    expect(copies(fold(archived(1, 5))).archived).toBe(true);
    expect(copies(fold(archived(1, 5), archived(2, 0))).archived).toBe(false);
    expect(copies(fold(archived(2, 0), archived(1, 5))).archived).toBe(false);
    expect(copies(fold(archived(1, 5), archived(1, 5, hq, 'other'))).archived).toBe(true);
    expect(copies(fold(archived(1, 5), archived(1, 0, hq, 'other'))).archived).toBe(false);
  });

  it('P10: archived: what a relay’s next word no longer names is not there any more', () => {
    const nothing: CopiesEvent = {
      ...{ kind: 'archived', peer: hq, archive: 'main', generation: 1 },
      tips: new Map(),
    };
    expect(copies(fold(archived(1, 5), nothing)).archived).toBe(false);
  });

  it('archived: a till has no say in it', () => {
    expect(copies(fold(archived(1, 5, t2))).archived).toBe(false);
  });

  const peer = fc.constantFrom(t1, t2, life('S01-T2', 2), t3, hq, life('HQ-HQ2', 1));
  const event: fc.Arbitrary<CopiesEvent> = fc.oneof(
    fc.record({ kind: fc.constant('linked' as const), peer }),
    fc.record({
      kind: fc.constant('held' as const),
      peer,
      tips: fc.tuple(fc.nat(8), fc.nat(1)).map(([seq, branch]) => held(seq, branch)),
    }),
    fc.record({
      kind: fc.constant('archived' as const),
      peer,
      archive: fc.constantFrom('main', 'other'),
      generation: fc.nat(2),
      tips: fc.nat(8).map((seq) => held(seq)),
    }),
  );

  it('agrees with a model that reads the whole history backwards', () => {
    let counted = 0;
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.nat(8), (events, seq) => {
        const expected = byHistory(events, seq);
        counted += expected.onPeers;
        expect(copies(fold(...events), seq)).toMatchObject(expected);
      }),
      { numRuns: 500, seed: 3 },
    );
    expect(counted).toBeGreaterThan(0);
  });

  it('never counts more for a later entry, and the same word twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), fc.nat(7), (events, seq) => {
        const state = fold(...events);
        expect(copies(state, seq).onPeers).toBeGreaterThanOrEqual(copies(state, seq + 1).onPeers);
        const last = events.at(-1);
        if (last !== undefined) expect(foldCopies(state, last)).toEqual(state);
      }),
    );
  });
});

/** The slow way: per device, the last link decides whose life counts, and the last word after it what it holds. */
function byHistory(
  events: readonly CopiesEvent[],
  seq: number,
): { onPeers: number; atHq: boolean } {
  const deviceOf = (name: string): string => name.slice(0, name.lastIndexOf('-'));
  const holds = (device: string): boolean => {
    const linkAt = events.findLastIndex(
      (event) => event.kind === 'linked' && deviceOf(event.peer) === device,
    );
    const peer = events[linkAt]?.peer;
    const word = events
      .slice(linkAt + 1)
      .findLast((event) => event.kind === 'held' && event.peer === peer);
    const tip =
      linkAt < 0 || word === undefined ? undefined : word.kind === 'held' && word.tips.get(own);
    return tip ? tip.seq >= seq && tip.hash === hashOf(tip.seq) : false;
  };
  return {
    onPeers: ['S01-T2', 'S01-T3'].filter(holds).length,
    atHq: ['HQ-HQ1', 'HQ-HQ2'].some(holds),
  };
}
