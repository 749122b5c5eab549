/**
 * The company's CA as files of the relay that made it. `authority.pem`: the key in use with its certificates, one file
 * and not two, so that no crash and no careless copy leaves half of it. `company-root.json`: the root, sealed.
 * `company-recovery.txt`: what opens it, until the operator has moved it away. The first version had the root in
 * `authority.pem` and no other file; that goes on to work until `rotateAuthority`.
 */
import { join } from 'node:path';
import { TillmeshError } from '../domain/errors.ts';
import { equalBytes } from '../journal/bytes.ts';
import { makeDirectoryDurably, writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import { Authority } from './authority.ts';
import { isSealed, joinPem, openKeys, splitPem, type KeysAtRest } from './key-seal.ts';
import type { RandomBytes } from './keys.ts';
import { newPassphrase, openRoot, sealRoot } from './root-key.ts';

export type AuthorityPlan = {
  readonly company?: string;
  readonly random: RandomBytes;
  readonly nowMs: number;
  /** How the issuing key lies on the disk; absent: in the open. */
  readonly keys?: KeysAtRest;
};

const names = {
  inUse: 'authority.pem',
  root: 'company-root.json',
  recovery: 'company-recovery.txt',
} as const;

/** Where the passphrase lies as long as nobody has moved it away. */
export const recoveryPath = (directory: string): string => join(directory, names.recovery);

/** The key in use in a relay's data directory; undefined where there is none. Throws FILE_DAMAGED, KEY_SEALED. */
export function openAuthority(
  disk: Disk,
  directory: string,
  keys: KeysAtRest = openKeys,
): Authority | undefined {
  const bytes = disk.read(join(directory, names.inUse));
  if (bytes === undefined) return undefined;
  return Authority.open(splitPem(keys, names.inUse, new TextDecoder().decode(bytes)));
}

/** Closes an issuing key that still lies in the open. Says whether it did. */
export function closeAuthority(disk: Disk, directory: string, keys: KeysAtRest): boolean {
  if (!keys.isSealing) return false;
  const bytes = disk.read(join(directory, names.inUse));
  if (bytes === undefined || isSealed(new TextDecoder().decode(bytes))) return false;
  const authority = openAuthority(disk, directory, keys);
  if (authority) putInUse(disk, directory, authority, keys);
  return authority !== undefined;
}

/**
 * For a first start only: whoever calls it where terminals were enrolled already founds a second company that none of
 * them trusts. One that was cut off goes on where it was; FILE_DAMAGED where there is a root and nothing to open it with.
 */
export async function foundCompany(
  disk: Disk,
  directory: string,
  plan: AuthorityPlan,
): Promise<Authority> {
  makeDirectoryDurably(disk, directory);
  const root = rootOfCutStart(disk, directory) ?? (await Authority.create(plan));
  if (!disk.read(join(directory, names.root))) keepRoot(disk, directory, root, plan.random);
  return putInUse(disk, directory, await root.delegate(plan), plan.keys);
}

/**
 * A new issuing key; what the earlier ones signed stays valid. `passphrase` is asked for where the root is sealed.
 * Says whether a passphrase was made, which then lies at `recoveryPath`: where the root lay open until now.
 * Throws DIRECTORY_EMPTY, PASSPHRASE_WRONG, FILE_DAMAGED.
 */
export async function rotateAuthority(
  disk: Disk,
  directory: string,
  plan: Omit<AuthorityPlan, 'company'> & { readonly passphrase: () => Promise<string> },
): Promise<{ readonly authority: Authority; readonly isNewlySealed: boolean }> {
  const sealed = disk.read(join(directory, names.root));
  const before = openAuthority(disk, directory, plan.keys);
  if (!sealed && !before) throw new TillmeshError('DIRECTORY_EMPTY', directory);
  if (!sealed && !before?.isRoot)
    throw new TillmeshError('FILE_DAMAGED', `${names.root} is missing: restore it from a backup`);
  // A cut that came between sealing and the new key left both: the root in use is the one that was sealed.
  const root = before?.isRoot
    ? before
    : openRoot(sealed ?? new Uint8Array(), await plan.passphrase());
  if (before && !equalBytes(before.certificateDer, root.certificateDer))
    throw new TillmeshError('FILE_DAMAGED', `${names.root} is another company’s`);
  const isNewlySealed = before?.isRoot === true;
  if (isNewlySealed) keepRoot(disk, directory, root, plan.random);
  const authority = putInUse(disk, directory, await root.delegate(plan), plan.keys);
  return { authority, isNewlySealed };
}

function rootOfCutStart(disk: Disk, directory: string): Authority | undefined {
  const sealed = disk.read(join(directory, names.root));
  if (!sealed) return undefined;
  const text = disk.read(recoveryPath(directory));
  const passphrase = /^ {4}(\S+)$/m.exec(new TextDecoder().decode(text))?.[1];
  if (text && passphrase !== undefined) return openRoot(sealed, passphrase);
  const detail = `${names.inUse} is missing: restore it, or make a new one with "tillmesh ca rotate"`;
  throw new TillmeshError('FILE_DAMAGED', detail);
}

/** The passphrase first: a root that nobody can open must not be the one that counts. */
function keepRoot(disk: Disk, directory: string, root: Authority, random: RandomBytes): void {
  const passphrase = newPassphrase(random);
  write(disk, recoveryPath(directory), recoveryText(root.company, passphrase));
  writeAtomically(disk, join(directory, names.root), sealRoot(root, passphrase, random));
}

function putInUse(
  disk: Disk,
  directory: string,
  authority: Authority,
  keys: KeysAtRest = openKeys,
): Authority {
  const text = joinPem(keys, names.inUse, authority.privateKeyPem(), authority.certificatePem);
  write(disk, join(directory, names.inUse), text);
  return authority;
}

const write = (disk: Disk, path: string, text: string): void =>
  writeAtomically(disk, path, new TextEncoder().encode(text));

const recoveryText = (
  company: string,
  passphrase: string,
): string => `Tillmesh: recovery passphrase of ${company}

    ${passphrase}

It opens ${names.root}, the key that stands behind every till of the company. It is needed to make a new
issuing key ("tillmesh ca rotate"): after a theft or the loss of this machine, or when you want one.

1. Print this page, or write the line above on paper, and put it where the shop keeps its papers.
2. Keep a copy of ${names.root} with your backups, away from the paper.
3. Delete this file. Whoever has it and ${names.root} can make tills of your company.
`;
