/** Hands the running register or relay to every page. */
import type { Handle } from '@sveltejs/kit';
import { runningServices } from '#lib/host/services.ts';

export const handle: Handle = ({ event, resolve }) => {
  event.locals.services = runningServices();
  return resolve(event);
};
