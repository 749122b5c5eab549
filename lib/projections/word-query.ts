/**
 * What a person typed, as a full-text query: words that all must begin some word of the entry.
 * Nothing typed is ever syntax: only letters and digits pass, and each word stands in quotes.
 */

/** More words, or longer ones, never made a search better; they bound its cost. */
const mostWords = 8;
const longestWord = 40;

// The characters that unicode61 makes words of, and marks, which it takes off.
const wordShape = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;

export function wordsOf(text: string): string[] {
  const words = text.slice(0, 4 * longestWord * mostWords).match(wordShape) ?? [];
  return words.slice(0, mostWords).map((word) => [...word].slice(0, longestWord).join(''));
}

/** The FTS5 query, or undefined when nothing typed is a word. */
export function wordQuery(text: string): string | undefined {
  const words = wordsOf(text);
  return words.length === 0 ? undefined : words.map((word) => `"${word}"*`).join(' ');
}

/** Lower case without diacritics, as the index compares. */
export const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
