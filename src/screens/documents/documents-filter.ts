/** What the list of documents is narrowed to, as the address says it: `?terminal=T1&businessDay=2026-11-20&amount=1250`. Pure. */
import { digitsOf, isCurrencyCode } from '#lib/domain/currency.ts';
import { limits } from '#lib/domain/limits.ts';
import { parseScaled } from '#lib/domain/money.ts';
import type { DocumentsFilter } from '#lib/host/till-services.ts';

export const filterNames = ['terminal', 'businessDay', 'amountMinor'] as const;

export function addressOf(filter: DocumentsFilter): string {
  const asked = new URLSearchParams(
    filterNames.flatMap((name): [string, string][] => {
      const value = filter[name];
      return value === undefined ? [] : [[name, String(value)]];
    }),
  ).toString();
  return `/documents${asked === '' ? '' : `?${asked}`}`;
}

export const isNarrowed = (filter: DocumentsFilter): boolean => Object.keys(filter).length > 0;

/** `12.50`, `12,50` or `1,250.00` in minor units; undefined for what is no amount of this currency. */
export function readAmount(typed: string, currency: string): number | undefined {
  const scale = isCurrencyCode(currency) ? digitsOf(currency) : 0;
  const text = typed
    .replace(/[\s\p{Sc}]/gu, '')
    .replace(/^[-−]/, '')
    .replace(/,(?=\d{3}\.)/g, '');
  const parsed = parseScaled(text.replace(',', '.'), {
    scale,
    max: limits.amountMinor,
    negative: false,
  });
  return parsed.ok ? parsed.value : undefined;
}
