/** What every store of join codes must keep to: run it on each implementation. */
import { expect, test } from 'vitest';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import type { JoinCodeRecord, JoinCodeStore } from './enrolment-office.ts';

export const sampleJoinCode: JoinCodeRecord = {
  id: '7QZK',
  key: new Uint8Array(32).map((_, i) => 255 - i),
  store: 'S01' as StoreId,
  terminal: 'T1' as TerminalId,
  expiresAtMs: 2_000,
  failedTries: 0,
  used: false,
};

export function joinCodeStoreSuite(newStore: () => Promise<JoinCodeStore>): void {
  test('a code is found as it was added, an unknown one not', async () => {
    const store = await newStore();
    expect(await store.add(sampleJoinCode, 1_000)).toBe(true);
    expect(await store.find('7QZK')).toEqual(sampleJoinCode);
    expect(await store.find('0000')).toBeUndefined();
  });

  test('a code that may still be used is not replaced; a used or expired one is', async () => {
    const store = await newStore();
    const newer = { ...sampleJoinCode, expiresAtMs: 9_000 };
    await store.add(sampleJoinCode, 1_000);
    expect(await store.add(newer, 1_999)).toBe(false);
    expect(await store.add(newer, 2_000)).toBe(true);
    expect(await store.use('7QZK', 'ab')).toBe(true);
    expect(await store.add({ ...newer, expiresAtMs: 9_500 }, 2_000)).toBe(true);
    expect(await store.find('7QZK')).toEqual({ ...newer, expiresAtMs: 9_500 });
  });

  test('wrong tries are counted, also when they overlap; of an unknown code they are no error', async () => {
    const store = await newStore();
    await store.add(sampleJoinCode, 1_000);
    await Promise.all([1, 2, 3].map(() => store.fail('7QZK')));
    expect((await store.find('7QZK'))?.failedTries).toBe(3);
    await store.fail('0000');
    expect(await store.find('0000')).toBeUndefined();
  });

  test('a code is used by one of many at once, and never again', async () => {
    const store = await newStore();
    await store.add(sampleJoinCode, 1_000);
    const won = await Promise.all([1, 2, 3, 4].map(() => store.use('7QZK', 'ab')));
    expect(won.filter(Boolean)).toHaveLength(1);
    expect(await store.use('7QZK', 'ab')).toBe(false);
    expect(await store.use('0000', 'ab')).toBe(false);
    expect((await store.find('7QZK'))?.used).toBe(true);
  });
}
