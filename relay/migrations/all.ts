/**
 * The migrations in order, given to Kysely's migrator as code: no directory is read, so a bundled relay has them too.
 * The migrator holds an advisory lock of the transaction: of two relays starting at once, one migrates and the other waits.
 */
import { sql, type Kysely } from 'kysely';
import { Migrator, type Migration } from 'kysely/migration';
import { TillmeshError } from '../../lib/domain/errors.ts';
import { archiveTables } from './0001-archive.ts';
import { wantedStateTables } from './0002-wanted-state.ts';
import { seriesLetters } from './0003-series-letters.ts';
import { published } from './0004-published.ts';
import { newestDocuments } from './0005-newest-documents.ts';
import { revocations } from './0006-revocations.ts';
import { enrolledKeys } from './0007-enrolled-keys.ts';

const migrations: Readonly<Record<string, Migration>> = {
  '0001-archive': archiveTables,
  '0002-wanted-state': wantedStateTables,
  '0003-series-letters': seriesLetters,
  '0004-published': published,
  '0005-newest-documents': newestDocuments,
  '0006-revocations': revocations,
  '0007-enrolled-keys': enrolledKeys,
};

/** @throws DIRECTORY_NEWER when the database was written by a newer version */
export async function migrate<Schema>(db: Kysely<Schema>, schema: string): Promise<void> {
  await sql`create schema if not exists ${sql.id(schema)}`.execute(db).catch((error: unknown) => {
    // Two relays at once: the other one's is as good as ours.
    if (!isDuplicate(error)) throw error;
  });
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableSchema: schema,
  });
  const known = await migrator.getMigrations().catch((error: unknown) => {
    throw isCorrupted(error) ? newer(error) : error;
  });
  if (known.every((each) => each.executedAt !== undefined)) {
    await assertNothingNewer(db, schema, known.length);
    return;
  }
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw isCorrupted(error) ? newer(error) : error;
}

async function assertNothingNewer<Schema>(
  db: Kysely<Schema>,
  schema: string,
  known: number,
): Promise<void> {
  const rows = await sql<{ n: number }>`
    select count(*) as n from ${sql.id(schema, 'kysely_migration')}`.execute(db);
  if ((rows.rows[0]?.n ?? 0) > known) throw newer();
}

const newer = (cause?: unknown): TillmeshError =>
  new TillmeshError('DIRECTORY_NEWER', 'the database holds tables of a newer version', { cause });

const isCorrupted = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('corrupted migrations');

const isDuplicate = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === '23505';
