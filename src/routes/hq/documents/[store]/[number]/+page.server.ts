import { error } from '@sveltejs/kit';
import { isEntryHash, isStoreId } from '#lib/domain/ids.ts';
import { readNumber } from '../../../../../screens/documents/document-number.ts';
import { openHq } from '../../../../../screens/server/till.ts';
import { texts } from '../../../../../texts/english.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { hq, session } = openHq(event);
  const { store, number: typed } = event.params;
  const number = readNumber(typed);
  const hash = event.url.searchParams.get('hash');
  const receipt =
    number !== undefined && isStoreId(store)
      ? await hq.receipt(session.operator.id, store, number, isEntryHash(hash) ? hash : undefined)
      : undefined;
  if (!receipt) error(404, texts.hq.receipt.unknown(number ?? typed));
  return { receipt };
};
