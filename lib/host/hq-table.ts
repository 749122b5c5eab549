/**
 * Every route of head office's screens as data, see `screen-route.ts`. A new one is added here and nowhere else. Which
 * stores are told of is decided by the services, from who asks.
 */
import {
  enrolBody,
  grantBody,
  hqDocumentsQuery,
  hqReceiptParams,
  hqStoreParams,
  hqTerminalParams,
  joinCodeParams,
  revokeBody,
} from './hq-schemas.ts';
import type { HqServices } from './hq-services.ts';
import { answered, outcomeOf, screenRoute, type ScreenRoute } from './screen-route.ts';
import { pardonBody, receiptQuery } from './screen-schemas.ts';
import { sessionRoutes } from './session-table.ts';

export const hqRoutes: readonly ScreenRoute<HqServices>[] = [
  ...sessionRoutes,

  screenRoute('GET /screen/hq/overview', 'useHeadOffice', {}, ({ services }, _, by) =>
    answered(services.overview(by)),
  ),
  screenRoute(
    'GET /screen/hq/stores/:store',
    'useHeadOffice',
    { params: hqStoreParams },
    ({ services }, { params }, by) => answered(services.store(by, params.store)),
  ),
  screenRoute(
    'GET /screen/hq/documents',
    'useHeadOffice',
    { query: hqDocumentsQuery },
    async ({ services }, { query }, by) => answered(await services.documents(by, query)),
  ),
  screenRoute(
    'GET /screen/hq/receipts/:store/:number',
    'useHeadOffice',
    { params: hqReceiptParams, query: receiptQuery },
    async ({ services }, { params: { store, number }, query }, by) =>
      answered(await services.receipt(by, store, number, query.hash)),
  ),
  screenRoute('GET /screen/hq/releases', 'useHeadOffice', {}, ({ services }, _, by) =>
    answered(services.releases(by)),
  ),
  screenRoute('GET /screen/hq/terminals', 'useHeadOffice', {}, async ({ services }, _, by) =>
    answered(await services.terminals(by)),
  ),
  screenRoute(
    'POST /screen/hq/join-codes',
    'enrolTerminal',
    { body: enrolBody },
    async ({ services }, { body }, by) =>
      outcomeOf(await services.enrol(by, body.store, body.terminal)),
  ),
  screenRoute(
    'POST /screen/hq/revocations',
    'revokeTerminal',
    { body: revokeBody },
    async ({ services }, { body }, by) => outcomeOf(await services.revoke(by, body)),
  ),
  screenRoute(
    'GET /screen/hq/terminals/:store/:terminal',
    'useHeadOffice',
    { params: hqTerminalParams },
    async ({ services }, { params }, by) =>
      answered(await services.terminal(by, params.store, params.terminal)),
  ),
  screenRoute(
    'POST /screen/hq/issuers',
    'enrolTerminal',
    { body: grantBody },
    async ({ services }, { body }, by) => outcomeOf(await services.grant(by, body)),
  ),
  screenRoute(
    'DELETE /screen/hq/join-codes/:store/:id',
    'enrolTerminal',
    { params: joinCodeParams },
    async ({ services }, { params }, by) =>
      outcomeOf(await services.withdrawCode(by, params.store, params.id)),
  ),
  screenRoute(
    'POST /screen/hq/replacements',
    'revokeTerminal',
    { body: revokeBody },
    async ({ services }, { body }, by) => outcomeOf(await services.replace(by, body)),
  ),
  screenRoute('GET /screen/hq/barred', 'useHeadOffice', {}, ({ services }, _, by) =>
    answered({ barred: services.barredHere(by) }),
  ),
  screenRoute(
    'POST /screen/hq/pardons',
    'pardonPeer',
    { body: pardonBody },
    ({ services }, { body }, by) => outcomeOf(services.pardonHere(by, body.terminal)),
  ),
];
