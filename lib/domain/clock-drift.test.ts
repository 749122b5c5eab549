import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { blameFor, clocksOff, type Disagreement } from './clock-drift.ts';

describe('whose clock is wrong', () => {
  it.each<[string, readonly Disagreement[], unknown]>([
    ['nobody’s', [], { wrong: [], unclear: [] }],
    [
      'one against two',
      [
        ['T1', 'T2'],
        ['T3', 'T1'],
      ],
      { wrong: ['T1'], unclear: [] },
    ],
    ['one of two, and nobody says which', [['T2', 'T1']], { wrong: [], unclear: [['T1', 'T2']] }],
    [
      'two against two',
      [
        ['T1', 'T3'],
        ['T1', 'T4'],
        ['T2', 'T3'],
        ['T2', 'T4'],
      ],
      { wrong: [], unclear: [['T1', 'T2', 'T3', 'T4']] },
    ],
    [
      'two of five, each in its own way',
      [
        ['T1', 'T2'],
        ['T1', 'T3'],
        ['T1', 'T4'],
        ['T1', 'T5'],
        ['T2', 'T3'],
        ['T2', 'T4'],
        ['T2', 'T5'],
      ],
      { wrong: ['T1', 'T2'], unclear: [] },
    ],
  ])('%s', (_, disagreements, blame) => {
    expect(blameFor(disagreements)).toEqual(blame);
  });

  test('P4: the order in which disagreements are told and by whom makes no difference', () => {
    const name = fc.constantFrom('T1', 'T2', 'T3', 'T4', 'T5', 'HQ');
    fc.assert(
      fc.property(fc.array(fc.tuple(name, name), { maxLength: 15 }), fc.nat(), (pairs, by) => {
        const turned = pairs.map(([a, b], n): Disagreement => ((by >> n) % 2 ? [a, b] : [b, a]));
        const again = [...turned.slice(by % 7), ...turned.slice(0, by % 7), ...turned];
        expect(blameFor(again)).toEqual(blameFor(pairs));
      }),
    );
  });

  test('a minority never outvotes a majority of clocks that agree', () => {
    let blamed = 0;
    const off = fc.integer({ min: -9, max: 9 }).map((units) => units * 100_000);
    fc.assert(
      fc.property(fc.array(off, { minLength: 1, maxLength: 4 }), (strays) => {
        const right = Array.from({ length: strays.length + 2 }, (_, n) => [`R${n}`, n] as const);
        const clocks = new Map([...right, ...strays.map((ms, n) => [`S${n}`, ms] as const)]);
        const found = clocksOff(clocks);
        expect([...found.keys()].filter((one) => one.startsWith('R'))).toEqual([]);
        for (const [n, ms] of strays.entries()) {
          expect(found.has(`S${n}`)).toBe(ms !== 0);
          if (ms !== 0) expect(Math.abs((found.get(`S${n}`)?.offsetMs ?? 0) - ms)).toBeLessThan(10);
          blamed += ms === 0 ? 0 : 1;
        }
      }),
    );
    expect(blamed).toBeGreaterThan(20);
  });
});

test('this till is ahead of three others, and says of whom', () => {
  const offsets = new Map([
    ['T1', 0],
    ['T2', -240_000],
    ['T3', -241_000],
    ['HQ1', -239_500],
  ]);
  expect([...clocksOff(offsets)]).toEqual([
    ['T1', { offsetMs: 240_000, others: ['HQ1', 'T2', 'T3'], isClear: true }],
  ]);
});

test('of two that differ nobody is blamed alone', () => {
  const found = clocksOff(
    new Map([
      ['T1', 0],
      ['T2', 90_000],
    ]),
  );
  expect(found.get('T1')).toEqual({ offsetMs: 0, others: ['T2'], isClear: false });
  expect(found.get('T2')).toEqual({ offsetMs: 90_000, others: ['T1'], isClear: false });
});
