/** Whether ports can be listened on, asked before anything is done that a port in use would make undone. */
import { createServer, type Server } from 'node:net';
import { asPortError } from './host.ts';

export type Listen = { readonly host: string; readonly port: number };

/**
 * Listens on all of them at once, so that two that are the same are found too, and lets go again.
 * Throws PORT_IN_USE or PORT_NOT_AVAILABLE. Port 0 is always free.
 */
export async function assertPortsFree(all: readonly Listen[]): Promise<void> {
  const probes: Server[] = [];
  try {
    for (const one of all) probes.push(await listenOn(one));
  } finally {
    await Promise.all(probes.map(closed));
  }
}

function listenOn(listen: Listen): Promise<Server> {
  const { promise, resolve, reject } = Promise.withResolvers<Server>();
  const probe = createServer();
  probe.once('error', (error) => reject(asPortError(error, listen)));
  probe.listen({ ...listen, exclusive: true }, () => resolve(probe));
  return promise;
}

function closed(probe: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  probe.close(() => resolve());
  return promise;
}
