/** Hands the running register or relay to every page, and draws the page in the colours that were chosen. */
import { redirect, type Handle, type HandleServerError } from '@sveltejs/kit';
import { doorOf } from '#lib/host/door.ts';
import { runningGate } from '#lib/host/screen-gate.ts';
import { runningServices } from '#lib/host/services.ts';
import { runningSetup } from '#lib/host/setup-services.ts';
import { tokenIn } from '#lib/host/sessions.ts';
import { readTheme, themeCookie } from './screens/theme.ts';
import { texts } from './texts/english.ts';

export const handle: Handle = ({ event, resolve }) => {
  const { request, platform, locals } = event;
  // A register that has not joined has one page and nothing to show on any other.
  if (!runningSetup()) locals.services = runningServices();
  else if (event.route.id !== '/setup') redirect(303, '/setup');
  locals.session = () =>
    runningGate().view(
      platform && tokenIn(request.headers.get('cookie') ?? undefined, doorOf(platform.req)),
    );
  const theme = readTheme(event.cookies.get(themeCookie));
  return resolve(event, {
    // In the page from its first byte on, so that a dark till never flashes white.
    transformPageChunk: ({ html }) =>
      html.replace('%tillmesh.theme%', theme === 'auto' ? '' : `data-theme="${theme}"`),
  });
};

/** A visitor gets a sentence; the cause stays here. A wrong address is nobody's fault and no news. */
export const handleError: HandleServerError = ({ error, status }) => {
  if (status === 404) return { message: texts.error.notFound };
  console.error(error);
  return { message: texts.error.unexpected };
};
