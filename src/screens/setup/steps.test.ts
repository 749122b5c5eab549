import { expect, test } from 'vitest';
import type { StartProgress } from '#lib/host/start-progress.ts';
import { hintFor, stepsOf } from './steps.ts';

const none = { here: 0, all: 0 };
const linking: StartProgress = {
  step: 'linking',
  tillsLinked: 0,
  hqLinked: false,
  catalogue: none,
  journals: none,
};

const shown = (progress: StartProgress | undefined) =>
  stepsOf('S01-T2', progress).map(({ name, state, detail }) => [name, state, detail].join(' | '));

test('one step after the other, each with its figures', () => {
  expect(shown(undefined).slice(0, 2)).toEqual([
    'Joined as S01-T2 | done | ',
    'Starting the till | underWay | ',
  ]);
  expect(shown(linking)[1]).toBe('Looking for the others | underWay | ');
  const coming: StartProgress = {
    step: 'catalogue',
    tillsLinked: 2,
    hqLinked: false,
    catalogue: { here: 7, all: 65 },
    journals: { here: 6_200, all: 10_000 },
  };
  expect(shown(coming)).toEqual([
    'Joined as S01-T2 | done | ',
    '2 tills linked | done | ',
    'Products, prices and people | underWay | 7 of 65 parts',
    'Receipts of the shop | underWay | 6,200 of 10,000',
    'Ready to sell | waits | ',
  ]);
  const ready: StartProgress = { ...coming, step: 'ready', catalogue: { here: 65, all: 65 } };
  expect(shown(ready).at(-1)).toBe('Ready to sell | done | ');
  expect(stepsOf('S01-T2', coming).map(({ share }) => share)).toEqual([
    undefined,
    undefined,
    7 / 65,
    0.62,
    undefined,
  ]);
});

test('what a person can do is said where nothing comes by itself', () => {
  expect(hintFor(linking)).toMatch(/Nobody answers yet/);
  expect(hintFor({ ...linking, step: 'catalogue', hqLinked: true })).toMatch(
    /has nothing for this/,
  );
  expect(hintFor({ ...linking, step: 'catalogue', tillsLinked: 1 })).toBe('');
});
