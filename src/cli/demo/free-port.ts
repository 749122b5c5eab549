/** A demo should start beside whatever else runs on a machine: a usual port where it is free, any other where not. */
import { createServer } from 'node:net';

/** The port itself when nobody listens on it, else 0, which takes a free one. */
export async function portOrAny(port: number, host: string): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const probe = createServer()
    .once('error', () => resolve(0))
    .listen({ port, host, exclusive: true }, () => probe.close(() => resolve(port)));
  return promise;
}
