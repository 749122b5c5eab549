/** Holds an embedded database as a relay does, until it is killed: `database-holder.ts DIRECTORY`. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { silentLogger } from '../../lib/host/log.ts';
import { machineClock } from '../../lib/host/machine-clock.ts';
import { EmbeddedDatabase } from '../embedded-database.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('database-holder.ts DIRECTORY');
const database = await EmbeddedDatabase.start({
  directory,
  clock: machineClock,
  random: randomBytes,
  log: silentLogger(),
});
const client = new pg.Client({ connectionString: database.url });
await client.connect();
await client.query('create table held (n int); insert into held values (1)');
process.stdout.write(`${JSON.stringify({ ready: true, pid: process.pid })}\n`);
setInterval(() => undefined, 1_000);
