import { mostShown } from '../../../screens/server/receipt.ts';
import { filterOf } from '../../../screens/server/documents-filter.ts';
import { documentsShown } from '../../../screens/documents/documents-shown.ts';
import { openTill } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till } = openTill(event);
  const { searchParams } = event.url;
  const narrowed = filterOf(searchParams);
  return {
    documents: till.recentDocuments(documentsShown, narrowed),
    narrowed,
    missing: searchParams.get('number')?.slice(0, mostShown),
    operators: till.operators(),
    find: searchParams.has('find'),
  };
};
