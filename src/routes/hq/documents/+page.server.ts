import { readFilter } from '../../../screens/server/hq-filter.ts';
import { openHq } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { hq, session } = openHq(event);
  const by = session.operator.id;
  const { filter, limit } = readFilter(event.url.searchParams);
  return {
    documents: await hq.documents(by, { ...filter, limit }),
    filter,
    stores: hq.overview(by).stores,
  };
};
