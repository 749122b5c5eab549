/** The document of an address, `/documents/<number>?hash=…`; throws SvelteKit's 404 in the operator's words. */
import { error } from '@sveltejs/kit';
import { isEntryHash } from '#lib/domain/ids.ts';
import type { Receipt, TillServices } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';
import { readNumber } from '../documents/document-number.ts';

export function receiptAt(
  till: Pick<TillServices, 'receipt'>,
  { params, url }: { readonly params: { readonly number: string }; readonly url: URL },
): Receipt {
  const number = readNumber(params.number);
  const hash = url.searchParams.get('hash');
  const receipt =
    number === undefined
      ? undefined
      : isEntryHash(hash)
        ? till.receipt(number, hash)
        : till.receipt(number);
  if (!receipt) error(404, texts.documentPages.unknown(number ?? params.number));
  return receipt;
}
