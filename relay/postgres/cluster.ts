/**
 * A cluster directory on disk: its version, how it is made, the password that opens it. Nothing here runs a server.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { TillmeshError } from '../../lib/domain/errors.ts';
import type { PostgresBinaries } from './binaries.ts';
import { runToEnd } from './child.ts';
import type { RunAs } from './run-as.ts';

/** The one role: owner of everything in the cluster. */
export const clusterUser = 'tillmesh';

/**
 * Nothing of ours is passed on: PGHOST and its kin would change what the programs do, and secrets are not theirs.
 * The path finds `sh` and `setpriv`; PostgreSQL's programs are called by their full names.
 */
export const childEnvironment = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

/** Of the programs; running one shows that they run here at all. */
export async function majorVersion(binaries: PostgresBinaries, as: RunAs): Promise<number> {
  try {
    const text = await runToEnd(as, binaries.postgres, ['--version'], childEnvironment);
    return Number(/(\d+)/.exec(text)?.[1] ?? Number.NaN);
  } catch (cause) {
    // No program for this C library (musl), or none that this user may run.
    throw new TillmeshError('DATABASE_NOT_AVAILABLE', `PostgreSQL does not run here as ${as.who}`, {
      cause,
    });
  }
}

export function assertVersion(cluster: string, version: number): void {
  const made = Number(readFileSync(path.join(cluster, 'PG_VERSION'), 'utf8'));
  if (made > version) throw new TillmeshError('DIRECTORY_NEWER', `PostgreSQL ${made}`);
  if (made < version) {
    throw new TillmeshError(
      'DATABASE_FAILED',
      `the database directory is of PostgreSQL ${made}, this is ${version}: see the upgrade guide`,
    );
  }
}

/** Made beside and renamed: a relay killed halfway leaves nothing that looks like a cluster. */
export async function initialise(
  directory: string,
  cluster: string,
  password: string,
  binaries: PostgresBinaries,
  as: RunAs,
): Promise<void> {
  const fresh = `${cluster}.new`;
  const passwordFile = path.join(directory, 'postgres.pw');
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  as.own(fresh);
  as.own(passwordFile);
  const args = [
    `--pgdata=${fresh}`,
    `--username=${clusterUser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--data-checksums',
  ];
  try {
    await runToEnd(as, binaries.initdb, args, childEnvironment);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : '';
    throw new TillmeshError('DATABASE_FAILED', `a new database could not be made: ${why}`, {
      cause,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(fresh, cluster);
  syncDirectory(directory);
}

/** Random, made once, readable by the relay's user only. */
export function readOrMakePassword(
  directory: string,
  random: (bytes: number) => Uint8Array,
): string {
  const file = path.join(directory, 'postgres-password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = Buffer.from(random(24)).toString('base64url');
  const handle = openSync(file, 'wx', 0o600);
  try {
    writeFileSync(handle, password);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  syncDirectory(directory);
  return password;
}

function syncDirectory(directory: string): void {
  // Windows has no handle on a directory to sync.
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
