/**
 * A new cluster of PostgreSQL without the seconds that making one takes: the product makes it once, and every later one is
 * a copy, with its password. That it makes its own is tested in `embedded-database.test.ts`, by the demo and by the replay.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { silentLogger } from '../../lib/host/log.ts';
import { machineClock } from '../../lib/host/machine-clock.ts';
import { EmbeddedDatabase } from '../embedded-database.ts';
import { findPostgresBinaries } from '../postgres/binaries.ts';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../node_modules/.cache/tillmesh/', import.meta.url));

/** Into the data directory of a relay that has never run. Where files cannot be copied with their owner, nothing. */
export async function putCluster(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const { postgres } = await findPostgresBinaries();
  const kept = path.join(cache, `cluster-${statSync(postgres).size}`);
  if (!existsSync(kept)) await make(kept);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const files = ['postgres', 'postgres-password'].map((name) => path.join(kept, name));
  await run('cp', ['-a', ...files, directory]);
}

async function make(kept: string): Promise<void> {
  const directory = `${kept}.${process.pid}`;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const random = randomBytes;
  const options = { directory, clock: machineClock, random, log: silentLogger() };
  await (await EmbeddedDatabase.start(options)).close();
  try {
    renameSync(directory, kept);
  } catch (error) {
    // Another worker was faster.
    if (!existsSync(kept)) throw error;
    rmSync(directory, { recursive: true });
  }
}
