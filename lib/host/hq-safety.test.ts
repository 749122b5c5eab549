/** Head office's routes under the suite of all tables, and what is theirs alone. */
import { describe, expect, test } from 'vitest';
import { hqRoutes } from './hq-table.ts';
import { startHqScreens } from './sample-screens.ts';
import { screenSafetySuite } from './screen-safety-suite.ts';

const samples: Record<string, { path?: string; body?: object; calls: string | undefined }> = {
  'GET /screen/operators': { calls: 'operators' },
  'GET /screen/session': { calls: undefined },
  'POST /screen/session': { body: { operator: 'max', pin: '3333' }, calls: 'signIn' },
  'DELETE /screen/session': { calls: undefined },
  'POST /screen/lock': { body: {}, calls: undefined },
  'POST /screen/awake': { body: {}, calls: undefined },
  'GET /screen/sessions': { calls: undefined },
  'POST /screen/sessions/end': { body: { others: 'own' }, calls: undefined },
  'POST /screen/unlock': { body: { operator: 'ann' }, calls: 'unlock' },
  'GET /screen/hq/overview': { calls: 'overview' },
  'GET /screen/hq/stores/:store': { path: '/screen/hq/stores/S01', calls: 'store' },
  'GET /screen/hq/documents': {
    path: '/screen/hq/documents?store=S01&limit=5',
    calls: 'documents',
  },
  'GET /screen/hq/receipts/:store/:number': {
    path: '/screen/hq/receipts/S01/S01-T1A-S-1',
    calls: 'receipt',
  },
  'GET /screen/hq/terminals': { calls: 'terminals' },
  'GET /screen/hq/releases': { calls: 'releases' },
  'POST /screen/hq/join-codes': { body: { store: 'S01', terminal: 'T4' }, calls: 'enrol' },
  'POST /screen/hq/revocations': {
    body: { store: 'S01', terminal: 'T3', reason: 'lost' },
    calls: 'revoke',
  },
  'GET /screen/hq/terminals/:store/:terminal': {
    path: '/screen/hq/terminals/S01/T1',
    calls: 'terminal',
  },
  'POST /screen/hq/issuers': {
    body: { store: 'S01', terminal: 'T1', first: 10, last: 19 },
    calls: 'grant',
  },
  'DELETE /screen/hq/join-codes/:store/:id': {
    path: '/screen/hq/join-codes/S01/7QZK',
    calls: 'withdrawCode',
  },
  'POST /screen/hq/replacements': {
    body: { store: 'S01', terminal: 'T3', reason: 'lost' },
    calls: 'replace',
  },
  'GET /screen/hq/barred': { calls: 'barredHere' },
  'POST /screen/hq/pardons': { body: { terminal: 'S01-T3' }, calls: 'pardonHere' },
};

screenSafetySuite({ routes: hqRoutes, start: startHqScreens, samples });

describe('the routes of head office', () => {
  test('X9: who may what is this and not by chance something else', () => {
    expect(
      Object.fromEntries(hqRoutes.map(({ method, path, needs }) => [`${method} ${path}`, needs])),
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
      'GET /screen/hq/overview': 'useHeadOffice',
      'GET /screen/hq/stores/:store': 'useHeadOffice',
      'GET /screen/hq/documents': 'useHeadOffice',
      'GET /screen/hq/receipts/:store/:number': 'useHeadOffice',
      'GET /screen/hq/terminals': 'useHeadOffice',
      'GET /screen/hq/releases': 'useHeadOffice',
      'POST /screen/hq/join-codes': 'enrolTerminal',
      'POST /screen/hq/revocations': 'revokeTerminal',
      'GET /screen/hq/terminals/:store/:terminal': 'useHeadOffice',
      'POST /screen/hq/issuers': 'enrolTerminal',
      'DELETE /screen/hq/join-codes/:store/:id': 'enrolTerminal',
      'POST /screen/hq/replacements': 'revokeTerminal',
      'GET /screen/hq/barred': 'useHeadOffice',
      'POST /screen/hq/pardons': 'pardonPeer',
    });
  });

  test('the person of the session asks, whatever a browser says', async () => {
    const screens = await startHqScreens();
    try {
      const cookie = await screens.signIn('max');
      const ask = (path: string) => screens.askAsPage({ method: 'GET', path, cookie });
      await ask('/screen/hq/documents?limit=5&store=S02');
      expect(screens.calls.at(-1)).toMatchObject({
        name: 'documents',
        arguments: ['max', { store: 'S02', limit: 5 }],
      });
      for (const path of [
        '/screen/hq/overview?by=ann',
        '/screen/hq/documents?by=ann',
        '/screen/hq/stores/HQ',
        '/screen/hq/stores/..%2F',
        '/screen/hq/documents?store=HQ',
        '/screen/hq/documents?store=S01&store=S02',
        '/screen/hq/documents?terminal=x',
        '/screen/hq/documents?after=../..',
        '/screen/hq/documents?type=__proto__',
        '/screen/hq/documents?limit=501',
        '/screen/hq/receipts/S01/17',
        '/screen/hq/receipts/HQ/S01-T1A-S-1',
        '/screen/hq/receipts/S01/S01-T1A-S-1?hash=x',
        '/screen/hq/terminals/HQ/HQ1',
        '/screen/hq/terminals/S01/t1',
      ]) {
        screens.calls.length = 0;
        const answer = await ask(path);
        expect([path, answer.status, screens.calls]).toEqual([path, 400, []]);
      }
      const body = JSON.stringify({ store: 'HQ', terminal: 'T1' });
      const path = '/screen/hq/join-codes';
      const refused = await screens.askAsPage({ method: 'POST', path, body, cookie });
      expect([refused.status, screens.calls]).toEqual([400, []]);
    } finally {
      await screens.close();
    }
  });

  test('while the database is away nobody signs in, with a sentence, and who is signed in goes on', async () => {
    const screens = await startHqScreens();
    try {
      const cookie = await screens.signIn('max');
      screens.till.reach(false);
      const body = JSON.stringify({ operator: 'max', pin: '3333' });
      const path = '/screen/session';
      const answer = await screens.askAsPage({ method: 'POST', path, body });
      expect([answer.status, answer.json()]).toEqual([
        503,
        {
          error: {
            code: 'DATABASE_UNREACHABLE',
            message: expect.stringContaining('The database cannot be reached'),
          },
        },
      ]);
      expect(answer.headers['set-cookie']).toBeUndefined();
      const overview = await screens.askAsPage({
        method: 'GET',
        path: '/screen/hq/overview',
        cookie,
      });
      expect(overview.json()).toMatchObject({ archiving: { databaseReachable: false } });
    } finally {
      await screens.close();
    }
  });
});
