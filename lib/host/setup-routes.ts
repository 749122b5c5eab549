/**
 * `/screen/setup`: what the page of a register that has not joined asks of it. Nobody can be signed in yet: whoever stands
 * at this machine and has a code sets it up. Another site's page gets nowhere.
 */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { screenRefusalOf } from './allowed-hosts.ts';
import { sendFailure } from './failures.ts';
import { apiPolicy } from './host.ts';
import { read } from './register-routes.ts';
import type { SetupServices } from './setup-services.ts';

const joinBody = z.strictObject({ text: z.string().max(500), at: z.string().max(300) });
/** A code, an address, and nothing more. */
const bodyBytes = 4_096;

export function addSetupRoutes(
  app: FastifyInstance,
  services: SetupServices,
  /** The answer has been sent: the host may close now. */
  onJoined: () => void,
): void {
  void app.register((scope, _options, done) => {
    scope.addHook('onRequest', (request, reply, next) => {
      reply.header('content-security-policy', apiPolicy).header('cache-control', 'no-store');
      const { method, headers } = request;
      const refused = screenRefusalOf({ method, headers });
      if (refused) void sendFailure(reply, refused);
      else next();
    });
    scope.get('/screen/setup', () => services.view());
    scope.post('/screen/setup', { bodyLimit: bodyBytes }, async (request, reply) => {
      const ask = read(joinBody, request.body, reply);
      if (!ask) return reply;
      const answer = await services.join(ask);
      if (answer.outcome === 'refused') return reply.code(409).send(answer);
      // Whoever asked may have left while it joined: then there is nobody to wait for.
      if (reply.raw.closed) onJoined();
      else reply.raw.once('close', onJoined);
      return reply.send(answer);
    });
    scope.all('/screen', (_request, reply) => sendFailure(reply, 'NOT_FOUND'));
    scope.all('/screen/*', (_request, reply) => sendFailure(reply, 'NOT_FOUND'));
    done();
  });
}
