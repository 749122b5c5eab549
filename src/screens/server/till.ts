/** For the server side of a till's pages: the till and who is signed in, or off to the sign-in page. */
import { error, redirect } from '@sveltejs/kit';
import type { SessionView } from '#lib/host/screen-gate.ts';
import type { StatusServices } from '#lib/host/services.ts';
import type { TillServices } from '#lib/host/till-services.ts';
import { texts } from '../../texts/english.ts';

type Event = {
  readonly locals: { readonly services: StatusServices; readonly session: () => SessionView };
  readonly url: URL;
};

/** Throws SvelteKit's 404 in a relay, which has no till. */
export function tillOf({ locals }: Pick<Event, 'locals'>): TillServices {
  if (!isTill(locals.services)) error(404, texts.error.notFound);
  return locals.services;
}

/** Throws the redirect where nobody is signed in, or the session is locked. */
export function openTill(event: Event): {
  readonly till: TillServices;
  readonly session: Extract<SessionView, { state: 'open' }>;
} {
  const till = tillOf(event);
  const session = event.locals.session();
  if (session.state !== 'open') {
    redirect(303, `/sign-in?next=${encodeURIComponent(event.url.pathname)}`);
  }
  return { till, session };
}

export function isTill(services: StatusServices): services is TillServices {
  return 'changeCart' in services && 'meshView' in services;
}
