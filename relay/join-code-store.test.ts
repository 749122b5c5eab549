import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { joinCodeStoreSuite } from '../lib/trust/join-code-store-suite.ts';
import { DatabaseJoinCodes } from './join-code-store.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';

let tests: TestDatabase;
beforeAll(async () => {
  tests = await startTestDatabase();
});
afterAll(() => tests.close());

describe('join codes in PostgreSQL', () => {
  joinCodeStoreSuite(async () => new DatabaseJoinCodes(await tests.open()));
});

describe('codes that are withdrawn', () => {
  const S01 = 'S01' as StoreId;
  const record = (id: string, terminal: string) => ({
    id,
    key: new Uint8Array(32),
    store: S01,
    terminal: terminal as TerminalId,
    expiresAtMs: 100,
    failedTries: 0,
    used: false,
  });

  it('are used up, one by its id or all of a terminal, and no others', async () => {
    const codes = new DatabaseJoinCodes(await tests.open());
    for (const [id, terminal] of [
      ['AAAA', 'T2'],
      ['BBBB', 'T2'],
      ['CCCC', 'T2'],
      ['DDDD', 'T3'],
    ] as const)
      await codes.add(record(id, terminal), 0);
    const terminal = 'T2' as TerminalId;
    expect(await codes.withdraw('S02' as StoreId, { id: 'AAAA' }, 0)).toBe(0);
    expect(await codes.withdraw(S01, { id: 'AAAA' }, 0)).toBe(1);
    expect(await codes.withdraw(S01, { id: 'AAAA' }, 0)).toBe(0);
    expect(await codes.withdraw(S01, { terminal }, 100)).toBe(0);
    expect(await codes.withdraw(S01, { terminal }, 99)).toBe(2);
    expect([await codes.use('CCCC', 'cc'), await codes.use('DDDD', 'dd')]).toEqual([false, true]);
    expect((await codes.find('CCCC'))?.isVoid).toBe(true);
    expect(await codes.find('DDDD')).not.toHaveProperty('isVoid');
    const T3 = 'T3' as TerminalId;
    expect(await codes.enrolled([S01])).toEqual([{ store: S01, terminal: T3, terminalKey: 'dd' }]);
    expect(await codes.enrolled([S01], terminal)).toEqual([]);
  });

  it('are those of a name that has joined by another one: none waits until that till is gone', async () => {
    const codes = new DatabaseJoinCodes(await tests.open());
    for (const [id, terminal] of [
      ['AAAA', 'T2'],
      ['BBBB', 'T2'],
      ['CCCC', 'T3'],
    ] as const)
      await codes.add(record(id, terminal), 0);
    expect(await codes.use('AAAA', 'aa')).toBe(true);
    expect(await codes.find('BBBB')).toMatchObject({ used: true, isVoid: true });
    expect(await codes.find('AAAA')).not.toHaveProperty('isVoid');
    expect(await codes.find('CCCC')).toMatchObject({ used: false });
    expect((await codes.enrolled([S01])).map(({ terminalKey }) => terminalKey)).toEqual(['aa']);
  });
});
