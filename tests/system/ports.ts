/**
 * Ports that a process keeps over restarts. Outside the range from which systems take ports for outgoing connections:
 * one of those could sit on the port of a till that is being started again.
 */
import { createServer } from 'node:net';

const first = 20_000;
const count = 12_000;
const taken = new Set<number>();
let next = process.pid % count;

export async function keptPort(): Promise<number> {
  for (let tries = 0; tries < count; tries++) {
    next = (next + 7) % count;
    const port = first + next;
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new Error('no free port');
}

function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const probe = createServer()
    .once('error', () => resolve(false))
    .listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  return promise;
}
