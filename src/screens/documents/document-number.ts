/** What was typed or scanned as a document's number: read leniently, because it is read off paper. Pure. */
import { parseNumber } from '#lib/domain/series.ts';
import type { DocumentView } from '#lib/host/till-services.ts';

/** `s01-t1a-s-17` → `S01-T1A-S-17`; undefined for what is no number. */
export function readNumber(typed: string): string | undefined {
  // Dashes of every length, because phones turn them into longer ones.
  const text = typed
    .replace(/\s/g, '')
    .replace(/[‐-―−]/g, '-')
    .toUpperCase();
  return parseNumber(text) === undefined ? undefined : text;
}

/** How a number looks here, for a sentence about one that was not whole. */
export const exampleNumber = ({
  store,
  terminal,
  letter,
}: {
  readonly store: string;
  readonly terminal: string;
  readonly letter: string;
}): string => `${store}-${terminal}${letter}-S-17`;

export const documentHref = (number: string, hash?: string): string =>
  `/documents/${encodeURIComponent(number)}${hash === undefined ? '' : `?hash=${encodeURIComponent(hash)}`}`;

export const returnHref = (number: string, hash?: string): string =>
  documentHref(number, hash).replace(/(\?|$)/, '/return$1');

type Named = Pick<DocumentView, 'number' | 'hash'>;

export const sameDocument = (a: Named, b: Named): boolean =>
  a.number === b.number && a.hash === b.hash;

/** The address of a document in a list: with its hash only where the list has another one of this number. */
export const hrefOf = (document: Named, list: readonly Named[]): string => {
  const isAlone = !list.some(
    (other) => other.number === document.number && other.hash !== document.hash,
  );
  return documentHref(document.number, isAlone ? undefined : document.hash);
};
