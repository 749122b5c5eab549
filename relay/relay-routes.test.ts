import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeServices } from '../lib/host/fake-services.ts';
import type { StoreId, TerminalId } from '../lib/domain/ids.ts';
import { createHost, type Host } from '../lib/host/host.ts';
import { refusal } from '../lib/domain/refusals.ts';
import type { EnrolmentEvent } from '../lib/trust/enrolment-office.ts';
import type { IngestResult } from './archive-contract.ts';
import { RelayMetrics } from './metrics.ts';
import { addRelayRoutes, relayBodyBytes, type RelayServices } from './relay-routes.ts';

const token = 't'.repeat(43);
const journal = 'S01/T1/00112233445566aa';
const hash = 'h'.repeat(43);
const product = { sku: 'A1', names: 'Thing', barcodes: [], prices: [], active: true };

let host: Host;
let url: string;
let calls: unknown[][];
let enrolment: (event: EnrolmentEvent) => void;
let logged: string[];

beforeEach(async () => {
  calls = [];
  const note =
    <Answer>(name: string, answer: Answer) =>
    (...args: unknown[]): Promise<Answer> => {
      calls.push([name, ...args]);
      return Promise.resolve(answer);
    };
  const summary = {
    documents: 3,
    lines: 5,
    sale: 3,
    return: 0,
    stockAdjustment: 0,
    ledgerAdjustment: 0,
    total: '12.34',
    totalMinor: 1_234,
    currencies: [],
  };
  const services: RelayServices = {
    ...fakeServices({ role: 'relay' }),
    newJoinCode: note('newJoinCode', { code: '7QZK-3M8V-A1XW-9T0R', expiresAtMs: 0 }),
    grantEnrolling: note('grantEnrolling', undefined),
    revoke: (ask, by) => {
      calls.push(['revoke', ask, by]);
      const { store, terminal, reason } = ask;
      return Promise.resolve(
        terminal === 'T9'
          ? { outcome: 'refused', ...refusal('TERMINAL_UNKNOWN', 'S01-T9') }
          : { outcome: 'done', store, terminal, reason, terminalKey: 'ab'.repeat(32), atMs: 7 },
      );
    },
    replace: ({ store, terminal, reason }, by) => {
      calls.push(['replace', store, terminal, reason, by]);
      const old = { store, terminal, reason, terminalKey: 'ab'.repeat(32), atMs: 7 };
      return Promise.resolve({
        outcome: 'done',
        ...old,
        code: '7QZK-3M8V-A1XW-9T0R',
        expiresAtMs: 0,
      });
    },
    withdrawJoinCode: () => Promise.resolve(true),
    onEnrolment: (listener) => {
      enrolment = listener;
      return () => undefined;
    },
    putProducts: note('putProducts', { changed: 1, release: 4 }),
    putCustomers: note('putCustomers', { changed: 0 }),
    putStore: note('putStore', { changed: 1, release: 5 }),
    putOperators: note('putOperators', { changed: 1, release: 6 }),
    hasSettings: (store) => Promise.resolve(store === 'S01'),
    archiveSummary: note('archiveSummary', summary),
    archiveProblems: note('archiveProblems', []),
    resetPosting: (key) => {
      calls.push(['resetPosting', key]);
      return Promise.resolve(key.seq === 7);
    },
  };
  logged = [];
  const logger = pino({}, { write: (line) => void logged.push(line) });
  const listen = { host: '127.0.0.1', port: 0 };
  host = createHost({ listen, token, bodyBytes: relayBodyBytes, logger });
  addRelayRoutes(host.app, services);
  url = `http://127.0.0.1:${await host.listen()}`;
});
afterEach(() => host.close());

