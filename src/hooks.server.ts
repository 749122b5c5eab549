/** Hands the running register or relay to every page. */
import type { Handle, HandleServerError } from '@sveltejs/kit';
import { runningServices } from '#lib/host/services.ts';
import { texts } from './texts/english.ts';

export const handle: Handle = ({ event, resolve }) => {
  event.locals.services = runningServices();
  return resolve(event);
};

/** A visitor gets a sentence; the cause stays here. A wrong address is nobody's fault and no news. */
export const handleError: HandleServerError = ({ error, status }) => {
  if (status === 404) return { message: texts.error.notFound };
  console.error(error);
  return { message: texts.error.unexpected };
};
