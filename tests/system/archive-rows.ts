/** What the archive's own tables say, by plain SQL beside the relay: the way the replay guide shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { FoundDocument } from './ledger.ts';

/** A connection to the embedded database of a relay; the caller ends it. */
export async function connectToArchive(relayDirectory: string): Promise<pg.Client> {
  const password = readFileSync(join(relayDirectory, 'postgres-password'), 'utf8').trim();
  const pid = readFileSync(join(relayDirectory, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(pid[3]),
    user: 'tillmesh',
    password,
    database: 'postgres',
  });
  // A server that goes away must fail the query, not end the test's process.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('set search_path to tillmesh');
  return client;
}

/** `relayDirectory` of a relay that runs on its embedded database. */
export async function askArchive<Row extends pg.QueryResultRow>(
  relayDirectory: string,
  sql: string,
): Promise<Row[]> {
  const client = await connectToArchive(relayDirectory);
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

type Row = {
  readonly store_id: string;
  readonly terminal: string;
  readonly incarnation: string;
  readonly seq: string;
  readonly hash: string;
  readonly number: string;
  readonly lines: string;
  readonly total_minor: string;
  readonly external_id: string | null;
};

/** Documents with the lines that really stand beside them. */
export async function archivedDocuments(relayDirectory: string): Promise<FoundDocument[]> {
  const rows = await askArchive<Row>(
    relayDirectory,
    `select d.store_id, d.terminal, d.incarnation, d.seq, d.hash, d.number, d.total_minor, d.external_id,
       (select count(*) from lines l where (l.store_id, l.terminal, l.incarnation, l.seq, l.hash)
         = (d.store_id, d.terminal, d.incarnation, d.seq, d.hash)) as lines
     from documents d order by store_id, terminal, incarnation, seq`,
  );
  return rows.map((row) => ({
    journal: `${row.store_id}/${row.terminal}/${row.incarnation}`,
    seq: Number(row.seq),
    hash: row.hash,
    number: row.number,
    lines: Number(row.lines),
    totalMinor: Number(row.total_minor),
    ...(row.external_id === null ? {} : { externalId: row.external_id }),
  }));
}

/** What the archive's movements come to, in thousandths. */
export async function archivedStock(relayDirectory: string): Promise<Map<string, number>> {
  const rows = await askArchive<{ sku: string; quantity: string }>(
    relayDirectory,
    `select sku, sum(quantity_milli) as quantity from movements group by sku`,
  );
  return new Map(rows.map(({ sku, quantity }) => [sku, Number(quantity)]));
}
