/** What a data directory must be: there, private, writable, with room, and with an identity that fits together. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { catalogue, isTillmeshError } from '#lib/domain/errors.ts';
import { checkCertificate } from '#lib/host/checks/certificate.ts';
import { checkSpace } from '#lib/host/checks/disk-space.ts';
import { lockDirectory } from '#lib/storage/directory-lock.ts';
import { roleOfDirectory } from '#lib/storage/directory-version.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { openAuthority, recoveryPath } from '#lib/trust/authority-store.ts';
import { IdentityStore } from '#lib/trust/identity-store.ts';
import { openKeys, type KeysAtRest } from '#lib/trust/key-seal.ts';
import { formatTodo } from '../report.ts';
import { type Finding, fail, inWords, ok, warn } from './finding.ts';

export function checkDataDirectory(
  directory: string,
  wallMs: number,
  keys: KeysAtRest = openKeys,
): Finding[] {
  if (!existsSync(directory)) {
    return [
      warn(
        'data',
        `${directory} does not exist`,
        'the first start makes it, or name it with --data',
      ),
      inWords(checkSpace(nodeDisk, nearestExisting(directory))),
    ];
  }
  return [
    checkAccess(directory),
    checkUse(directory),
    inWords(checkSpace(nodeDisk, directory)),
    ...checkFormat(directory),
    ...checkRoot(directory, keys),
    inWords(
      checkCertificate(new IdentityStore(nodeDisk, join(directory, 'identity'), keys), wallMs),
    ),
    keys.isSealing
      ? ok('key-seal', 'private keys are closed on the disk')
      : ok('key-seal', 'private keys lie open on the disk: SECURITY.md says how to close them'),
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

/** Of a relay: whether the key behind all tills is where only a person can get at it. */
function checkRoot(directory: string, keys: KeysAtRest): Finding[] {
  const check = 'root-key';
  try {
    const authority = openAuthority(nodeDisk, directory, keys);
    if (!authority) return [];
    if (authority.isRoot)
      return [warn(check, 'lies open in authority.pem', 'stop the relay, run: tillmesh ca rotate')];
  } catch (error) {
    if (!isTillmeshError(error)) throw error;
    return [fail(check, error.detail, 'restore authority.pem, or run: tillmesh ca rotate')];
  }
  const recovery = recoveryPath(directory);
  if (!existsSync(recovery)) return [ok(check, 'sealed, its passphrase is not on this machine')];
  return [warn(check, 'its passphrase lies beside it', `print ${recovery}, then delete it`)];
}

function nearestExisting(path: string): string {
  return existsSync(path) ? path : nearestExisting(dirname(path));
}
