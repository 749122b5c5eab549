/** What a data directory must be: there, private, writable, with room, and with an identity that fits together. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { catalogue, isTillmeshError } from '#lib/domain/errors.ts';
import { limits } from '#lib/domain/limits.ts';
import { lockDirectory } from '#lib/storage/directory-lock.ts';
import { roleOfDirectory } from '#lib/storage/directory-version.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { IdentityStore } from '#lib/trust/identity-store.ts';
import { formatTodo } from '../report.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const mebi = 1024 * 1024;
/** A busy till writes ~1 MB a day and head office's documents once: below this it is time to look. */
const scarceBytes = 1024 * mebi;

export function checkDataDirectory(directory: string): Finding[] {
  if (!existsSync(directory)) {
    return [
      warn(
        'data',
        `${directory} does not exist`,
        'the first start makes it, or name it with --data',
      ),
      checkSpace(nearestExisting(directory)),
    ];
  }
  return [
    checkAccess(directory),
    checkUse(directory),
    checkSpace(directory),
    ...checkFormat(directory),
    checkIdentity(directory),
  ];
}

function checkAccess(directory: string): Finding {
  const stat = statSync(directory);
  if (!stat.isDirectory())
    return fail('data', `${directory} is a file`, 'name a directory with --data');
  try {
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail('data', `${directory} cannot be written`, 'give it to the user who runs Tillmesh');
  }
  const others = process.platform === 'win32' ? 0 : stat.mode & 0o077;
  if (others === 0) return ok('data', directory);
  return warn('data', `${directory} is open to other users`, `run: chmod 700 "${directory}"`);
}

/** Looks without leaving a trace: a directory without a lock file was never used. */
function checkUse(directory: string): Finding {
  const check = 'in-use';
  if (!existsSync(join(directory, 'lock.db'))) return ok(check, 'never used');
  try {
    lockDirectory(directory).release();
    return ok(check, 'free to be started');
  } catch (error) {
    if (isTillmeshError(error, 'DIRECTORY_LOCKED')) return ok(check, 'a process runs on it');
    const found = error instanceof Error ? error.message : String(error);
    return fail(check, found, 'give it to the user who runs Tillmesh');
  }
}

function checkSpace(directory: string): Finding {
  const free = nodeDisk.freeBytes(directory);
  const found = `${Math.floor(free / mebi).toLocaleString('en')} MB free`;
  if (free < 2 * limits.reserveBytes) return fail('disk-space', found, 'free some space now');
  if (free < scarceBytes) return warn('disk-space', found, 'free some space soon');
  return ok('disk-space', found);
}

/** Nothing to say of a directory that nobody has claimed yet. */
function checkFormat(directory: string): Finding[] {
  const check = 'format';
  try {
    const role = roleOfDirectory(nodeDisk, directory);
    return role === undefined ? [] : [ok(check, `data of a ${role}`)];
  } catch (error) {
    if (!isTillmeshError(error)) throw error;
    if (error.code !== 'FILE_DAMAGED') return [fail(check, error.detail, catalogue[error.code])];
    return [fail(check, `${error.detail} is damaged`, formatTodo)];
  }
}

function checkIdentity(directory: string): Finding {
  const check = 'certificate';
  try {
    const store = new IdentityStore(nodeDisk, join(directory, 'identity'));
    const enrolled = store.enrolled();
    if (!enrolled) {
      return warn(check, 'not enrolled', 'enrol a register with --join CODE@HOST:PORT');
    }
    const living = store.living();
    if (!living) return warn(check, 'enrolled, nothing recorded yet', 'start the register once');
    return ok(check, `${living.principal}, leads to the company’s CA`);
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    const todo = isTillmeshError(error)
      ? 'enrol again with a new join code: the journals come back from peers'
      : 'let the user who runs Tillmesh read it';
    return fail(check, found, todo);
  }
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
