import { redirect } from '@sveltejs/kit';
import { publicStatus } from '#lib/host/public-status.ts';
import { isHq, isTill, signInOf } from '../../screens/server/till.ts';
import { safeNext } from '../../screens/sign-in/safe-next.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const services = signInOf(event);
  // Nobody can be known here yet: how far it is says more than an empty list of names.
  if (isTill(services) && services.progress().step !== 'ready') redirect(303, '/setup');
  const home = isHq(services) ? '/hq' : '/sell';
  const next = safeNext(event.url.searchParams.get('next'), home);
  const session = event.locals.session();
  if (session.state === 'open') redirect(303, next);
  return {
    status: publicStatus(services.status()),
    operators: services.operators(),
    waits: services.pinWaits(),
    nowMs: Date.now(),
    next,
    /** Whose session is locked: asked for the PIN at once. */
    locked: session.state === 'locked' ? session.operator.id : undefined,
  };
};
