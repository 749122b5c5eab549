/** The company's CA as two files of the relay that made it: `ca.pem` and `ca.key` in a directory of its own. */
import { join } from 'node:path';
import { TillmeshError } from '../domain/errors.ts';
import { makeDirectoryDurably, writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import { Authority } from './authority.ts';
import type { RandomBytes } from './keys.ts';

export type AuthorityPlan = {
  readonly company?: string;
  readonly random: RandomBytes;
  readonly nowMs: number;
};

/** The CA kept in `directory`; made there at the first start. Throws FILE_DAMAGED: a lost CA is never replaced by itself. */
export async function openOrCreateAuthority(
  disk: Disk,
  directory: string,
  plan: AuthorityPlan,
): Promise<Authority> {
  const certificate = disk.read(join(directory, 'ca.pem'));
  const key = disk.read(join(directory, 'ca.key'));
  if (certificate !== undefined && key !== undefined)
    return Authority.open({ certificatePem: textOf(certificate), keyPem: textOf(key) });
  // The certificate is written last, so that a key alone is a first start that was cut short.
  if (certificate !== undefined) throw new TillmeshError('FILE_DAMAGED', 'ca.key is missing');
  const authority = await Authority.create(plan);
  makeDirectoryDurably(disk, directory);
  writeAtomically(disk, join(directory, 'ca.key'), bytesOf(authority.privateKeyPem()));
  writeAtomically(disk, join(directory, 'ca.pem'), bytesOf(authority.certificatePem));
  return authority;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
