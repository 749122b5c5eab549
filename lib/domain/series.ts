/**
 * Document numbers: `S01-T1A-S-17` is the 17th sale of terminal T1 of store S01 in its life A.
 * A series belongs to one life of one terminal and one kind of document, and has no gaps (P3).
 */
import { assert } from './errors.ts';
import { isSeriesLetter, type SeriesLetter, type StoreId, type TerminalId } from './ids.ts';

export type DocumentNumber = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly letter: SeriesLetter;
  /** The kind of document: see `documentCodes`. */
  readonly code: string;
  readonly n: number;
};

export const formatNumber = ({ store, terminal, letter, code, n }: DocumentNumber): string =>
  `${store}-${terminal}${letter}-${code}-${n}`;

/**
 * How an entry that is no document is named: `S01-T1A-J-17` is the 17th in the journal of that life. It has no series of
 * its own, because the journal's numbers have no gaps either (J3).
 */
export const entryNumber = (
  who: Pick<DocumentNumber, 'store' | 'terminal' | 'letter'>,
  seq: number,
): string => formatNumber({ ...who, code: 'J', n: seq });

// The terminal ends in digits and the letter holds none, so the two part without a separator.
const shape =
  /^([A-Z][A-Z0-9]{0,7})-([A-Z]{1,3}[0-9]{1,4})([A-Z]{1,2}(?:[BCDFGHJKLMNPQRSTVWXZ]{5})?)-([A-Z]{1,2})-([1-9][0-9]{0,14})$/;

/** Undefined for what is no document number. */
export function parseNumber(text: string): DocumentNumber | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  const [, store, terminal, letter, code = '', n] = match;
  return {
    store: store as StoreId,
    terminal: terminal as TerminalId,
    letter: letter as SeriesLetter,
    code,
    n: Number(n),
  };
}

const consonants = 'BCDFGHJKLMNPQRSTVWXZ';
const ownLength = 5;

/** The part of a letter that head office or the first life chose: `A` of `A` and of `ABCDFG`. */
export const rootOf = (letter: SeriesLetter): SeriesLetter =>
  (letter.length > ownLength ? letter.slice(0, -ownLength) : letter) as SeriesLetter;

/**
 * The letter after the last one used: A … Z, AA … ZZ. Never fills a hole: a missing letter may have been used by
 * a life that nobody remembers. Throws INVARIANT after ZZ.
 */
export function nextLetter(used: Iterable<SeriesLetter>): SeriesLetter {
  let last = 0;
  for (const letter of used) last = Math.max(last, ordinalOf(rootOf(letter)));
  assert(last < 26 + 26 * 26, 'all 702 letters of this terminal are used');
  return letterOf(last + 1);
}

/** A = 1 … Z = 26, AA = 27 … ZZ = 702. */
function ordinalOf(root: string): number {
  let ordinal = 0;
  for (const character of root) ordinal = ordinal * 26 + (character.charCodeAt(0) - 64);
  return ordinal;
}

function letterOf(ordinal: number): SeriesLetter {
  const low = String.fromCharCode(65 + ((ordinal - 1) % 26));
  const high = Math.floor((ordinal - 1) / 26);
  return (high === 0 ? low : String.fromCharCode(64 + high) + low) as SeriesLetter;
}

/**
 * The letter of a life begun offline, which cannot know the letters that its copies took: the root's own one or
 * two, then five consonants of `random` (≥ 6 bytes): 1 in 3.2 million that two copies draw the same.
 */
export function ownLetter(root: SeriesLetter, random: Uint8Array): SeriesLetter {
  assert(random.length >= 6, 'an own letter needs 6 random bytes');
  // 48 bits over 20^5: the bias of the remainder is below 10^-7.
  let draw = 0;
  for (const byte of random.subarray(0, 6)) draw = draw * 256 + byte;
  let letter: string = rootOf(root);
  for (let i = 0; i < ownLength; i++) {
    letter += consonants.charAt(draw % consonants.length);
    draw = Math.floor(draw / consonants.length);
  }
  assert(isSeriesLetter(letter), 'an own letter has the shape of one');
  return letter;
}
