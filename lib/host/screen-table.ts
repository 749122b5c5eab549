/**
 * Every route of the screens as data: method, path, who may, what it takes, what it does. Tests walk it, so that no
 * route is without a guard. A new one is added here and nowhere else.
 */
import { z } from 'zod';
import { readWith, type Crossing } from '../domain/border.ts';
import { limits } from '../domain/limits.ts';
import type { Permission } from '../domain/operator.ts';
import { refusal, refusals, type RefusalCode } from '../domain/refusals.ts';
import { failure } from './failures.ts';
import {
  cartChangeBody,
  commandBody,
  limitQuery,
  meshParams,
  numberParams,
  operatorBody,
  payBody,
  peerBody,
  receiptQuery,
  signInBody,
  skuParams,
  stockQuery,
  tilesQuery,
} from './screen-schemas.ts';
import type { ScreenGate } from './screen-gate.ts';
import type { OperatorName, TillServices } from './till-services.ts';

export type Screen = {
  readonly services: TillServices;
  readonly gate: ScreenGate;
  /** Of the cookie; undefined where none came. */
  readonly token: string | undefined;
};

export type Answer = {
  readonly status: number;
  /** Undefined: there is nothing at this address. */
  readonly body: unknown;
  /** What the browser's cookie becomes; null: it has none any more. */
  readonly token?: string | null;
};

type Raw = { readonly body: unknown; readonly query: unknown; readonly params: unknown };

export type ScreenRoute = {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: `/screen/${string}`;
  /** `nothing`: before signing in. `session`: anyone who is signed in. Else a permission of the operator's roles. */
  readonly needs: 'nothing' | 'session' | Permission;
  readonly bodyBytes: number;
  /** Reads what came, and does it only where every part of it is right. `caller` is there unless it needs nothing. */
  act(screen: Screen, raw: Raw, caller: OperatorName | undefined): Crossing<() => Acted>;
};

type Acted = Answer | Promise<Answer>;

type Parts<Body, Query, Params> = {
  readonly body?: z.ZodType<Body>;
  readonly query?: z.ZodType<Query>;
  readonly params?: z.ZodType<Params>;
  readonly bodyBytes?: number;
};
type Input<Body, Query, Params> = {
  readonly body: Body;
  readonly query: Query;
  readonly params: Params;
};

function route<Body, Query, Params>(
  name: `${ScreenRoute['method']} /screen/${string}`,
  needs: ScreenRoute['needs'],
  parts: Parts<Body, Query, Params>,
  act: (screen: Screen, input: Input<Body, Query, Params>, by: string) => Acted,
): ScreenRoute {
  const [method, path] = name.split(' ') as [ScreenRoute['method'], ScreenRoute['path']];
  return {
    method,
    path,
    needs,
    bodyBytes: parts.bodyBytes ?? limits.screenBodyBytes,
    act(screen, raw, caller) {
      const query = readPart(parts.query, raw.query);
      if (!query.ok) return query;
      const params = readPart(parts.params, raw.params);
      if (!params.ok) return params;
      const body = readPart(parts.body, method === 'POST' ? raw.body : (raw.body ?? {}));
      if (!body.ok) return body;
      const input = { body: body.value, query: query.value, params: params.value };
      return { ok: true, value: () => act(screen, input, caller?.id ?? '') };
    },
  };
}

const nothing: z.ZodType = z.strictObject({});

/** What a route does not ask for must not be sent either: then there is nothing in it. */
const readPart = <Value>(schema: z.ZodType<Value> | undefined, value: unknown): Crossing<Value> =>
  readWith(schema ?? (nothing as z.ZodType<Value>), value);

const ok = (body: unknown): Answer => ({ status: 200, body });
/** 409: an expected no, with its code and sentence. */
const outcome = (body: { readonly outcome: string }): Answer => ({
  status: body.outcome === 'refused' ? 409 : 200,
  body,
});
const refused = (status: number, code: RefusalCode): Answer => ({
  status,
  body: { outcome: 'refused', ...refusal(code) },
});

export const notPermitted = refused(403, 'NOT_PERMITTED');

