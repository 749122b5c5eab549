/**
 * The token that programs on this machine show to use the API. It lives in one file of the data directory,
 * readable by its owner only, and is never logged or sent.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { join } from 'node:path';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';

const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** Reads the token of a data directory (which must exist), or makes one of 32 random bytes on the first start. */
export function apiToken(
  disk: Disk,
  dataDirectory: string,
  random: (bytes: number) => Uint8Array,
): string {
  const path = join(dataDirectory, 'api-token');
  const known = new TextDecoder().decode(disk.read(path)).trim();
  if (tokenShape.test(known)) return known;
  const token = Buffer.from(random(32)).toString('base64url');
  writeAtomically(disk, path, new TextEncoder().encode(`${token}\n`));
  return token;
}

/** Checks `Authorization: Bearer …` in time that does not depend on the token. */
export function tokenCheck(token: string): (authorization: string | undefined) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return (authorization) =>
    authorization !== undefined && timingSafeEqual(digest(authorization), expected);
}
