import { redirect } from '@sveltejs/kit';
import { tillOf } from '../../screens/server/till.ts';
import { safeNext } from '../../screens/sign-in/safe-next.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = (event) => {
  const till = tillOf(event);
  const next = safeNext(event.url.searchParams.get('next'));
  const session = event.locals.session();
  if (session.state === 'open') redirect(303, next);
  return {
    status: till.status(),
    operators: till.operators(),
    next,
    /** Whose session is locked: asked for the PIN at once. */
    locked: session.state === 'locked' ? session.operator.id : undefined,
  };
};
