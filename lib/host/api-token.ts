/**
 * The token that programs on this machine show to use the API. It lives in one file of the data directory,
 * readable by its owner only, and is never logged or sent.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { TillmeshError } from '../domain/errors.ts';

const fileName = 'api-token';
const tokenShape = /^[A-Za-z0-9_-]{43}$/;

/** Reads the token of a data directory, or makes one of 32 random bytes on the first start. */
export function apiToken(dataDirectory: string, random: (bytes: number) => Uint8Array): string {
  const path = join(dataDirectory, fileName);
  const known = readToken(path);
  if (known !== undefined) {
    chmodSync(path, 0o600);
    return known;
  }
  const token = Buffer.from(random(32)).toString('base64url');
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, `${token}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  // The mode of `open` counts for new files only; a torn file of an earlier start keeps its own.
  chmodSync(path, 0o600);
  return token;
}

function readToken(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new TillmeshError('DIRECTORY_FOREIGN', fileName, { cause: error });
  }
  return tokenShape.test(text) ? text : undefined;
}

/** Checks `Authorization: Bearer …` in time that does not depend on the token. */
export function tokenCheck(token: string): (authorization: string | undefined) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(`Bearer ${token}`);
  return (authorization) =>
    authorization !== undefined && timingSafeEqual(digest(authorization), expected);
}
