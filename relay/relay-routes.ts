/**
 * The API of a relay: join codes, what head office wants, the archive's figures and problems. Who may call, host and origin,
 * sizes and the shape of errors are the host's (`lib/host/host.ts`); bodies pass their schema here.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import type { Crossing } from '../lib/domain/border.ts';
import { TillmeshError } from '../lib/domain/errors.ts';
import { journalKeyField, storeField } from '../lib/domain/fields.ts';
import { isEntryHash, type StoreId, type TerminalId } from '../lib/domain/ids.ts';
import type { Product } from '../lib/domain/product.ts';
import { headOffice } from '../lib/replica/keyring.ts';
import { sendFailure } from '../lib/host/failures.ts';
import { addBarRoutes, read } from '../lib/host/register-routes.ts';
import { grantBody, newTerminalField, revokeBody } from '../lib/host/hq-schemas.ts';
import type { ReplaceAsk, Replacing, RevokeAsk, Revoking } from '../lib/host/hq-services.ts';
import type { BarView, StatusServices } from '../lib/host/services.ts';
import { addStatusRoutes } from '../lib/host/status-routes.ts';
import type { ArchiveSummary, EntryKey, PostingProblem } from './archive-contract.ts';
import type { Enroller } from '../lib/trust/certificate-names.ts';
import type { EnrolmentEvent } from '../lib/trust/enrolment-office.ts';
import { readCustomers, readOperators, readProducts, readStore } from './wanted-shapes.ts';
import type { GivenOperator, WantedCustomer, WantedStore } from './wanted-shapes.ts';

/** A catalogue of 100,000 products is about 50 MB. */
export const relayBodyBytes = 64 * 1024 * 1024;

export type Published = {
  /** How many records differ from what was wanted before. */
  readonly changed: number;
  /** The release that carries them; absent when nothing changed. */
  readonly release?: number;
  /** Why nothing was published although something changed, and what to do. */
  readonly note?: string;
};

/** What the running relay offers to its API. Everything that arrives here has passed its schema. */
export interface RelayServices extends StatusServices {
  newJoinCode(
    store: StoreId,
    terminal: TerminalId,
  ): Promise<{ readonly code: string; readonly expiresAtMs: number }>;
  /** Lets a till enrol others of its store. */
  grantEnrolling(range: Enroller): Promise<void>;
  /** Calls back after every join code that is made, used or refused. Returns how to stop that. */
  onEnrolment(listener: (event: EnrolmentEvent) => void): () => void;
  /** Lets a terminal back in that this relay has barred. PEER_UNKNOWN where it has not. */
  pardon(terminal: string, by?: string): void;
  barred(): readonly BarView[];
  /** Never again a link for a terminal's key. `by`: for the record. */
  revoke(ask: RevokeAsk, by: string): Promise<Revoking>;
  /** Revokes a terminal and makes the code for the one that gets its name; safe to repeat. `by`: for the record. */
  replace(ask: ReplaceAsk, by: string): Promise<Replacing>;
  /** Makes an open code void; false where there is no such one. */
  withdrawJoinCode(store: StoreId, id: string): Promise<boolean>;
  putProducts(products: readonly Product[]): Promise<Published>;
  putCustomers(customers: readonly WantedCustomer[]): Promise<Published>;
  putStore(store: StoreId, wanted: WantedStore): Promise<Published>;
  /** Whether head office has described the store. */
  hasSettings(store: StoreId): Promise<boolean>;
  putOperators(store: StoreId, operators: readonly GivenOperator[]): Promise<Published>;
  archiveSummary(): Promise<ArchiveSummary>;
  archiveProblems(limit: number): Promise<readonly PostingProblem[]>;
  resetPosting(key: EntryKey): Promise<boolean>;
}

const shopField = storeField.refine(
  (store) => store !== headOffice,
  'is head office itself: name a shop',
);
const joinCodeBody = z.strictObject({ store: shopField, terminal: newTerminalField });
const storeParameters = z.object({ store: shopField });
const problemsQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(500).default(100),
});
const resetBody = z.strictObject({
  journal: journalKeyField,
  seq: z.int().min(1),
  hash: z.custom<EntryKey['hash']>(isEntryHash, 'not an entry hash'),
});
const list = z.array(z.unknown()).max(200_000);

