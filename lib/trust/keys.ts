/**
 * Ed25519 keys: making, PEM, and the synchronous signing and checking that the journal asks for.
 * Private keys leave this folder only as PEM for the identity files and for TLS.
 */
import { createPrivateKey, createPublicKey, hash, sign, verify, type KeyObject } from 'node:crypto';
import { TillmeshError } from '../domain/errors.ts';
import { concatBytes, fromHex } from '../journal/bytes.ts';
import type { Signer, Verifier } from '../journal/envelope.ts';

/** Cryptographically strong random bytes; passed in so that a simulation can repeat itself. */
export type RandomBytes = (byteCount: number) => Uint8Array;

export type KeyPair = { readonly privateKey: KeyObject; readonly publicKey: KeyObject };

// RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS#8 and in SubjectPublicKeyInfo.
const privatePrefix = fromHex('302e020100300506032b657004220420');
const publicPrefix = fromHex('302a300506032b6570032100');

/** An Ed25519 key is 32 random bytes (RFC 8032 §5.1.5): all of its randomness comes from `random`. */
export function newKeyPair(random: RandomBytes): KeyPair {
  const seed = random(32);
  if (seed.length !== 32) throw new TillmeshError('INVARIANT', 'random source gave too few bytes');
  const der = Buffer.from(concatBytes([privatePrefix, seed]));
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  der.fill(0);
  return { privateKey, publicKey: createPublicKey(privateKey) };
}

export const privateKeyPem = (key: KeyObject): string =>
  key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Throws FILE_DAMAGED where the text is not the PEM of an Ed25519 private key. */
export function privateKeyFromPem(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The cause is left out: it may quote what it was given.
    throw new TillmeshError('FILE_DAMAGED', 'not a private key');
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new TillmeshError('FILE_DAMAGED', 'not Ed25519');
  return key;
}

/** The 32 bytes of an Ed25519 public key. */
export function rawPublicKey(key: KeyObject): Uint8Array {
  const der = publicHalf(key).export({ type: 'spki', format: 'der' });
  return new Uint8Array(der.subarray(publicPrefix.length));
}

/** Throws CERTIFICATE_MALFORMED for anything but 32 bytes. */
export function publicKeyFromRaw(raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new TillmeshError('CERTIFICATE_MALFORMED', 'public key');
  const key = Buffer.from(concatBytes([publicPrefix, raw]));
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

export const samePublicKey = (a: KeyObject, b: KeyObject): boolean =>
  publicHalf(a).equals(publicHalf(b));

/**
 * The name of a key: SHA-256 of its SubjectPublicKeyInfo, in hex. A terminal's says which device is meant where two have
 * had one name after the other.
 */
export const keyNameOf = (key: KeyObject): string =>
  hash('sha256', publicHalf(key).export({ type: 'spki', format: 'der' }), 'hex');

/** Ed25519 signatures of 64 bytes. */
export const signerOf =
  (privateKey: KeyObject): Signer =>
  (message) =>
    new Uint8Array(sign(null, message, privateKey));

/** False, never a throw, for signatures of any other length. */
export const verifierOf =
  (publicKey: KeyObject): Verifier =>
  (message, signature) =>
    signature.length === 64 && verify(null, message, publicKey, signature);

const publicHalf = (key: KeyObject): KeyObject =>
  key.type === 'private' ? createPublicKey(key) : key;
