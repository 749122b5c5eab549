import { describe, expect, it } from 'vitest';
import type { StoreHealth, TillHealth } from '#lib/host/hq-services.ts';
import {
  addUp,
  byTrouble,
  clockWord,
  countsOf,
  heardWord,
  isClockOff,
  lagWord,
  storeName,
  troublesOf,
} from './health-words.ts';

const till = (more: Partial<TillHealth> = {}): TillHealth => ({
  terminal: 'T1' as TillHealth['terminal'],
  principal: 'S01-T1-00112233445566a1' as TillHealth['principal'],
  letter: 'A',
  lives: 1,
  linked: true,
  notArchived: 0,
  forked: false,
  ...more,
});
const store = (code: string, more: Partial<StoreHealth> = {}): StoreHealth => ({
  store: code as StoreHealth['store'],
  tills: [till()],
  flags: 0,
  notArchived: 0,
  today: { day: '2026-11-20', zone: 'UTC', totals: [], hours: [] },
  ...more,
});
const textsOf = (one: StoreHealth) => troublesOf(one).map(({ text }) => text);

describe('a store', () => {
  it('without trouble says none; each trouble is one short sentence', () => {
    expect(textsOf(store('S01'))).toEqual([]);
    const tills = [till(), till({ linked: false })];
    expect(textsOf(store('S01', { tills, flags: 1, notArchived: 3 }))).toEqual([
      '1 of 2 tills linked',
      '3 entries wait for the archive',
      '1 flag',
    ]);
  });

  it('with more trouble stands first, then by its code', () => {
    const all = [
      store('S03'),
      store('S02'),
      store('S01', { flags: 1 }),
      store('S04', { flags: 1, notArchived: 1 }),
    ];
    expect(byTrouble(all).map((one) => one.store)).toEqual(['S04', 'S01', 'S02', 'S03']);
  });

  it('is named by name and code, or by its code alone', () => {
    expect(storeName(store('S01', { name: 'Harbour' }))).toBe('Harbour · S01');
    expect(storeName(store('S01'))).toBe('S01');
  });
});

describe('a till', () => {
  it('says what it lacks here and in the archive', () => {
    expect(lagWord(till())).toBe('Nothing');
    expect(lagWord(till({ notHere: 1_200, notArchived: 3 }))).toBe(
      '1,200 not here, 3 not archived',
    );
  });

  it.each([
    [undefined, '–', false],
    [999, 'Same', false],
    [-29_000, '29 seconds behind', false],
    [30_000, '30 seconds ahead', true],
    [-7_200_000, '120 minutes behind', true],
  ])('with a clock apart by %s ms: %s', (clockOffsetMs, word, isOff) => {
    const one = till(clockOffsetMs === undefined ? {} : { clockOffsetMs });
    expect([clockWord(one), isClockOff(one)]).toEqual([word, isOff]);
  });

  it('that nobody heard of since the relay began is not given a time', () => {
    expect(heardWord(till({ linked: false }), 0)).toBe('None since head office started');
  });
});

describe('figures', () => {
  it('P9: currencies are never mixed', () => {
    const one = { currency: 'EUR', sales: 2, returns: 1, totalMinor: 150 };
    const other = { currency: 'GBP', sales: 1, returns: 0, totalMinor: 9 };
    expect(addUp([one, other, one])).toEqual([
      { currency: 'EUR', sales: 4, returns: 2, totalMinor: 300 },
      other,
    ]);
    expect(countsOf([one, other])).toBe('3 sales · 1 return');
    expect(countsOf([])).toBe('');
  });
});
