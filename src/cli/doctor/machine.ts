/** What the machine itself must offer: Node, ports, the embedded database, the built screens. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { builtPages } from '#lib/host/pages.ts';
import { findPostgresBinaries, thisPlatform } from '#relay/postgres/binaries.ts';
import type { Endpoint } from '../endpoints.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const oldestNode = 24;

export function checkNode(version: string): Finding {
  const major = Number(/^v?(\d+)\./.exec(version)?.[1]);
  if (major >= oldestNode) return ok('node', version);
  return fail('node', version, `run "npm ci": it brings Node ${oldestNode}`);
}

export function checkPages(): Finding {
  if (existsSync(fileURLToPath(builtPages))) return ok('screens', 'built');
  return warn('screens', 'not built', 'run "npm run build"; everything else works without');
}

export async function checkDatabase(): Promise<Finding> {
  try {
    const { postgres } = await findPostgresBinaries();
    if (existsSync(postgres)) return ok('database', `embedded PostgreSQL for ${thisPlatform()}`);
    return fail('database', 'the embedded PostgreSQL is incomplete', 'run "npm ci" again');
  } catch (error) {
    return warn(
      'database',
      error instanceof Error ? error.message : String(error),
      'only a relay needs one: give it a server with DATABASE_URL',
    );
  }
}

export async function checkPort(name: string, at: Endpoint): Promise<Finding> {
  const check = `port-${name}`;
  const { promise, resolve } = Promise.withResolvers<Finding>();
  const probe = createServer();
  probe.once('error', (error: NodeJS.ErrnoException) => {
    const todo =
      error.code === 'EADDRINUSE'
        ? `fine when Tillmesh is running; otherwise stop the other program, or choose another port with --${name}`
        : `choose another address or port with --${name}`;
    resolve(warn(check, `${at.host}:${at.port} ${whyNot(error)}`, todo));
  });
  probe.listen({ ...at, exclusive: true }, () =>
    probe.close(() => resolve(ok(check, `${at.host}:${at.port} is free`))),
  );
  return promise;
}

function whyNot({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'EADDRINUSE') return 'is in use';
  if (code === 'EACCES') return 'may not be listened on by this user';
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return 'is no address of this machine';
  return `cannot be listened on: ${code ?? message}`;
}
