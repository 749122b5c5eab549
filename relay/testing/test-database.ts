/** One embedded PostgreSQL for a test file, on a directory of its own; a schema for each test. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { silentLogger } from '../../lib/host/log.ts';
import { machineClock } from '../../lib/host/machine-clock.ts';
import { openDatabase, type Database } from '../database.ts';
import { EmbeddedDatabase } from '../embedded-database.ts';
import { putCluster } from './ready-cluster.ts';

export type TestDatabase = {
  readonly embedded: EmbeddedDatabase;
  /** Opened on a new schema, closed with all others at the end. */
  open(): Promise<Database>;
  close(): Promise<void>;
};

export async function startTestDatabase(): Promise<TestDatabase> {
  const directory = mkdtempSync(path.join(tmpdir(), 'tillmesh-database-'));
  await putCluster(directory);
  const embedded = await EmbeddedDatabase.start({
    directory,
    clock: machineClock,
    random: randomBytes,
    log: silentLogger(),
  });
  const opened: Database[] = [];
  return {
    embedded,
    async open() {
      const database = await openDatabase({ embedded }, { schema: `test_${opened.length}` });
      opened.push(database);
      return database;
    },
    async close() {
      for (const each of opened) await each.close();
      await embedded.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
