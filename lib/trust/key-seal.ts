/**
 * Private keys as they lie in files: in the open, or closed under a secret that the system keeps elsewhere (a TPM, a
 * credential of the service manager). A directory that is copied or stolen without the machine then holds no key.
 */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { concatBytes, fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import type { Disk } from '../storage/disk.ts';
import type { RandomBytes } from './keys.ts';

/** How the text of a key is written into a file of this name, and read from it. */
export type KeysAtRest = {
  readonly isSealing: boolean;
  close(name: string, pem: string): string;
  /** Throws KEY_SEALED where it was closed under another secret, or under one while there is none. */
  open(name: string, text: string): string;
};

const prefix = 'tillmesh-sealed-key:1:';
const cipher = 'aes-256-gcm';
const nonceBytes = 12;
const tagBytes = 16;
/** A file of fewer bytes was not made for this. */
const leastSecretBytes = 16;
const mostSecretBytes = 64 * 1024;

export const isSealed = (text: string): boolean => text.startsWith(prefix);

/** Where the system keeps no secret for us. */
export const openKeys: KeysAtRest = {
  isSealing: false,
  close: (_, pem) => pem,
  open: (name, text) => {
    if (isSealed(text)) throw new TillmeshError('KEY_SEALED', `${name}: no key seal was given`);
    return text;
  },
};

/** Under `secret`, of any length from 16 bytes. A key in the open is read as it is, until it is written again. */
export function sealedKeys(secret: Uint8Array, random: RandomBytes): KeysAtRest {
  const key = new Uint8Array(hkdfSync('sha256', secret, '', 'tillmesh key seal', 32));
  return {
    isSealing: true,
    close(name, pem) {
      const nonce = random(nonceBytes);
      const closing = createCipheriv(cipher, key, nonce).setAAD(bytesOf(name));
      const sealed = [nonce, closing.update(pem, 'utf8'), closing.final(), closing.getAuthTag()];
      return prefix + toBase64Url(concatBytes(sealed));
    },
    open(name, text) {
      if (!isSealed(text)) return text;
      const sealed = fromBase64Url(text.slice(prefix.length).trim());
      if (!sealed || sealed.length < nonceBytes + tagBytes)
        throw new TillmeshError('FILE_DAMAGED', name);
      const [nonce, tag] = [sealed.subarray(0, nonceBytes), sealed.subarray(-tagBytes)];
      const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
        .setAAD(bytesOf(name))
        .setAuthTag(tag);
      try {
        const pem = [opening.update(sealed.subarray(nonceBytes, -tagBytes)), opening.final()];
        return Buffer.concat(pem).toString('utf8');
      } catch {
        // A cipher knows no other fault than this: another secret, or bytes that were changed.
        throw new TillmeshError('KEY_SEALED', `${name}: this key seal does not open it`);
      }
    },
  };
}

/** By the file that holds the secret; in the open where none is named. Throws KEY_SEAL_UNUSABLE. */
export function keysAtRest(disk: Disk, file: string | undefined, random: RandomBytes): KeysAtRest {
  if (file === undefined) return openKeys;
  let secret: Uint8Array | undefined;
  try {
    secret = disk.read(file);
  } catch (cause) {
    throw new TillmeshError('KEY_SEAL_UNUSABLE', file, { cause });
  }
  if (!secret) throw new TillmeshError('KEY_SEAL_UNUSABLE', `${file} is missing`);
  if (secret.length < leastSecretBytes || secret.length > mostSecretBytes)
    throw new TillmeshError(
      'KEY_SEAL_UNUSABLE',
      `${file} holds ${secret.length} bytes, not ${leastSecretBytes} to ${mostSecretBytes}`,
    );
  return sealedKeys(secret, random);
}

/**
 * Runs what closes keys that lie open. A disk that takes nothing leaves them as they are until the next start, and keeps
 * nobody from starting; `onLater` is told. Gives whether any was closed.
 */
export function closeIfRoom(
  close: () => boolean,
  onLater: (cause: TillmeshError) => void,
): boolean {
  try {
    return close();
  } catch (error) {
    if (!isTillmeshError(error, 'DISK_FULL') && !isTillmeshError(error, 'DISK_REFUSED'))
      throw error;
    onLater(error);
    return false;
  }
}

/** A file with a key first and its certificates after it. */
export const joinPem = (keys: KeysAtRest, name: string, keyPem: string, certificates: string) =>
  `${keys.close(name, keyPem).trimEnd()}\n${certificates}`;

/** Throws KEY_SEALED, FILE_DAMAGED. What is in no such form is both the key and the certificates, as PEM readers take it. */
export function splitPem(keys: KeysAtRest, name: string, text: string) {
  if (!isSealed(text)) return { keyPem: text, certificatePem: text };
  const [sealed = '', ...certificates] = text.split('\n');
  return { keyPem: keys.open(name, sealed), certificatePem: certificates.join('\n') };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
