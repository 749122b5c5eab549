import { afterAll, beforeAll, describe } from 'vitest';
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
