import { error } from '@sveltejs/kit';
import { isHq, isTill, openHq, openTill } from '../../screens/server/till.ts';
import { texts } from '../../texts/english.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const { services } = event.locals;
  const nowMs = Date.now();
  if (isTill(services)) {
    const { till, session } = openTill(event);
    return { shell: 'till' as const, status: till.status(), barred: till.barred(), session, nowMs };
  }
  if (isHq(services)) {
    const { hq, session } = openHq(event);
    const barred = hq.barredHere(session.operator.id);
    return { shell: 'hq' as const, status: hq.status(), barred, session, nowMs };
  }
  error(404, texts.error.notFound);
};
