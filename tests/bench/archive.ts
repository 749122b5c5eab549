/**
 * How fast sales reach the archive: entry bytes → read, hashed, signature checked → archived raw and posted as rows,
 * durable at every 500. Beside it, in the same run and on the same server, COPY of the very same rows.
 * `node tests/bench/archive.ts [SALES]` prints one JSON object.
 */
import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { silentLogger } from '../../lib/host/log.ts';
import { machineClock } from '../../lib/host/machine-clock.ts';
import { readEntry, verifyEntries } from '../../lib/journal/entry.ts';
import type { VerifiedEntry } from '../../lib/journal/envelope.ts';
import { Archive } from '../../relay/archive.ts';
import { ArchiveWriter } from '../../relay/archive-writer.ts';
import { openDatabase } from '../../relay/database.ts';
import { EmbeddedDatabase } from '../../relay/embedded-database.ts';
import { SampleJournal, sale } from '../../relay/testing/sample-entries.ts';

const sales = Number(process.argv[2] ?? 20_000);
const [linesPerSale, terminals, batchSize] = [5, 5, 500];
const tables = ['entries', 'documents', 'lines', 'tenders', 'taxes', 'movements'] as const;

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const signer = (message: Uint8Array): Uint8Array => sign(null, message, privateKey);
const verifier = (message: Uint8Array, signature: Uint8Array): boolean =>
  verify(null, message, publicKey, signature);

/** Journal by journal, as segments arrive. */
function signedSales(): Uint8Array[] {
  return Array.from({ length: terminals }, (_, t) => {
    const journal = new SampleJournal(`T${t + 1}`);
    return Array.from({ length: sales / terminals }, (_each, n) => {
      const body = sale(`S01-T${t + 1}A-S-${n + 1}`, n, linesPerSale);
      return journal.append(body, {}, signer).bytes;
    });
  }).flat();
}

/** What a relay does with the bytes of a segment before they may be archived. */
function readVerified(bytes: readonly Uint8Array[]): VerifiedEntry[] {
  const entries = bytes.map(readEntry);
  verifyEntries(entries, verifier);
  return entries;
}

const directory = mkdtempSync(path.join(tmpdir(), 'tillmesh-bench-'));
const embedded = await EmbeddedDatabase.start({
  directory,
  clock: machineClock,
  random: randomBytes,
  log: silentLogger(),
});
try {
  process.stdout.write(`${JSON.stringify(await measure(), null, 2)}\n`);
} finally {
  await embedded.close();
  rmSync(directory, { recursive: true, force: true });
}

async function measure(): Promise<Record<string, unknown>> {
  const bytes = signedSales();
  const batches: Uint8Array[][] = [];
  for (let at = 0; at < bytes.length; at += batchSize)
    batches.push(bytes.slice(at, at + batchSize));
  const database = await openDatabase({ embedded });
  const archive = new Archive(database, { clock: machineClock });
  // Both sides warm: the code compiled, the server's first connection made.
  await archive.ingest(new SampleJournal('T99').sales(2_000, linesPerSale));
  for (const batch of batches.slice(0, 4)) readVerified(batch);

  const writer = new ArchiveWriter({ archive, clock: machineClock });
  const ingestMs = await timed(async () => {
    for (const batch of batches) {
      await writer.push(readVerified(batch));
      // As segments arrive: each in a turn of the event loop of its own.
      await nextTurn();
    }
    await writer.idle();
  });
  await writer.close(0);
  const verifyMs = await timed(async () => {
    for (const batch of batches) readVerified(batch);
  });
  const { sale: counted, total } = await archive.summary();
  const rows = await copyAll();
  await database.close();
  return {
    sales,
    linesPerSale,
    rows: rows.count,
    counted: counted - 2_000,
    total,
    ingest: { seconds: seconds(ingestMs), salesPerSecond: rate(ingestMs) },
    readAndVerifyAlone: { seconds: seconds(verifyMs), salesPerSecond: rate(verifyMs) },
    copyOfTheSameRows: { seconds: seconds(rows.copyMs), salesPerSecond: rate(rows.copyMs) },
  };
}

/** The rows as the archive holds them, into tables with the same keys; generating the text is part of COPY's work. */
async function copyAll(): Promise<{ count: number; copyMs: number }> {
  const client = new pg.Client({ connectionString: embedded.url });
  await client.connect();
  await client.query(`create schema copied; set search_path to copied; set timezone to 'UTC'`);
  let count = 0;
  let copyMs = 0;
  for (const table of tables) {
    await client.query(`create table ${table} (like tillmesh.${table} including all)`);
    const result = await client.query<(string | null)[]>({
      text: `select * from tillmesh.${table} where terminal <> 'T99'`,
      rowMode: 'array',
      types: { getTypeParser: () => (text: string) => text },
    });
    count += result.rows.length;
    copyMs += await timed(async () => {
      const lines = function* (): Generator<string> {
        for (const row of result.rows) {
          yield `${row.map((value) => (value === null ? '\\N' : value.replaceAll('\\', '\\\\'))).join('\t')}\n`;
        }
      };
      await pipeline(Readable.from(lines()), client.query(copyFrom(`copy ${table} from stdin`)));
    });
  }
  await client.end();
  return { count, copyMs };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const beginMs = performance.now();
  await work();
  return performance.now() - beginMs;
}

function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

function rate(ms: number): number {
  return Math.round((sales / ms) * 1000);
}
