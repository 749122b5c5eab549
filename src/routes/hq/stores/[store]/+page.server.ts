import { error } from '@sveltejs/kit';
import { isStoreId } from '#lib/domain/ids.ts';
import { openHq } from '../../../../screens/server/till.ts';
import { texts } from '../../../../texts/english.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { hq, session } = openHq(event);
  const code = event.params.store;
  const found = isStoreId(code) ? hq.store(session.operator.id, code) : undefined;
  if (!found) error(404, texts.hq.store.unknown(code));
  return { found };
};
