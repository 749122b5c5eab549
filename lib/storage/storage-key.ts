/**
 * From automerge-repo's storage keys to paths, in the layout of the published NodeFS adapter. Parts of a
 * key come from peers (a storage id in their handshake), so a key is a claim and never a path by itself.
 */
import {
  isValidDocumentId,
  type DocumentId,
  type StorageKey,
} from '@automerge/automerge-repo/slim';
import { join } from 'node:path';

/** No separators, no leading dot, nothing that a file system reads as more than a name. */
const safePart = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;
/** automerge-repo's own are at most 3 deep. */
const partsMost = 4;

export function isSafeKey(key: StorageKey): boolean {
  const [first] = key;
  // The first part is split after two letters, and both pieces are names.
  if (first === undefined || first.length < 3 || key.length > partsMost) return false;
  return key.every((part) => safePart.test(part)) && safePart.test(first.slice(2));
}

/** Only for keys that are safe. */
export function pathOfKey(directory: string, key: StorageKey): string {
  const [first = '', ...rest] = key;
  return join(directory, first.slice(0, 2), first.slice(2), ...rest);
}

/** True for the pieces of a document, which are Automerge chunks; everything else is opaque. */
export function isDocumentPiece(key: StorageKey): key is [DocumentId, ...string[]] {
  return isPieceKind(key[1]) && documentOf(key) !== undefined;
}

export function isPieceKind(part: string | undefined): boolean {
  return part === 'snapshot' || part === 'incremental';
}

export function documentOf(key: StorageKey): DocumentId | undefined {
  const [first] = key;
  return first !== undefined && isValidDocumentId(first) ? first : undefined;
}

export function keyStartsWith(key: StorageKey, prefix: StorageKey): boolean {
  return prefix.every((part, at) => key[at] === part);
}

export function sameKey(a: StorageKey, b: StorageKey): boolean {
  return a.length === b.length && keyStartsWith(a, b);
}
