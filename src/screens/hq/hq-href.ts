/** Addresses of head office's pages about one thing. Pure. */
import type { HqDocument } from '#lib/host/hq-services.ts';

type Named = Pick<HqDocument, 'store' | 'number' | 'hash'>;

export const hqDocumentHref = ({ store, number, hash }: Named): string =>
  `/hq/documents/${encodeURIComponent(store)}/${encodeURIComponent(number)}?hash=${encodeURIComponent(hash)}`;
