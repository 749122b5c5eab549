import { openHq } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { hq, session } = openHq(event);
  return { releases: hq.releases(session.operator.id) };
};
