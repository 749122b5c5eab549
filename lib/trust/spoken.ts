/**
 * Random text that people read aloud, print and type: Crockford's base 32, without I, L, O, U, so that nothing read
 * aloud or printed small is taken for another.
 */
import type { RandomBytes } from './keys.ts';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 5 random bits a character: 32 divides 256, so the remainder of a byte is as random as the byte. */
export const spokenText = (random: RandomBytes, characters: number): string =>
  Array.from(random(characters), (byte) => alphabet[byte % 32]).join('');

/** In groups of four: `7QZK-3M8V`. */
export const inGroups = (text: string): string => (text.match(/.{1,4}/g) ?? []).join('-');

/** What was meant, of this many characters: any case, O for 0, I and L for 1, blanks and dashes anywhere. */
export function readSpoken(typed: string, characters: number): string | undefined {
  if (typed.length > 4 * characters) return undefined;
  const text = typed
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}]/gu, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
  return text.length === characters && /^[0-9A-HJKMNP-TV-Z]*$/.test(text) ? text : undefined;
}
