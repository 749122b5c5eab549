import { expect, test } from 'vitest';
import { takenParts } from './taken-parts.ts';

function memory() {
  const held = new Map<string, string>();
  return {
    held,
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, text: string) => void held.set(key, text),
    removeItem: (key: string) => void held.delete(key),
  };
}
const card = { kind: 'card', amountMinor: 500 };

test('P9: what was taken for a cart is there for the next page, and for that cart alone', () => {
  const storage = memory();
  takenParts(() => storage).write('T1-a', [card]);
  expect(takenParts(() => storage).read('T1-a')).toEqual([card]);
  expect(takenParts(() => storage).read('T1-b')).toEqual([]);
});

test('an empty cart does not take away what another one has; its own are gone when it is paid', () => {
  const storage = memory();
  const taken = takenParts(() => storage);
  taken.write('T1-a', [card]);
  taken.write('T1-b', []);
  expect(taken.read('T1-a')).toEqual([card]);
  taken.write('T1-a', []);
  expect([...storage.held]).toEqual([]);
});

test.each([
  'nonsense',
  'null',
  '{"cart":"T1-a"}',
  '{"cart":"T1-a","parts":[null,{"kind":"card"},{"kind":1,"amountMinor":5},{"kind":"card","amountMinor":-5},{"kind":"card","amountMinor":1e99}]}',
])('what is none of ours is no part: %s', (text) => {
  const storage = memory();
  storage.setItem('tillmesh-taken', text);
  expect(takenParts(() => storage).read('T1-a')).toEqual([]);
});

test('a browser that keeps nothing stops no payment, and the part lasts as long as the page', () => {
  const taken = takenParts(() => {
    throw new Error('denied');
  });
  expect(taken.read('T1-a')).toEqual([]);
  taken.write('T1-a', [card]);
  expect(taken.read('T1-a')).toEqual([card]);
  expect(taken.read('T1-b')).toEqual([]);
  taken.write('T1-a', []);
  expect(taken.read('T1-a')).toEqual([]);
});

test('what another window of this till gives back is not taken any more', () => {
  const storage = memory();
  const [one, other] = [takenParts(() => storage), takenParts(() => storage)];
  one.write('T1-a', [card]);
  other.write('T1-a', []);
  expect(one.read('T1-a')).toEqual([]);
});
