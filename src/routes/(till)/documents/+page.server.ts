import { documentsQuery } from '#lib/host/screen-schemas.ts';
import { filterNames } from '../../../screens/documents/documents-filter.ts';
import { readFilter } from '../../../screens/server/read-filter.ts';
import { mostShown } from '../../../screens/server/receipt.ts';
import { documentsShown } from '../../../screens/documents/documents-shown.ts';
import { openTill } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till } = openTill(event);
  const { searchParams } = event.url;
  const { filter, isMisread } = readFilter(searchParams, filterNames, documentsQuery);
  return {
    documents: till.recentDocuments(documentsShown, filter),
    narrowed: filter,
    isMisread,
    missing: searchParams.get('number')?.slice(0, mostShown),
    operators: till.operators(),
    find: searchParams.has('find'),
  };
};
