import { hqDocumentsQuery } from '#lib/host/hq-schemas.ts';
import { readFilter } from '../../../screens/server/read-filter.ts';
import { openHq } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { hq, session } = openHq(event);
  const by = session.operator.id;
  const { searchParams } = event.url;
  const names = ['store', 'terminal', 'type'];
  const { filter, limit, isMisread } = readFilter(searchParams, names, hqDocumentsQuery);
  return {
    documents: await hq.documents(by, { ...filter, limit }),
    filter,
    isMisread,
    stores: hq.overview(by).stores,
  };
};
