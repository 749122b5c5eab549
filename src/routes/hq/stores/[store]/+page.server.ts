import { error } from '@sveltejs/kit';
import { openHq } from '../../../../screens/server/till.ts';
import { texts } from '../../../../texts/english.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { hq, session } = openHq(event);
  const overview = hq.overview(session.operator.id);
  const code = event.params.store;
  if (!overview.stores.some(({ store }) => store === code))
    error(404, texts.hq.store.unknown(code));
  return { overview, code };
};
