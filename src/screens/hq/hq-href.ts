/** Addresses of head office's pages about one thing. Pure. */
import { parseNumber } from '#lib/domain/series.ts';
import type { HqDocument } from '#lib/host/hq-services.ts';

type Named = Pick<HqDocument, 'store' | 'number' | 'hash'>;

export const hqDocumentHref = ({ store, number, hash }: Named): string =>
  `/hq/documents/${encodeURIComponent(store)}/${encodeURIComponent(number)}?hash=${encodeURIComponent(hash)}`;

/** A number begins with its store. */
export function hqNumberHref(number: string): string {
  const store = parseNumber(number)?.store ?? '-';
  return `/hq/documents/${encodeURIComponent(store)}/${encodeURIComponent(number)}`;
}

export const hqStoreHref = (store: string): string => `/hq/stores/${encodeURIComponent(store)}`;

/** The same page, with the question how to replace that terminal. */
export const hqReplaceHref = (store: string, terminal: string): string =>
  `${hqTerminalHref(store, terminal)}?replace`;

export const hqTerminalHref = (store: string, terminal: string): string =>
  `/hq/terminals/${encodeURIComponent(store)}/${encodeURIComponent(terminal)}`;
