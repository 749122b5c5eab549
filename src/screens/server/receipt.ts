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
  if (!receipt) {
    // Cut within a pair of surrogates it would be no text of an address.
    const asked = number ?? params.number.slice(0, mostShown).toWellFormed();
    redirect(303, `/documents?number=${encodeURIComponent(asked)}`);
  }
  return receipt;
}

/** What was asked for and is no number is shown as it is, as far as somebody might have meant it. */
export const mostShown = 200;
