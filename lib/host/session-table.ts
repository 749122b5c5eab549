/** The routes of signing in: the same at a till and at head office. */
import { refusals } from '../domain/refusals.ts';
import { answered, refusedWith, screenRoute, type ScreenRoute } from './screen-route.ts';
import { endSessionsBody, operatorBody, signInBody } from './screen-schemas.ts';
import type { SignInServices } from './till-services.ts';

export const sessionRoutes: readonly ScreenRoute<SignInServices>[] = [
  screenRoute('GET /screen/operators', 'nothing', {}, ({ services }) =>
    answered({ operators: services.operators(), waits: services.pinWaits() }),
  ),
  screenRoute('GET /screen/session', 'nothing', {}, ({ gate, token }) =>
    answered(gate.view(token)),
  ),
  screenRoute(
    'POST /screen/session',
    'nothing',
    { body: signInBody },
    async ({ services, gate, token, origin }, { body }) => {
      const answer = await services.signIn(body.operator, body.pin);
      if (answer.outcome === 'refused') {
        return { status: 401, body: { ...answer, message: refusals[answer.code] } };
      }
      const begun = gate.begin(answer.operator.id, token, origin);
      return { ...answered(gate.view(begun)), token: begun };
    },
  ),
  screenRoute('DELETE /screen/session', 'nothing', {}, ({ gate, token }) => {
    gate.sessions.end(token);
    return { ...answered({ state: 'none' }), token: null };
  }),
  screenRoute('POST /screen/lock', 'session', {}, ({ gate, token }) => {
    gate.sessions.lock(token);
    return answered(gate.view(token));
  }),
  // A page says at most once a minute that somebody uses it: what it reads by itself keeps no till open.
  screenRoute('POST /screen/awake', 'session', {}, ({ gate, token }) => answered(gate.view(token))),
  screenRoute('GET /screen/sessions', 'session', {}, ({ gate, token }, _, by) =>
    answered({ sessions: gate.list(by), own: gate.sessions.idOf(token) }),
  ),
  screenRoute(
    'POST /screen/sessions/end',
    'session',
    { body: endSessionsBody },
    ({ gate, token }, { body }, by) => {
      const own = gate.sessions.idOf(token);
      const asked = gate
        .list(by)
        .filter((each) =>
          'session' in body
            ? each.id === body.session
            : each.id !== own && (body.others === 'all' || each.operator.id === by),
        )
        .map(({ id }) => id);
      const ended = gate.sessions.endAll(asked);
      if ('session' in body && ended === 0) return refusedWith(409, 'SESSION_UNKNOWN');
      const done = answered({ outcome: 'done', ended });
      return own !== undefined && asked.includes(own) ? { ...done, token: null } : done;
    },
  ),
  screenRoute(
    'POST /screen/unlock',
    'unlockOperator',
    { body: operatorBody },
    ({ services }, { body }, by) =>
      services.unlock(body.operator, by)
        ? answered({ outcome: 'done' })
        : refusedWith(409, 'OPERATOR_UNKNOWN'),
  ),
];
