import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hlc, JournalKey } from './ids.ts';
import { limits } from './limits.ts';
import { placeOf, stockOf, type CountLine, type StockMovement } from './stock.ts';

// The same cases in every run: a failure is one for all who run it.
fc.configureGlobal({ seed: 19 });

const [t1, t2, t3] = [
  'S01/T1/00000000000000aa',
  'S01/T2/00000000000000bb',
  'S01/T3/00000000000000cc',
] as [JournalKey, JournalKey, JournalKey];
const hlc = (ms: number, counter = 0) =>
  (ms.toString(16).padStart(12, '0') + counter.toString(16).padStart(4, '0')) as Hlc;

type Vector = Partial<Record<JournalKey, number>>;
type Moved = StockMovement & { readonly saw: Vector };
const movement = (
  journal: JournalKey,
  seq: number,
  ms: number,
  quantityMilli: number,
  saw: Vector = {},
): Moved => ({
  journal,
  seq,
  at: hlc(ms),
  quantityMilli,
  saw,
  sawCount: (count) => count.seq <= (saw[count.journal] ?? 0),
});
const count = (
  journal: JournalKey,
  seq: number,
  ms: number,
  quantityMilli: number,
  seen: Vector = {},
): CountLine => ({
  id: `${journal}#${seq}`,
  journal,
  seq,
  at: hlc(ms),
  quantityMilli,
  seen: seen as Record<JournalKey, number>,
});
const far = limits.clockDoubtMs * 10;

describe('P6: stock is the standing count and what moved outside of it', () => {
  it('without a count it is the sum of the movements', () => {
    const movements = [movement(t1, 1, 0, 10_000), movement(t2, 1, 5, -3_000)];
    expect(stockOf({ counts: [], movements })).toStrictEqual({
      onHandMilli: 7_000,
      standing: undefined,
      rivals: [],
      doubtful: [],
    });
    expect(stockOf({ counts: [], movements: [] }).onHandMilli).toBe(0);
  });

  it.each<[string, Moved, boolean, boolean]>([
    [
      'seen by the count: inside, however late its clock',
      movement(t2, 5, far * 9, -1_000),
      true,
      false,
    ],
    [
      'saw the count: outside, however early its clock',
      movement(t2, 6, 0, -1_000, { [t1]: 9 }),
      false,
      false,
    ],
    [
      'own journal after the shelf was read: outside without doubt',
      movement(t1, 9, far, -1_000),
      false,
      false,
    ],
    ['own journal before: inside', movement(t1, 8, far, -1_000), true, false],
    ['neither, long before: inside', movement(t3, 1, 0, -1_000), true, false],
    ['neither, long after: outside', movement(t3, 1, far * 2, -1_000), false, false],
    ['neither, just before: inside, in doubt', movement(t3, 1, far - 1, -1_000), true, true],
    [
      'neither, just after: outside, in doubt',
      movement(t3, 1, far + limits.clockDoubtMs, -1_000),
      false,
      true,
    ],
    [
      'neither, just beyond the doubt',
      movement(t3, 1, far + limits.clockDoubtMs + 1, -1_000),
      false,
      false,
    ],
    [
      'saw an older entry of the counting till only: the clock decides',
      movement(t3, 1, far * 2, -1_000, { [t1]: 8 }),
      false,
      false,
    ],
  ])('%s', (_, moved, inside, doubt) => {
    const standing = count(t1, 9, far, 50_000, { [t1]: 8, [t2]: 5 });
    expect(placeOf(moved, standing)).toStrictEqual({ inside, doubt });
    const stock = stockOf({ counts: [standing], movements: [moved] });
    expect(stock.onHandMilli).toBe(inside ? 50_000 : 49_000);
    expect(stock.doubtful).toStrictEqual(doubt ? [moved] : []);
  });

  it('a count that saw another replaces it, even with an earlier clock, and is no rival', () => {
    const first = count(t1, 3, far, 10_000);
    const second = count(t2, 4, 5, 7_000, { [t1]: 3 });
    for (const counts of [
      [first, second],
      [second, first],
    ]) {
      expect(stockOf({ counts, movements: [] })).toMatchObject({
        onHandMilli: 7_000,
        standing: second,
        rivals: [],
      });
    }
  });

  it('P5: two counts apart: the later by clock stands, the other is shown', () => {
    const first = count(t1, 3, 1_000, 10_000);
    const second = count(t2, 4, 2_000, 7_000);
    expect(stockOf({ counts: [first, second], movements: [] })).toMatchObject({
      onHandMilli: 7_000,
      standing: second,
      rivals: [first],
    });
  });

  it('P4: of two counts with one clock the same one stands on every replica', () => {
    const first = count(t1, 3, 1_000, 10_000);
    const second = count(t2, 4, 1_000, 7_000);
    for (const counts of [
      [first, second],
      [second, first],
    ]) {
      expect(stockOf({ counts, movements: [] }).standing).toBe(second);
    }
  });

  it('three in a chain and one aside: only the one aside is a rival', () => {
    const a = count(t1, 1, 1_000, 1_000);
    const b = count(t2, 1, 2_000, 2_000, { [t1]: 1 });
    const c = count(t1, 2, 3_000, 3_000, { [t1]: 1, [t2]: 1 });
    const aside = count(t3, 1, 2_500, 9_000);
    const stock = stockOf({ counts: [a, aside, b, c], movements: [] });
    expect(stock.standing).toBe(c);
    expect(stock.rivals).toStrictEqual([aside]);
  });

  it('forged counts that claim each other’s future do not erase the stock', () => {
    const a = count(t1, 1, 1_000, 1_000, { [t2]: 9 });
    const b = count(t2, 1, 2_000, 2_000, { [t1]: 9 });
    expect(stockOf({ counts: [a, b], movements: [] })).toMatchObject({
      onHandMilli: 2_000,
      rivals: [a],
    });
  });
});

