/** The document of an address, `/documents/<number>?hash=…`; one that is not known leads to the field to put it right. */
import { redirect } from '@sveltejs/kit';
import { isEntryHash } from '#lib/domain/ids.ts';
import type { Receipt, TillServices } from '#lib/host/till-services.ts';
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
  if (!receipt)
    redirect(303, `/documents?number=${encodeURIComponent(number ?? params.number.slice(0, 64))}`);
  return receipt;
}
