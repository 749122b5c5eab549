/**
 * The one way to the archive's PostgreSQL, embedded or given by DATABASE_URL: a pool behind Kysely, migrated when it opens.
 * Everything lives in one schema of its own, so a database may be shared and a test shop may be dropped.
 */
import { Socket } from 'node:net';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { assert, TillmeshError } from '../lib/domain/errors.ts';
import { translateFault } from './database-fault.ts';
import { migrate } from './migrations/all.ts';
import type { ArchiveSchema } from './schema.ts';

export type DatabaseSource =
  | { readonly url: string }
  /** An EmbeddedDatabase; its address is asked for once, it stays over restarts. */
  | { readonly embedded: { readonly url: string } };

export type DatabaseOptions = {
  /** PostgreSQL schema that holds all our tables; made where it is absent. */
  readonly schema?: string;
  readonly maxConnections?: number;
  /** A connection on which the server says nothing for so long is given up. */
  readonly silenceMs?: number;
  readonly onProblem?: (error: unknown) => void;
};

export type Database = {
  readonly sql: Kysely<ArchiveSchema>;
  /** `host:port/database`, for people and logs: no user, no password. */
  readonly server: string;
  readonly schema: string;
  /** Runs it; an absent server becomes DATABASE_UNREACHABLE. */
  run<T>(work: (sql: Kysely<ArchiveSchema>) => Promise<T>): Promise<T>;
  close(): Promise<void>;
};

const connectMs = 5_000;
/** The longest statement is a posting of 500 sales (~60 ms); half a minute means that something hangs. */
const statementMs = 30_000;
/** A server that was frozen, or cut off by a firewall, does not even say that. Idle connections are closed before. */
const silenceMs = 35_000;

/** @throws INPUT_INVALID for an address that is not one, DATABASE_UNREACHABLE */
export async function openDatabase(
  source: DatabaseSource,
  options: DatabaseOptions = {},
): Promise<Database> {
  const url = 'embedded' in source ? source.embedded.url : source.url;
  const server = serverOf(url);
  const schema = options.schema ?? 'tillmesh';
  if (!/^[a-z][a-z0-9_]{0,50}$/.test(schema)) {
    throw new TillmeshError('INPUT_INVALID', 'a schema is lower-case letters, digits and _');
  }
  const pool = new pg.Pool({
    connectionString: url,
    max: options.maxConnections ?? 8,
    application_name: 'tillmesh-relay',
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    idle_in_transaction_session_timeout: statementMs,
    keepAlive: true,
    stream: () => impatientSocket(options.silenceMs ?? silenceMs),
    types: valueTypes(),
  });
  // Without listeners a connection that dies ends the process: an idle one tells the pool, a busy one only itself.
  // Its query fails as well, so the caller knows.
  const onProblem = (error: unknown): void => options.onProblem?.(error);
  pool.on('error', onProblem);
  pool.on('connect', (client) => client.on('error', onProblem));
  const kysely = new Kysely<ArchiveSchema>({
    dialect: new PostgresDialect({
      pool,
      onCreateConnection: async (connection) => {
        await connection.executeQuery(sql`set search_path to ${sql.id(schema)}`.compile(kysely));
      },
    }),
  });
  const database: Database = {
    sql: kysely,
    server,
    schema,
    async run(work) {
      try {
        return await work(kysely);
      } catch (error) {
        throw translateFault(error, server);
      }
    },
    close: () => kysely.destroy(),
  };
  try {
    await database.run((db) => migrate(db, schema));
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** Fails where nothing comes in or goes out for so long: the system itself would wait for hours. */
function impatientSocket(mostMs: number): Socket {
  const socket = new Socket();
  return socket.setTimeout(mostMs, () => {
    const error = new Error(`the server said nothing for ${mostMs} ms`);
    socket.destroy(Object.assign(error, { code: 'ETIMEDOUT' }));
  });
}

/** What may be printed of a database's address. Throws INPUT_INVALID without repeating the text: it may hold a password. */
export function serverOf(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    // The cause would quote the address, password included.
    throw new TillmeshError(
      'INPUT_INVALID',
      'DATABASE_URL is not postgres://user:…@host:port/name',
    );
  }
  if (!/^postgres(?:ql)?:$/.test(parsed.protocol)) {
    throw new TillmeshError('INPUT_INVALID', 'DATABASE_URL does not begin with postgres://');
  }
  const host = parsed.hostname || 'localhost';
  return `${host}:${parsed.port || '5432'}${parsed.pathname}`;
}

/** bigint as an exact number; a date as its text, because a day has no time zone. Everything else as the driver does. */
function valueTypes(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, exactInteger);
  types.setTypeParser(pg.types.builtins.DATE, (text) => text);
  return types;
}

function exactInteger(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), 'a bigint beyond the exact integers came back');
  return value;
}