async function send(
  method: string,
  path: string,
  body?: unknown,
  authorization = `Bearer ${token}`,
) {
  const response = await fetch(url + path, {
    method,
    headers: {
      authorization,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('relay API', () => {
  it('answers each request with what the relay says', async () => {
    const code = await send('POST', '/api/join-codes', { store: 'S01', terminal: 'T1' });
    expect(code).toEqual({
      status: 200,
      body: { code: '7QZK-3M8V-A1XW-9T0R', expiresAt: '1970-01-01T00:00:00.000Z' },
    });
    expect(await send('PUT', '/api/catalog', { products: [product] })).toMatchObject({
      status: 200,
      body: { changed: 1, release: 4 },
    });
    const operator = { id: 'a', name: 'A', roles: ['cashier'], pin: '1234' };
    await send('PUT', '/api/operators/S01', { operators: [operator] });
    const range = { store: 'S01', terminal: 'T1', first: 10, last: 19 };
    expect(await send('POST', '/api/issuers', range)).toEqual({ status: 200, body: range });
    await send('PUT', '/api/customers', { customers: [{ id: 'C1', name: 'C' }] });
    const settings = { currency: 'GBP', taxMode: 'inclusive', taxRounding: 'line', taxes: {} };
    await send('PUT', '/api/settings/S01', { name: 'Harbour', ...settings });
    const summary = await send('GET', '/api/archive/summary');
    expect(summary.body).toMatchObject({ documents: 3, lines: 5, total: '12.34' });
    await send('GET', '/api/archive/problems?limit=7');
    expect(calls).toEqual([
      ['newJoinCode', 'S01', 'T1'],
      ['putProducts', [product]],
      ['putOperators', 'S01', [operator]],
      ['grantEnrolling', { store: 'S01', terminal: 'T1', first: 10, last: 19 }],
      ['putCustomers', [{ id: 'C1', name: 'C' }]],
      ['putStore', 'S01', { name: 'Harbour', settings }],
      ['archiveSummary'],
      ['archiveProblems', 7],
    ]);
  });

  it('says when operators of a store without settings reach nobody yet', async () => {
    const operators = [{ id: 'a', name: 'A', roles: ['cashier'], pin: '1234' }];
    const known = await send('PUT', '/api/operators/S01', { operators });
    expect(known.body).toEqual({ changed: 1, release: 6 });
    const early = await send('PUT', '/api/operators/S07', { operators });
    expect(early.body['note']).toMatch(/not published.*\/api\/settings\/S07/);
  });

  it('revokes a terminal, or says in words why not', async () => {
    const ask = { store: 'S01', terminal: 'T2', reason: 'lost' };
    const path = '/api/revocations';
    expect(await send('POST', path, ask)).toEqual({
      status: 200,
      body: { outcome: 'done', ...ask, terminalKey: 'ab'.repeat(32), atMs: 7 },
    });
    expect(await send('POST', path, { ...ask, terminal: 'T9' })).toMatchObject({
      status: 409,
      body: { outcome: 'refused', code: 'TERMINAL_UNKNOWN' },
    });
    expect(calls.map(([name, , by]) => [name, by])).toEqual([
      ['revoke', 'api'],
      ['revoke', 'api'],
    ]);
  });

  it('resets a posting, and says when there is none', async () => {
    const path = '/api/archive/problems/reset';
    expect((await send('POST', path, { journal, seq: 7, hash })).status).toBe(200);
    const none = await send('POST', path, { journal, seq: 8, hash });
    expect(none).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });

  it.each([
    ['POST', '/api/join-codes', { store: 'S01' }],
    ['POST', '/api/join-codes', { store: 's 1', terminal: 'T1' }],
    ['POST', '/api/join-codes', { store: 'HQ', terminal: 'T1' }],
    ['POST', '/api/join-codes', { store: 'S01', terminal: 'T1', admin: true }],
    ['POST', '/api/issuers', { store: 'S01', terminal: 'T1', first: 19, last: 10 }],
    ['POST', '/api/issuers', { store: 'S01', terminal: 'T1', first: 1, last: 101 }],
    ['POST', '/api/issuers', { store: 'HQ', terminal: 'HQ1', first: 10, last: 19 }],
    ['POST', '/api/issuers', { store: 'S01', terminal: 'T1', first: 0, last: 10_000 }],
    ['POST', '/api/revocations', { store: 'S01', terminal: 'T2' }],
    ['POST', '/api/revocations', { store: 'S01', terminal: 'T2', reason: 'tired' }],
    ['POST', '/api/revocations', { store: 'S01', terminal: '../T2', reason: 'lost' }],
    [
      'POST',
      '/api/revocations',
      { store: 'S01', terminal: 'T2', reason: 'lost', terminalKey: 'ab' },
    ],
    ['POST', '/api/revocations', { store: 'S01', terminal: 'T2', reason: 'lost', by: 'me' }],
    ['PUT', '/api/catalog', { products: [{ ...product, sku: '__proto__' }] }],
    ['PUT', '/api/catalog', { products: {} }],
    ['PUT', '/api/catalog', [product]],
    ['PUT', '/api/catalog', '{"products":[{"__proto__":{"sku":"A"}}]}'],
    ['PUT', '/api/settings/S01', { name: 'x', currency: 'XXX' }],
    ['PUT', '/api/settings/..%2F', { name: 'x' }],
    ['PUT', '/api/settings/HQ', { name: 'x', currency: 'EUR' }],
    ['PUT', '/api/operators/HQ', { operators: [] }],
    ['PUT', '/api/operators/S01', { operators: [{ id: 'a' }] }],
    ['PUT', '/api/customers', { customers: [null] }],
    ['POST', '/api/archive/problems/reset', { journal: 'x', seq: 1, hash }],
    ['GET', '/api/archive/problems?limit=1e9', undefined],
    ['PUT', '/api/catalog', '{"products":'],
  ])('%s %s with %j is refused in words, and nothing is done', async (method, path, body) => {
    const answer = await send(method, path, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { code: 'INPUT_INVALID' } });
    expect(calls).toEqual([]);
  });

  it('answers nobody without the token', async () => {
    for (const path of ['/api/archive/summary', '/api/status', '/api/archive/problems']) {
      expect((await send('GET', path, undefined, 'Bearer wrong')).status).toBe(401);
    }
    expect((await send('GET', '/api/health', undefined, '')).status).toBe(200);
    expect(calls).toEqual([]);
  });
});

describe('the log', () => {
  it('says who was let in and who was not', () => {
    const about = { id: '7QZK', store: 'S01' as StoreId, terminal: 'T1' as TerminalId };
    enrolment({ kind: 'codeMade', ...about, expiresAtMs: 0 });
    enrolment({ kind: 'enrolled', ...about });
    enrolment({ kind: 'refused', id: '7QZK', reason: 'JOIN_CODE_WRONG' });
    const lines = logged
      .filter((line) => line.includes('enrolment'))
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toMatchObject([
      { level: 30, enrolment: { kind: 'codeMade', ...about, until: '1970-01-01T00:00:00.000Z' } },
      { level: 30, enrolment: { kind: 'enrolled', ...about } },
      { level: 40, enrolment: { kind: 'refused', id: '7QZK', reason: 'JOIN_CODE_WRONG' } },
    ]);
  });
});

describe('relay metrics', () => {
  const result: IngestResult = { archived: 3, posted: 2, refused: 1, tips: new Map() };

  it('count what was archived, and show queue, lag and problems', async () => {
    const metrics = new RelayMetrics({
      waiting: () => 12,
      lagMs: () => 1_500,
      databaseUp: () => true,
      problems: () => Promise.resolve({ refused: 4, parked: 2 }),
    });
    metrics.ingested(result, 0.02);
    metrics.ingested(result, 0.2);
    const text = await metrics.registry.metrics();
    for (const line of [
      'tillmesh_entries_archived_total 6',
      'tillmesh_documents_refused_total 2',
      'tillmesh_ingest_seconds_count 2',
      'tillmesh_ingest_seconds_bucket{le="0.025"} 1',
      'tillmesh_archive_waiting 12',
      'tillmesh_archive_lag_seconds 1.5',
      'tillmesh_database_up 1',
      'tillmesh_postings{state="parked"} 2',
    ]) {
      expect(text).toContain(line);
    }
  });

  it('does not ask a database that is away', async () => {
    const metrics = new RelayMetrics({
      waiting: () => 0,
      lagMs: () => 0,
      databaseUp: () => false,
      problems: () => Promise.reject(new Error('away')),
    });
    expect(await metrics.registry.metrics()).toContain('tillmesh_database_up 0');
  });
});
