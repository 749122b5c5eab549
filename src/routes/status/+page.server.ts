import { isHq, isTill, openHq, openTill } from '../../screens/server/till.ts';
import type { PageServerLoad } from './$types';

/** Sales, flags and peers are for whoever is signed in; where nobody can sign in, they are everybody's. */
export const load: PageServerLoad = (event) => {
  const { services } = event.locals;
  const nowMs = Date.now();
  if (isTill(services)) {
    const { till, session } = openTill(event);
    return { shell: 'till' as const, status: till.status(), session, nowMs };
  }
  if (isHq(services)) {
    const { hq, session } = openHq(event);
    return { shell: 'hq' as const, status: hq.status(), session, nowMs };
  }
  return { shell: 'none' as const, status: services.status() };
};
