import { expect, test } from 'vitest';
import type { Register } from './register.ts';
import { ProgressWatch } from './start-progress.ts';

type Said = Readonly<Record<string, Readonly<Record<string, { seq: number }>>>>;
const t1 = 'S01-T1-00000000000000aa';
const journal = (terminal: string): string => `S01/${terminal}/00000000000000aa`;

function watch() {
  const at = {
    release: 0,
    awaits: false,
    goods: 0,
    tips: {} as Record<string, number>,
    said: {} as Said,
  };
  const register = {
    replica: {
      mesh: {
        get peers() {
          return Object.keys(at.said);
        },
      },
      voice: { presence: { of: (peer: string) => ({ tips: at.said[peer] }) } },
      tips: () => new Map(Object.entries(at.tips).map(([key, seq]) => [key, { seq }])),
      keyring: { writer: (key: string) => (key.includes('/T9/') ? undefined : {}) },
    },
    living: { identity: { store: 'S01' } },
    get release() {
      return at.release;
    },
    get awaitsRelease() {
      return at.awaits;
    },
    releaseParts: { here: 3, all: 65 },
    models: { bestSellers: () => Array.from({ length: at.goods }) },
  } as unknown as Register;
  return { at, progress: new ProgressWatch(register) };
}

test('ready is who has goods to sell, or all that there is; not who has people alone', () => {
  const { at, progress } = watch();
  expect(progress.view().step).toBe('linking');
  at.said = { [t1]: {} };
  expect(progress.view()).toMatchObject({ step: 'catalogue', catalogue: { here: 3, all: 65 } });
  Object.assign(at, { release: 2, awaits: true });
  expect(progress.view().step).toBe('catalogue');
  at.goods = 1;
  expect(progress.view()).toMatchObject({ step: 'ready', tillsLinked: 1, hqLinked: false });
  Object.assign(at, { goods: 0, awaits: false });
  expect(progress.view().step).toBe('ready');
});

test('journals are as long as whoever is linked says, of writers that are known, until all were here once', () => {
  const { at, progress } = watch();
  Object.assign(at, { release: 1, tips: { [journal('T2')]: 1 } });
  at.said = {
    [t1]: {
      [journal('T1')]: { seq: 4_000 },
      [journal('T3')]: { seq: 6_000 },
      [journal('T9')]: { seq: 9_000 },
    },
    'HQ-HQ1-00000000000000aa': { [journal('T1')]: { seq: 3_999 } },
  };
  expect(progress.view()).toMatchObject({ hqLinked: true, journals: { here: 1, all: 10_001 } });
  at.tips = { ...at.tips, [journal('T1')]: 200, [journal('T3')]: 6_000 };
  expect(progress.view().journals).toEqual({ here: 6_201, all: 10_001 });
  at.tips = { ...at.tips, [journal('T1')]: 4_000 };
  expect(progress.view().journals).toEqual({ here: 10_001, all: 10_001 });
  // What comes from now on is the day's work.
  at.said = { [t1]: { [journal('T1')]: { seq: 4_100 } } };
  expect(progress.view().journals).toEqual({ here: 10_101, all: 10_101 });
});
