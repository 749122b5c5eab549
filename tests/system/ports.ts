/**
 * Ports that a process keeps over restarts. Outside the range from which systems take ports for outgoing connections:
 * one of those could sit on the port of a till that is being started again. Each worker of a test run has its own of
 * them: a till that is down holds none, and a test beside it must not take it.
 */
import { createServer } from 'node:net';

const first = 20_000;
const workers = 8;
const each = 1_500;
const worker = Number(process.env['VITEST_POOL_ID'] ?? 0) % workers;
const taken = new Set<number>();
let next = process.pid % each;

export async function keptPort(): Promise<number> {
  for (let tries = 0; tries < each; tries++) {
    next = (next + 1) % each;
    const port = first + next * workers + worker;
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