describe('P4: the same facts give the same stock', () => {
  const journal = fc.constantFrom(t1, t2, t3);
  const vector = fc
    .tuple(fc.nat(6), fc.nat(6), fc.nat(6))
    .map(([a, b, c]): Vector => ({ [t1]: a, [t2]: b, [t3]: c }));
  const ms = fc.nat(limits.clockDoubtMs * 4);
  const facts = fc.record({
    counts: fc.uniqueArray(
      fc
        .tuple(journal, fc.integer({ min: 1, max: 9 }), ms, fc.nat(100_000), vector)
        .map((c) => count(...c)),
      { selector: (line) => line.id, maxLength: 6 },
    ),
    movements: fc.array(
      fc
        .tuple(
          journal,
          fc.integer({ min: 1, max: 9 }),
          ms,
          fc.integer({ min: -50_000, max: 50_000 }),
          vector,
        )
        .map((m) => movement(...m)),
      { maxLength: 20 },
    ),
  });
  const shuffled = <T>(items: readonly T[], seed: number): T[] => {
    const rest = [...items];
    const out: T[] = [];
    for (let state = seed + 1; rest.length > 0; state = (state * 48_271) % 2_147_483_647) {
      out.push(...rest.splice(state % rest.length, 1));
    }
    return out;
  };

  it('whatever the order of arrival', () => {
    let rivals = 0;
    let doubts = 0;
    fc.assert(
      fc.property(facts, fc.nat(1_000_000), ({ counts, movements }, seed) => {
        const one = stockOf({ counts, movements });
        const two = stockOf({
          counts: shuffled(counts, seed),
          movements: shuffled(movements, seed),
        });
        expect(two.onHandMilli).toBe(one.onHandMilli);
        expect(two.standing).toBe(one.standing);
        expect(two.rivals).toStrictEqual(one.rivals);
        expect(new Set(two.doubtful)).toStrictEqual(new Set(one.doubtful));
        rivals += one.rivals.length;
        doubts += one.doubtful.length;
      }),
    );
    // A run without rivals and doubts would prove nothing.
    expect(rivals).toBeGreaterThan(0);
    expect(doubts).toBeGreaterThan(0);
  });

  it('a movement changes the stock by its quantity or not at all', () => {
    fc.assert(
      fc.property(
        facts,
        fc.integer({ min: 1, max: 9 }),
        ms,
        vector,
        ({ counts, movements }, seq, at, saw) => {
          const more = movement(t2, seq, at, -7_000, saw);
          const before = stockOf({ counts, movements });
          const after = stockOf({ counts, movements: [...movements, more] });
          const inside = before.standing !== undefined && placeOf(more, before.standing).inside;
          expect(after.onHandMilli - before.onHandMilli).toBe(inside ? 0 : -7_000);
        },
      ),
    );
  });
});
