import { tilesShown } from '../../../screens/sell/catalogue.svelte.ts';
import { openTill } from '../../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async (event) => {
  const { till, session } = openTill(event);
  return {
    cart: await till.cart(session.operator.id),
    tiles: till.tiles({ limit: tilesShown }),
    departments: till.departments(),
    allowed: session.allowed,
  };
};
