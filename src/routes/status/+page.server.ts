import { isTill, openTill } from '../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

/** Sales, flags and peers are for whoever is signed in; a relay has nobody to sign in. */
export const load: PageServerLoad = (event) => {
  const { services } = event.locals;
  return { status: (isTill(services) ? openTill(event).till : services).status() };
};
