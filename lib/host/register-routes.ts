/**
 * The API of a register beside `addStatusRoutes`: commands in, read models out. Every parameter passes a schema here;
 * the body of a command is judged by the domain, which names what is wrong with it.
 */
import type { FastifyInstance, FastifyReply } from 'fastify';
import { z } from 'zod';
import { terminalNameField } from '../domain/fields.ts';
import { isSku } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { plainWords } from '../domain/plain-words.ts';
import { sendFailure } from './failures.ts';
import type { RegisterServices } from './services.ts';

const limit = z.coerce.number().int().min(1).max(limits.pageRows).default(50);
const productsQuery = z.strictObject({
  q: z.string().max(limits.descriptionCharacters).default(''),
  limit,
});
const documentsQuery = z.strictObject({
  after: z
    .string()
    .regex(/^\d{1,15}$/, 'is not the `next` of a page')
    .optional(),
  limit,
});
const skuParameters = z.object({ sku: z.string().refine(isSku, 'is not a product code') });
const peerBody = z.strictObject({
  peer: z.string().regex(/^[A-Z0-9a-f-]{1,64}$/, 'is not a peer such as S01-T2'),
});

const nothing = z.strictObject({});
const terminalBody = z.strictObject({ terminal: terminalNameField });

export function addRegisterRoutes(app: FastifyInstance, services: RegisterServices): void {
  app.post('/api/commands', (request, reply) => {
    const outcome = services.execute(request.body);
    if (outcome.outcome === 'invalid') return sendFailure(reply, 'INPUT_INVALID', outcome.problems);
    return reply.code(outcome.outcome === 'refused' ? 409 : 200).send(outcome);
  });

  app.get('/api/products', (request, reply) => {
    const query = read(productsQuery, request.query, reply);
    return query && { products: services.products(query.q, query.limit) };
  });

  app.get('/api/stock/:sku', (request, reply) => {
    const parameters = read(skuParameters, request.params, reply);
    return parameters && services.stock(parameters.sku);
  });

  app.get('/api/documents', (request, reply) => {
    const query = read(documentsQuery, request.query, reply);
    return query && services.documents({ after: query.after, limit: query.limit });
  });

  addBarRoutes(app, services);
  app.post('/api/findings/seen', (request, reply) => {
    const body = read(nothing, request.body ?? {}, reply);
    return body && { seen: services.findingsSeen?.() ?? 0 };
  });

  for (const act of ['cut', 'heal'] as const) {
    app.post(`/api/mesh/${act}`, (request, reply) => {
      const body = read(peerBody, request.body, reply);
      if (!body) return undefined;
      services[act](body.peer);
      return { ok: true };
    });
  }
}

/** Whom this process has barred, and letting them back in; a till's and a relay's. */
export function addBarRoutes(
  app: FastifyInstance,
  services: Pick<RegisterServices, 'pardon' | 'barred'>,
): void {
  app.get('/api/mesh/barred', () => ({ barred: services.barred() }));
  app.post('/api/mesh/pardons', (request, reply) => {
    const body = read(terminalBody, request.body, reply);
    if (!body) return reply;
    services.pardon(body.terminal);
    return { ok: true };
  });
}

/** The parsed value, or undefined after a 400 that names each problem has been sent. */
export function read<Value>(
  schema: z.ZodType<Value>,
  input: unknown,
  reply: FastifyReply,
): Value | undefined {
  const result = schema.safeParse(input, { error: plainWords });
  if (result.success) return result.data;
  const problems = result.error.issues.map(
    (issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`,
  );
  sendFailure(reply, 'INPUT_INVALID', problems);
  return undefined;
}
