/**
 * P-256 keys, for what browsers look at: they take no Ed25519 (decision 0009). Nothing of the network itself is signed
 * with one.
 */
import { createECDH, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { TillmeshError } from '../domain/errors.ts';
import type { KeyPair, RandomBytes } from './keys.ts';

/** All of its randomness comes from `random`: 32 bytes are a private key unless they are zero or beyond the curve's order. */
export function newWebKeyPair(random: RandomBytes): KeyPair {
  for (let attempt = 0; attempt < 8; attempt++) {
    const curve = createECDH('prime256v1');
    const d = Buffer.from(random(32));
    try {
      curve.setPrivateKey(d);
    } catch {
      // One in 2^32 is beyond the order of the curve: the next one.
      continue;
    }
    const point = curve.getPublicKey();
    const text = (bytes: Buffer): string => bytes.toString('base64url');
    const [x, y] = [text(point.subarray(1, 33)), text(point.subarray(33))];
    const privateKey = createPrivateKey({
      key: { kty: 'EC', crv: 'P-256', d: text(d), x, y },
      format: 'jwk',
    });
    d.fill(0);
    return { privateKey, publicKey: createPublicKey(privateKey) };
  }
  throw new TillmeshError('INVARIANT', 'random source gives no key');
}

export const isWebKey = (key: KeyObject): boolean =>
  key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';

/** Throws FILE_DAMAGED where the text is not the PEM of a P-256 private key. */
export function webKeyFromPem(pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    // The cause is left out: it may quote what it was given.
    throw new TillmeshError('FILE_DAMAGED', 'not a private key');
  }
  if (!isWebKey(key)) throw new TillmeshError('FILE_DAMAGED', 'not P-256');
  return key;
}

/** SubjectPublicKeyInfo, as it travels. */
export const webKeyBytes = (key: KeyObject): Uint8Array =>
  new Uint8Array(key.export({ type: 'spki', format: 'der' }));

/** Throws INPUT_INVALID for anything but a P-256 key in that form. */
export function webKeyFromBytes(spki: Uint8Array): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch {
    key = undefined;
  }
  if (!key || !isWebKey(key)) throw new TillmeshError('INPUT_INVALID', 'not a P-256 key');
  return key;
}
