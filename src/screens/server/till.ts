/** For the server side of the pages: the till or head office, and who is signed in, or off to the sign-in page. */
import { error, redirect } from '@sveltejs/kit';
import type { SessionView } from '#lib/host/screen-gate.ts';
import type { HqServices } from '#lib/host/hq-services.ts';
import type { StatusServices } from '#lib/host/services.ts';
import type { SignInServices, TillServices } from '#lib/host/till-services.ts';
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

type Open = Extract<SessionView, { state: 'open' }>;

/** Throws the redirect where nobody is signed in, or the session is locked. */
export function openTill(event: Event): { readonly till: TillServices; readonly session: Open } {
  const till = tillOf(event);
  return { till, session: openSession(event) };
}

/** The same at head office; throws SvelteKit's 404 in a till. */
export function openHq(event: Event): { readonly hq: HqServices; readonly session: Open } {
  const { services } = event.locals;
  if (!isHq(services)) error(404, texts.error.notFound);
  return { hq: services, session: openSession(event) };
}

function openSession(event: Event): Open {
  const session = event.locals.session();
  if (session.state !== 'open') {
    redirect(303, `/sign-in?next=${encodeURIComponent(event.url.pathname)}`);
  }
  return session;
}

export function isTill(services: StatusServices): services is TillServices {
  return 'changeCart' in services && 'meshView' in services;
}

export function isHq(services: StatusServices): services is HqServices {
  return 'enrol' in services && 'overview' in services;
}

/** Where one can sign in. Throws SvelteKit's 404 where nobody can. */
export function signInOf({ locals }: Pick<Event, 'locals'>): StatusServices & SignInServices {
  const { services } = locals;
  if (isTill(services) || isHq(services)) return services;
  error(404, texts.error.notFound);
}
