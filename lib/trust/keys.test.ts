import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../journal/bytes.ts';
import {
  newKeyPair,
  privateKeyFromPem,
  privateKeyPem,
  publicKeyFromRaw,
  rawPublicKey,
  signerOf,
  verifierOf,
} from './keys.ts';

// RFC 8032 §7.1, test 2.
const seed = '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';
const publicHex = '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c';
const message = fromHex('72');
const signatureHex =
  '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
  '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00';

describe('Ed25519 keys', () => {
  const keys = newKeyPair(() => fromHex(seed));

  test('are the ones of RFC 8032', () => {
    expect(toHex(rawPublicKey(keys.publicKey))).toBe(publicHex);
    expect(toHex(rawPublicKey(keys.privateKey))).toBe(publicHex);
    expect(toHex(signerOf(keys.privateKey)(message))).toBe(signatureHex);
  });

  test('check signatures, and refuse every other length or byte without a throw', () => {
    const verify = verifierOf(publicKeyFromRaw(fromHex(publicHex)));
    const signature = fromHex(signatureHex);
    expect(verify(message, signature)).toBe(true);
    expect(verify(fromHex('73'), signature)).toBe(false);
    for (const bad of [
      new Uint8Array(),
      signature.subarray(1),
      new Uint8Array(64),
      new Uint8Array(65),
    ])
      expect(verify(message, bad)).toBe(false);
    for (let i = 0; i < 64; i++) {
      const flipped = signature.slice();
      flipped[i] = (flipped[i] ?? 0) ^ 1;
      expect(verify(message, flipped)).toBe(false);
    }
  });

  test('survive PEM', () => {
    expect(privateKeyFromPem(privateKeyPem(keys.privateKey)).equals(keys.privateKey)).toBe(true);
  });

  test.each([
    ['nothing', () => ''],
    ['half a key', () => privateKeyPem(keys.privateKey).slice(0, 60)],
    [
      'a key of another kind',
      () =>
        generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        }),
    ],
  ])('are not read from %s', (_, pem) => {
    expect(() => privateKeyFromPem(pem().toString())).toThrow(
      expect.objectContaining({ code: 'FILE_DAMAGED' }),
    );
  });

  test('of another length are none', () => {
    expect(() => publicKeyFromRaw(new Uint8Array(31))).toThrow(
      expect.objectContaining({ code: 'CERTIFICATE_MALFORMED' }),
    );
  });
});
