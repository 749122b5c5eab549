/** `POST /api/join-codes` of a till that may enrol others: the relay's route of that name takes store and terminal, a till knows both. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { read } from './register-routes.ts';

export type EnrollingServices = {
  newCode(): Promise<{
    readonly store: StoreId;
    readonly terminal: TerminalId;
    readonly code: string;
    readonly expiresAtMs: number;
  }>;
};

/** `meshPort`: where the new till reaches this one. */
export function addEnrollingRoutes(
  app: FastifyInstance,
  services: EnrollingServices,
  meshPort: () => number,
): void {
  app.post('/api/join-codes', async (request, reply) => {
    if (!read(z.strictObject({}), request.body, reply)) return reply;
    const { store, terminal, code, expiresAtMs } = await services.newCode();
    return {
      store,
      terminal,
      code,
      expiresAt: new Date(expiresAtMs).toISOString(),
      port: meshPort(),
    };
  });
}
