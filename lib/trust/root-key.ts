/**
 * The company's root as one file: its certificate, and its key sealed by a recovery passphrase. Whoever has both makes
 * tills of the company; a relay has neither in memory after its first start.
 */
import { createCipheriv, createDecipheriv, scryptSync } from 'node:crypto';
import { z } from 'zod';
import { TillmeshError } from '../domain/errors.ts';
import { concatBytes, fromBase64Url, toBase64Url } from '../journal/bytes.ts';
import { Authority } from './authority.ts';
import type { RandomBytes } from './keys.ts';
import { pemOf } from './pem.ts';
import { inGroups, readSpoken, spokenText } from './spoken.ts';

/** 120 random bits, so that the cost of a try hardly matters: 32 MB and ~100 ms, once in years. */
const passphraseCharacters = 24;
const cost = { N: 32_768, r: 8, p: 1, maxmem: 64 * 1024 * 1024 } as const;
const cipher = 'aes-256-gcm';
const tagBytes = 16;

const bytes = z.string().transform((text, context) => {
  const read = fromBase64Url(text);
  if (read === undefined) context.addIssue('not base64url');
  return read ?? z.NEVER;
});
const schema = z.object({
  v: z.literal(1),
  certificate: bytes,
  salt: bytes,
  nonce: bytes.refine((nonce) => nonce.length === 12),
  /** PKCS#8 under the passphrase, bound to the certificate; the tag at its end. */
  key: bytes.refine((key) => key.length > tagBytes),
});

/** `7QZK-3M8V-A1XW-9T0R-…`: what opens the root, to be kept on paper. */
export const newPassphrase = (random: RandomBytes): string =>
  inGroups(spokenText(random, passphraseCharacters));

export function sealRoot(root: Authority, passphrase: string, random: RandomBytes): Uint8Array {
  if (!root.isRoot) throw new TillmeshError('INVARIANT', 'not the root');
  const [salt, nonce] = [random(16), random(12)];
  const certificate = root.certificateDer;
  const sealing = createCipheriv(cipher, keyOf(passphrase, salt), nonce).setAAD(certificate);
  const plain = new TextEncoder().encode(root.privateKeyPem());
  const key = concatBytes([sealing.update(plain), sealing.final(), sealing.getAuthTag()]);
  plain.fill(0);
  const fields = { certificate, salt, nonce, key };
  const text = Object.entries(fields).map(([name, value]) => [name, toBase64Url(value)]);
  return new TextEncoder().encode(
    `${JSON.stringify({ v: 1, ...Object.fromEntries(text) }, null, 2)}\n`,
  );
}

/** Throws PASSPHRASE_WRONG, which a file that was tampered with looks like too, and FILE_DAMAGED. */
export function openRoot(file: Uint8Array, passphrase: string): Authority {
  const { certificate, salt, nonce, key } = readSealed(file);
  const opening = createDecipheriv(cipher, keyOf(passphrase, salt), nonce, {
    authTagLength: tagBytes,
  })
    .setAAD(certificate)
    .setAuthTag(key.subarray(-tagBytes));
  let plain: Buffer;
  try {
    plain = Buffer.concat([opening.update(key.subarray(0, -tagBytes)), opening.final()]);
  } catch {
    // The cause tells nothing more: a cipher knows no other fault than this.
    throw new TillmeshError('PASSPHRASE_WRONG');
  }
  const root = Authority.open({
    certificatePem: pemOf(certificate),
    keyPem: plain.toString('utf8'),
  });
  plain.fill(0);
  return root;
}

function readSealed(file: Uint8Array): z.infer<typeof schema> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(file));
  } catch {
    throw new TillmeshError('FILE_DAMAGED', 'root key');
  }
  const read = schema.safeParse(value);
  if (!read.success) throw new TillmeshError('FILE_DAMAGED', 'root key');
  return read.data;
}

function keyOf(passphrase: string, salt: Uint8Array): Uint8Array {
  const text = readSpoken(passphrase, passphraseCharacters);
  if (text === undefined) throw new TillmeshError('PASSPHRASE_WRONG');
  return scryptSync(text, salt, 32, cost);
}
