/** The till's routes under the suite of all tables. */
import { describe, expect, test } from 'vitest';
import { startScreens } from './sample-screens.ts';
import { screenSafetySuite } from './screen-safety-suite.ts';
import { screenRoutes } from './screen-table.ts';

const samples: Record<string, { path?: string; body?: object; calls: string | undefined }> = {
  'GET /screen/operators': { calls: 'operators' },
  'GET /screen/session': { calls: undefined },
  'POST /screen/session': { body: { operator: 'ann', pin: '1111' }, calls: 'signIn' },
  'DELETE /screen/session': { calls: undefined },
  'POST /screen/lock': { body: {}, calls: undefined },
  'POST /screen/awake': { body: {}, calls: undefined },
  'GET /screen/sessions': { calls: undefined },
  'POST /screen/sessions/end': { body: { others: 'own' }, calls: undefined },
  'POST /screen/unlock': { body: { operator: 'ann' }, calls: 'unlock' },
  'GET /screen/cart': { calls: 'cart' },
  'POST /screen/cart': { body: { kind: 'clear' }, calls: 'changeCart' },
  'POST /screen/approvals': {
    body: { operator: 'sue', pin: '2222', change: { kind: 'clear' } },
    calls: 'signIn',
  },
  'POST /screen/pay': { body: { cart: 'cart-1', totalMinor: 0, tenders: [] }, calls: 'pay' },
  'GET /screen/carts': { calls: 'storeCarts' },
  'POST /screen/carts/:act': {
    path: '/screen/carts/park',
    body: { cart: 'cart-1' },
    calls: 'parkCart',
  },
  'POST /screen/commands': {
    body: { kind: 'CloseDay', command: 'close-the-day-1' },
    calls: 'execute',
  },
  'POST /screen/prints': {
    body: {
      of: { journal: 'S01/T1/00000000000000aa', seq: 1 },
      command: 'print-the-receipt-1',
    },
    calls: 'print',
  },
  'GET /screen/journal': { path: '/screen/journal?limit=5', calls: 'journal' },
  'GET /screen/departments': { calls: 'departments' },
  'GET /screen/tiles': { path: '/screen/tiles?query=jam', calls: 'tiles' },
  'GET /screen/stock/:sku': { path: '/screen/stock/85123A', calls: 'stockCard' },
  'GET /screen/documents': { path: '/screen/documents?limit=5', calls: 'recentDocuments' },
  'GET /screen/receipts/:number': { path: '/screen/receipts/S01-T1A-S-1', calls: 'receipt' },
  'GET /screen/status': { calls: 'status' },
  'GET /screen/progress': { calls: 'progress' },
  'GET /screen/self-test': { calls: 'selfTest' },
  'POST /screen/self-test': { body: {}, calls: 'startSelfTest' },
  'GET /screen/lan': { calls: 'lanView' },
  'GET /screen/mesh': { calls: 'meshView' },
  'POST /screen/findings/seen': { body: {}, calls: 'findingsSeen' },
  'POST /screen/mesh/pardons': { body: { terminal: 'S01-T3' }, calls: 'pardon' },
  'POST /screen/mesh/:act': { path: '/screen/mesh/cut', body: { peer: 'S01-T2' }, calls: 'cut' },
};

screenSafetySuite({ routes: screenRoutes, start: startScreens, samples });

describe('the routes of a till', () => {
  test('X9: who may what is this and not by chance something else', () => {
    expect(
      Object.fromEntries(
        screenRoutes.map((route) => [`${route.method} ${route.path}`, route.needs]),
      ),
    ).toEqual({
      'GET /screen/operators': 'nothing',
      'GET /screen/session': 'nothing',
      'POST /screen/session': 'nothing',
      'DELETE /screen/session': 'nothing',
      'POST /screen/lock': 'session',
      'POST /screen/awake': 'session',
      'GET /screen/sessions': 'session',
      'POST /screen/sessions/end': 'session',
      'POST /screen/unlock': 'unlockOperator',
      'GET /screen/cart': 'sell',
      'POST /screen/cart': 'sell',
      'POST /screen/approvals': 'sell',
      'POST /screen/pay': 'sell',
      'GET /screen/carts': 'sell',
      'POST /screen/carts/:act': 'sell',
      'POST /screen/commands': 'session',
      'POST /screen/prints': 'reprintReceipt',
      'GET /screen/journal': 'readJournal',
      'GET /screen/departments': 'session',
      'GET /screen/tiles': 'session',
      'GET /screen/stock/:sku': 'session',
      'GET /screen/documents': 'session',
      'GET /screen/receipts/:number': 'session',
      'GET /screen/status': 'session',
      'GET /screen/progress': 'nothing',
      'GET /screen/self-test': 'session',
      'POST /screen/self-test': 'session',
      'GET /screen/lan': 'session',
      'GET /screen/mesh': 'session',
      'POST /screen/findings/seen': 'checkFindings',
      'POST /screen/mesh/pardons': 'pardonPeer',
      'POST /screen/mesh/:act': 'switchLinks',
    });
  });
});
