import { isHq, isTill, openHq, openTill } from '../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

/** Sales, flags and peers are for whoever is signed in; where nobody can sign in, they are everybody's. */
export const load: PageServerLoad = (event) => {
  const { services } = event.locals;
  if (isTill(services)) return { status: openTill(event).till.status() };
  if (isHq(services)) return { status: openHq(event).hq.status() };
  return { status: services.status() };
};
