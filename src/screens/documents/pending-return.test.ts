import { expect, test } from 'vitest';
import { tabKeeper } from './pending-return.ts';

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as Storage;
}

const pending = {
  command: { kind: 'CompleteReturn', command: 'a1' },
  paidMinor: 510,
  tender: 'cash',
};

test('a return that was asked for is there after a reload, for its receipt only, until it is answered', () => {
  const storage = memory();
  const keeper = (receipt: string) => tabKeeper(receipt, () => storage);
  keeper('S01-T1A-S-1').save(pending);
  expect(keeper('S01-T1A-S-1').load()).toEqual(pending);
  expect(keeper('S01-T1A-S-2').load()).toBeUndefined();
  keeper('S01-T1A-S-1').forget();
  expect(keeper('S01-T1A-S-1').load()).toBeUndefined();
});

test.each(['', 'null', '{}', '[]', '{"command":{},"paidMinor":"1","tender":"cash"}', 'not json'])(
  'what somebody else left there (%j) is nothing',
  (text) => {
    const storage = memory();
    storage.setItem('tillmesh-return-r', text);
    expect(tabKeeper('r', () => storage).load()).toBeUndefined();
  },
);

test('a browser that keeps nothing takes no return away', () => {
  const keeper = tabKeeper('r', () => {
    throw new Error('SecurityError');
  });
  keeper.save(pending);
  keeper.forget();
  expect(keeper.load()).toBeUndefined();
});