export function addRelayRoutes(app: FastifyInstance, services: RelayServices): void {
  addStatusRoutes(app, services);
  logEnrolments(app, services);
  addBarRoutes(app, services);

  app.post('/api/join-codes', async (request, reply) => {
    const body = read(joinCodeBody, request.body, reply);
    if (!body) return reply;
    const { code, expiresAtMs } = await services.newJoinCode(body.store, body.terminal);
    return { code, expiresAt: new Date(expiresAtMs).toISOString() };
  });

  app.post('/api/issuers', async (request, reply) => {
    const range = read(grantBody, request.body, reply);
    if (!range) return reply;
    await services.grantEnrolling(range);
    return range;
  });

  app.post('/api/revocations', async (request, reply) => {
    const body = read(revokeBody, request.body, reply);
    if (!body) return reply;
    const revoking = await services.revoke(body, 'api');
    return reply.code(revoking.outcome === 'refused' ? 409 : 200).send(revoking);
  });

  app.post('/api/replacements', async (request, reply) => {
    const body = read(revokeBody, request.body, reply);
    if (!body) return reply;
    const replacing = await services.replace(body, 'api');
    if (replacing.outcome === 'refused') return reply.code(409).send(replacing);
    return 'expiresAtMs' in replacing
      ? { ...replacing, expiresAt: new Date(replacing.expiresAtMs).toISOString() }
      : replacing;
  });

  app.put('/api/catalog', async (request, reply) => {
    const body = read(z.strictObject({ products: list }), request.body, reply);
    const products = body && crossed(readProducts(body.products), 'products', reply);
    return products ? services.putProducts(products) : reply;
  });

  app.put('/api/customers', async (request, reply) => {
    const body = read(z.strictObject({ customers: list }), request.body, reply);
    const customers = body && crossed(readCustomers(body.customers), 'customers', reply);
    return customers ? services.putCustomers(customers) : reply;
  });

  app.put('/api/settings/:store', async (request, reply) => {
    const at = read(storeParameters, request.params, reply);
    const wanted = at && crossed(readStore(request.body), 'settings', reply);
    return at && wanted ? services.putStore(at.store, wanted) : reply;
  });

  app.put('/api/operators/:store', async (request, reply) => {
    const at = read(storeParameters, request.params, reply);
    const body = at && read(z.strictObject({ operators: list }), request.body, reply);
    const operators = body && crossed(readOperators(body.operators), 'operators', reply);
    if (!at || !operators) return reply;
    const published = await services.putOperators(at.store, operators);
    if (await services.hasSettings(at.store)) return published;
    const note = `kept, and not published: store ${at.store} has no settings yet; put them to /api/settings/${at.store}`;
    return { ...published, note };
  });

  app.get('/api/archive/summary', () => services.archiveSummary());

  app.get('/api/archive/problems', async (request, reply) => {
    const query = read(problemsQuery, request.query, reply);
    return query ? { problems: await services.archiveProblems(query.limit) } : reply;
  });

  app.post('/api/archive/problems/reset', async (request, reply) => {
    const key = read(resetBody, request.body, reply);
    if (!key) return reply;
    if (await services.resetPosting(key)) return { ok: true };
    throw new TillmeshError('NOT_FOUND', 'no refused or parked posting of this entry');
  });
}

/** Who was let in and who was not, for whoever has to answer for it later: the code's id, never the code. */
function logEnrolments(app: FastifyInstance, services: RelayServices): void {
  const stop = services.onEnrolment(({ expiresAtMs, ...event }) => {
    const until = expiresAtMs === undefined ? {} : { until: new Date(expiresAtMs).toISOString() };
    const level = event.kind === 'refused' ? 'warn' : 'info';
    app.log[level]({ enrolment: { ...event, ...until } }, 'enrolment');
  });
  app.addHook('onClose', (_app, done) => {
    stop();
    done();
  });
}

/** The value, or undefined after a 400 with the problems has been sent. */
function crossed<Value>(
  crossing: Crossing<Value>,
  what: string,
  reply: FastifyReply,
): Value | undefined {
  if (crossing.ok) return crossing.value;
  sendFailure(
    reply,
    'INPUT_INVALID',
    crossing.problems.map((problem) => `${what}.${problem}`),
  );
  return undefined;
}
