/**
 * PINs as they are stored and published: argon2id in the PHC string form, so that a till can check one without HQ and
 * nobody reads one from a document. Cost after OWASP's password storage advice: 19 MB, 2 passes, 1 lane (~25 ms).
 */
import { argon2Sync, timingSafeEqual } from 'node:crypto';

const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const prefix = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}`;

export function hashPin(pin: string, random: (bytes: number) => Uint8Array): string {
  const salt = random(16);
  return `${prefix}$${encode(salt)}$${encode(tagOf(pin, salt))}`;
}

/** False for a wrong PIN and for a hash that is not one of ours. */
export function isPin(pin: string, hash: string): boolean {
  const [salt, tag] = hash.startsWith(`${prefix}$`)
    ? hash
        .slice(prefix.length + 1)
        .split('$')
        .map((text) => Buffer.from(text, 'base64'))
    : [];
  if (salt?.length !== 16 || tag?.length !== cost.tagLength) return false;
  return timingSafeEqual(tagOf(pin, salt), tag);
}

const tagOf = (pin: string, nonce: Uint8Array): Buffer =>
  argon2Sync('argon2id', { message: pin, nonce, ...cost });

/** Base64 without padding, as the PHC string form has it. */
const encode = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replace(/=+$/, '');
