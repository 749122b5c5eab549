/** Every route of a till's screens as data, see `screen-route.ts`. A new one is added here and nowhere else. */
import { hasCardNumber } from '../domain/card-number.ts';
import { limits } from '../domain/limits.ts';
import { refusals } from '../domain/refusals.ts';
import { failure } from './failures.ts';
import { answered, outcomeOf, refusedWith, screenRoute, type ScreenRoute } from './screen-route.ts';
import {
  approvalBody,
  cartBody,
  cartChangeBody,
  cartParams,
  commandBody,
  documentsQuery,
  findingsSeenBody,
  journalQuery,
  meshParams,
  numberParams,
  pardonBody,
  payBody,
  peerBody,
  printBody,
  receiptQuery,
  skuParams,
  stockQuery,
  tilesQuery,
} from './screen-schemas.ts';
import { sessionRoutes } from './session-table.ts';
import { publicProgress } from './start-progress.ts';
import type { TillServices } from './till-services.ts';

export const screenRoutes: readonly ScreenRoute<TillServices>[] = [
  ...sessionRoutes,

  // Selling

  screenRoute('GET /screen/cart', 'sell', {}, async ({ services }, _, by) =>
    answered(await services.cart(by)),
  ),
  screenRoute(
    'POST /screen/cart',
    'sell',
    { body: cartChangeBody },
    async ({ services }, { body }, by) => outcomeOf(await services.changeCart(by, body)),
  ),
  // The PIN counts as at signing in, and begins no session: the cashier's goes on.
  screenRoute(
    'POST /screen/approvals',
    'sell',
    { body: approvalBody },
    async ({ services }, { body }, by) => {
      const answer = await services.signIn(body.operator, body.pin);
      if (answer.outcome === 'refused') {
        return { status: 401, body: { ...answer, message: refusals[answer.code] } };
      }
      return outcomeOf(await services.changeCart(by, body.change, answer.operator.id));
    },
  ),
  screenRoute('POST /screen/pay', 'sell', { body: payBody }, async ({ services }, { body }, by) =>
    outcomeOf(await services.pay(by, body.cart, body.totalMinor, body.tenders)),
  ),
  screenRoute('GET /screen/carts', 'sell', {}, async ({ services }, _, by) =>
    answered({ carts: await services.storeCarts(by) }),
  ),
  // What a till that is gone left open needs more, which the till asks for.
  screenRoute(
    'POST /screen/carts/:act',
    'sell',
    { params: cartParams, body: cartBody },
    async ({ services }, { params, body }, by) =>
      outcomeOf(
        params.act === 'park'
          ? await services.parkCart(by, body.cart)
          : await services.recallCart(by, body.cart),
      ),
  ),
  // Each kind of command has a permission of its own, which the domain asks for.
  screenRoute(
    'POST /screen/commands',
    'session',
    { body: commandBody, bodyBytes: limits.httpBodyBytes },
    ({ services }, { body }, by) => {
      const done = services.execute({ ...body, by });
      return done.outcome === 'invalid'
        ? { status: 400, body: failure('INPUT_INVALID', done.problems) }
        : outcomeOf(done);
    },
  ),

  screenRoute(
    'POST /screen/prints',
    'reprintReceipt',
    { body: printBody },
    ({ services }, { body }, by) => outcomeOf(services.print(by, body.of, body.command)),
  ),

  // Reading

  screenRoute(
    'GET /screen/journal',
    'readJournal',
    { query: journalQuery },
    ({ services }, { query: { limit, ...filter } }) => answered(services.journal(limit, filter)),
  ),

  screenRoute('GET /screen/departments', 'session', {}, ({ services }) =>
    answered({ departments: services.departments() }),
  ),
  screenRoute('GET /screen/tiles', 'session', { query: tilesQuery }, ({ services }, { query }) =>
    answered({ tiles: services.tiles(query) }),
  ),
  screenRoute(
    'GET /screen/stock/:sku',
    'session',
    { params: skuParams, query: stockQuery },
    ({ services }, { params, query }) => answered(services.stockCard(params.sku, query)),
  ),
  screenRoute(
    'GET /screen/documents',
    'session',
    { query: documentsQuery },
    ({ services }, { query: { limit, ...filter } }) =>
      answered({ documents: services.recentDocuments(limit, filter) }),
  ),
  screenRoute(
    'GET /screen/receipts/:number',
    'session',
    { params: numberParams, query: receiptQuery },
    ({ services }, { params, query }) => answered(services.receipt(params.number, query.hash)),
  ),
  screenRoute('GET /screen/status', 'session', {}, ({ services }) => answered(services.status())),

  // The mesh and the machine

  // While a till has no release nobody can sign in, and somebody waits in front of it.
  screenRoute('GET /screen/progress', 'nothing', {}, ({ services, gate, token }) =>
    answered(publicProgress(services.progress(), gate.caller(token) !== undefined)),
  ),

  // Nothing is an answer here: no test has run yet.
  screenRoute('GET /screen/self-test', 'session', {}, ({ services }) =>
    answered({ test: services.selfTest() ?? null }),
  ),
  screenRoute('POST /screen/self-test', 'session', {}, ({ services }) =>
    answered({ test: services.startSelfTest() }),
  ),

  screenRoute('GET /screen/lan', 'session', {}, ({ services }) =>
    answered({ lan: services.lanView() ?? null }),
  ),
  screenRoute('GET /screen/mesh', 'session', {}, ({ services }) => answered(services.meshView())),
  screenRoute(
    'POST /screen/findings/seen',
    'checkFindings',
    { body: findingsSeenBody },
    ({ services }, { body }, by) =>
      body.note !== undefined && hasCardNumber(body.note)
        ? refusedWith(409, 'CARD_NUMBER')
        : answered({ outcome: 'done', seen: services.findingsSeen?.(by, body) ?? 0 }),
  ),
  screenRoute(
    'POST /screen/mesh/pardons',
    'pardonPeer',
    { body: pardonBody },
    ({ services }, { body }, by) => {
      services.pardon(body.terminal, by);
      return answered(services.meshView());
    },
  ),
  screenRoute(
    'POST /screen/mesh/:act',
    'switchLinks',
    { params: meshParams, body: peerBody },
    ({ services }, { params, body }, by) => {
      if (params.act === 'cut') services.cut(body.peer, by);
      else services.heal(body.peer);
      return answered(services.meshView());
    },
  ),
];
