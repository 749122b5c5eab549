/** What every process tells about itself: `GET /api/status` and `GET /metrics`. */
import type { FastifyInstance } from 'fastify';
import type { StatusServices } from './services.ts';

export function addStatusRoutes(app: FastifyInstance, services: StatusServices): void {
  app.get('/api/status', () => services.status());
  app.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await services.metrics()),
  );
}
