import { documentsShown } from '../../../screens/documents/documents-shown.ts';
import { openTill } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { till } = openTill(event);
  return {
    documents: till.recentDocuments(documentsShown),
    operators: till.operators(),
    find: event.url.searchParams.has('find'),
  };
};
