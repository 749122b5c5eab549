/**
 * PINs as they are stored and published: argon2id in the PHC string form, so that a till can check one without HQ and
 * nobody reads one from a document. Cost after OWASP's password storage advice: 19 MB, 2 passes, 1 lane (~25 ms).
 */
import { argon2, argon2Sync, timingSafeEqual } from 'node:crypto';

const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const prefix = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}`;

type Parts = { readonly salt: Uint8Array; readonly tag: Uint8Array };

/** What a PIN is checked against where there is no hash: no PIN is known to give it, and it takes the same time. */
const nobodys: Parts = { salt: new Uint8Array(16), tag: new Uint8Array(cost.tagLength) };

export function hashPin(pin: string, random: (bytes: number) => Uint8Array): string {
  const salt = random(16);
  return `${prefix}$${encode(salt)}$${encode(argon2Sync('argon2id', parameters(pin, salt)))}`;
}

/** False for a wrong PIN and for a hash that is not one of ours. Blocks the process for ~25 ms: for a relay's rare use. */
export function isPin(pin: string, hash: string): boolean {
  const parts = partsOf(hash);
  return (
    parts !== undefined &&
    timingSafeEqual(argon2Sync('argon2id', parameters(pin, parts.salt)), parts.tag)
  );
}

/**
 * The same beside the event loop, for a till: selling goes on meanwhile. Without a hash, or with one that is not
 * ours, it takes as long as with one, and is false.
 */
export async function checkPin(pin: string, hash: string | undefined): Promise<boolean> {
  const parts = hash === undefined ? undefined : partsOf(hash);
  const { salt, tag } = parts ?? nobodys;
  const given = await new Promise<Uint8Array>((resolve, reject) => {
    argon2('argon2id', parameters(pin, salt), (error, made) => {
      if (error) reject(error);
      else resolve(made);
    });
  });
  return timingSafeEqual(given, tag) && parts !== undefined;
}

function partsOf(hash: string): Parts | undefined {
  if (!hash.startsWith(`${prefix}$`)) return undefined;
  const [salt, tag] = hash
    .slice(prefix.length + 1)
    .split('$')
    .map((text) => Buffer.from(text, 'base64'));
  return salt?.length === 16 && tag?.length === cost.tagLength ? { salt, tag } : undefined;
}

const parameters = (pin: string, nonce: Uint8Array) => ({ message: pin, nonce, ...cost });

/** Base64 without padding, as the PHC string form has it. */
const encode = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replace(/=+$/, '');
