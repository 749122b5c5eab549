/**
 * `/screen/…`: what the pages of a process ask of it, with the cookie of a session instead of a token. Who acts is the
 * session's operator, never what a browser says; another site's page gets nowhere.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Clock } from '../domain/clock.ts';
import { may } from '../domain/operator.ts';
import { schemesOf, screenRefusalOf } from './allowed-hosts.ts';
import { doorOf, type Door } from './door.ts';
import { sendFailure } from './failures.ts';
import { apiPolicy } from './host.ts';
import type { HqServices } from './hq-services.ts';
import { hqRoutes } from './hq-table.ts';
import { operatorHeader } from './operator-header.ts';
import { ScreenGate } from './screen-gate.ts';
import { notPermitted, type Answer, type ScreenRoute } from './screen-route.ts';
import { screenRoutes } from './screen-table.ts';
import { noCookie, sessionCookie, Sessions, tokenIn, type SessionOrigin } from './sessions.ts';
import type { SignInServices, TillServices } from './till-services.ts';

type Parts<Services> = {
  readonly services: Services;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  /** See `Sessions`. */
  readonly lanIdleMs?: () => number;
};

/** The routes of a till. Gives the gate, for pages that are rendered in this process. */
export const addScreenRoutes = (app: FastifyInstance, parts: Parts<TillServices>): ScreenGate =>
  mountScreens(app, screenRoutes, parts);

/** The routes of head office. */
export const addHqRoutes = (app: FastifyInstance, parts: Parts<HqServices>): ScreenGate =>
  mountScreens(app, hqRoutes, parts);

function mountScreens<Services extends SignInServices>(
  app: FastifyInstance,
  routes: readonly ScreenRoute<Services>[],
  parts: Parts<Services>,
): ScreenGate {
  const { services } = parts;
  const gate = new ScreenGate(new Sessions(parts), services);

  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, reply, next) => {
      reply.header('content-security-policy', apiPolicy).header('cache-control', 'no-store');
      const { method, headers } = request;
      const refused = screenRefusalOf({ method, headers }, schemesOf(doorOf(request.raw)));
      if (refused) void sendFailure(reply, refused);
      else next();
    });
    for (const route of routes) {
      scope.route({
        method: route.method,
        url: route.path,
        bodyLimit: route.bodyBytes,
        // Before the body is read: who may not is not listened to.
        onRequest: (request, reply, next) => {
          if (admitted(route, request, reply)) next();
        },
        handler: (request, reply) => handle(route, request, reply),
      });
    }
    // Known to the router even where nothing is added, so that pages never answer for it.
    scope.all('/screen', (_request, reply) => sendFailure(reply, 'NOT_FOUND'));
    scope.all('/screen/*', (_request, reply) => sendFailure(reply, 'NOT_FOUND'));
    done();
  });
  return gate;

  function admitted(
    route: ScreenRoute<Services>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): boolean {
    if (route.needs === 'nothing') return true;
    const caller = gate.caller(tokenOf(request));
    if (!caller || isDrawnForAnother(request, caller.id)) {
      sendFailure(reply, 'SIGN_IN_NEEDED');
      return false;
    }
    if (route.needs === 'session' || may(caller, route.needs)) return true;
    request.log.warn({ operator: caller.id, route: route.path }, 'not permitted');
    services.permissionRefused?.(caller.id, route.needs);
    send(reply, notPermitted, doorOf(request.raw));
    return false;
  }

  async function handle(
    route: ScreenRoute<Services>,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    // Asked once more: while a body was on its way, the session may have been locked or the operator taken off.
    if (!admitted(route, request, reply)) return reply;
    const token = tokenOf(request);
    // The router's objects have a prototype of their own; ours have none but the plain one.
    const query = { ...(request.query as object) };
    const params = { ...(request.params as object) };
    const acting = route.act(
      { services, gate, token, origin: originOf(request) },
      { body: request.body, query, params },
      gate.caller(token),
    );
    if (!acting.ok) return sendFailure(reply, 'INPUT_INVALID', acting.problems);
    if (route.method !== 'GET' && route.needs !== 'nothing') gate.sessions.touch(token);
    return send(reply, await acting.value(), doorOf(request.raw));
  }
}

function send(reply: FastifyReply, answer: Answer, door: Door): FastifyReply {
  if (answer.body === undefined) return sendFailure(reply, 'NOT_FOUND');
  if (answer.token !== undefined) {
    reply.header('set-cookie', answer.token ? sessionCookie(answer.token, door) : noCookie(door));
  }
  return reply.code(answer.status).send(answer.body);
}

const tokenOf = (request: FastifyRequest): string | undefined =>
  tokenIn(request.headers.cookie, doorOf(request.raw));

/**
 * Somebody else signed in in another window of this browser: what is done here must not be done in that name. The page
 * goes to the sign-in page, and from there comes back as the one who is signed in.
 */
const isDrawnForAnother = ({ headers }: FastifyRequest, caller: string): boolean =>
  (headers[operatorHeader] ?? caller) !== caller;

const originOf = ({ raw, headers }: FastifyRequest): SessionOrigin => ({
  door: doorOf(raw).kind,
  agent: headers['user-agent'] ?? '',
});