export const screenRoutes: readonly ScreenRoute[] = [
  // Signing in

  route('GET /screen/operators', 'nothing', {}, ({ services }) =>
    ok({ operators: services.operators(), waits: services.pinWaits() }),
  ),
  route('GET /screen/session', 'nothing', {}, ({ gate, token }) => ok(gate.view(token))),
  route(
    'POST /screen/session',
    'nothing',
    { body: signInBody },
    async ({ services, gate, token }, { body }) => {
      const answer = await services.signIn(body.operator, body.pin);
      if (answer.outcome === 'refused') {
        return { status: 401, body: { ...answer, message: refusals[answer.code] } };
      }
      const begun = gate.sessions.begin(answer.operator.id, token);
      return { ...ok(gate.view(begun)), token: begun };
    },
  ),
  route('DELETE /screen/session', 'nothing', {}, ({ gate, token }) => {
    gate.sessions.end(token);
    return { ...ok({ state: 'none' }), token: null };
  }),
  route('POST /screen/lock', 'session', {}, ({ gate, token }) => {
    gate.sessions.lock(token);
    return ok(gate.view(token));
  }),
  // A page says at most once a minute that somebody uses it: what it reads by itself keeps no till open.
  route('POST /screen/awake', 'session', {}, ({ gate, token }) => ok(gate.view(token))),
  route(
    'POST /screen/unlock',
    'unlockOperator',
    { body: operatorBody },
    ({ services }, { body }, by) =>
      services.unlock(body.operator, by)
        ? ok({ outcome: 'done' })
        : refused(409, 'OPERATOR_UNKNOWN'),
  ),

  // Selling

  route('GET /screen/cart', 'sell', {}, async ({ services }, _, by) => ok(await services.cart(by))),
  route('POST /screen/cart', 'sell', { body: cartChangeBody }, async ({ services }, { body }, by) =>
    outcome(await services.changeCart(by, body)),
  ),
  route('POST /screen/pay', 'sell', { body: payBody }, async ({ services }, { body }, by) =>
    outcome(await services.pay(by, body.cart, body.totalMinor, body.tenders)),
  ),
  // Each kind of command has a permission of its own, which the domain asks for.
  route(
    'POST /screen/commands',
    'session',
    { body: commandBody, bodyBytes: limits.httpBodyBytes },
    ({ services }, { body }, by) => {
      const done = services.execute({ ...body, by });
      return done.outcome === 'invalid'
        ? { status: 400, body: failure('INPUT_INVALID', done.problems) }
        : outcome(done);
    },
  ),

  // Reading

  route('GET /screen/departments', 'session', {}, ({ services }) =>
    ok({ departments: services.departments() }),
  ),
  route('GET /screen/tiles', 'session', { query: tilesQuery }, ({ services }, { query }) =>
    ok({ tiles: services.tiles(query) }),
  ),
  route(
    'GET /screen/stock/:sku',
    'session',
    { params: skuParams, query: stockQuery },
    ({ services }, { params, query }) => ok(services.stockCard(params.sku, query)),
  ),
  route('GET /screen/documents', 'session', { query: limitQuery }, ({ services }, { query }) =>
    ok({ documents: services.recentDocuments(query.limit) }),
  ),
  route(
    'GET /screen/receipts/:number',
    'session',
    { params: numberParams, query: receiptQuery },
    ({ services }, { params, query }) => ok(services.receipt(params.number, query.hash)),
  ),
  route('GET /screen/status', 'session', {}, ({ services }) => ok(services.status())),

  // The mesh and the machine

  // Nothing is an answer here: no test has run yet.
  route('GET /screen/self-test', 'session', {}, ({ services }) =>
    ok({ test: services.selfTest() ?? null }),
  ),
  route('POST /screen/self-test', 'session', {}, ({ services }) =>
    ok({ test: services.startSelfTest() }),
  ),

  route('GET /screen/mesh', 'session', {}, ({ services }) => ok(services.meshView())),
  route(
    'POST /screen/mesh/:act',
    'switchLinks',
    { params: meshParams, body: peerBody },
    ({ services }, { params, body }) => {
      services[params.act](body.peer);
      return ok(services.meshView());
    },
  ),
];
