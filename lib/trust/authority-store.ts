/**
 * The company's CA as one file of the relay that made it: key and certificate in PEM.
 * One file and not two, so that no crash and no careless copy leaves half of a CA.
 */
import { dirname } from 'node:path';
import { makeDirectoryDurably, writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';
import { Authority } from './authority.ts';
import type { RandomBytes } from './keys.ts';

export type AuthorityPlan = {
  readonly company?: string;
  readonly random: RandomBytes;
  readonly nowMs: number;
};

/** The CA in the file at `path`; undefined where there is none. Throws FILE_DAMAGED. */
export function openAuthority(disk: Disk, path: string): Authority | undefined {
  const bytes = disk.read(path);
  if (bytes === undefined) return undefined;
  const pem = new TextDecoder().decode(bytes);
  return Authority.open({ certificatePem: pem, keyPem: pem });
}

/**
 * For a first start only. Whoever calls it where terminals were enrolled already founds a second company
 * that none of them trusts: a relay that has an identity and no CA must stop instead.
 */
export async function createAuthority(
  disk: Disk,
  path: string,
  plan: AuthorityPlan,
): Promise<Authority> {
  const authority = await Authority.create(plan);
  makeDirectoryDurably(disk, dirname(path));
  const pem = authority.privateKeyPem() + authority.certificatePem;
  writeAtomically(disk, path, new TextEncoder().encode(pem));
  return authority;
}
