/**
 * The one HTTP host of a register or a relay: who may call, how large, and how errors look.
 * Routes are added by their owners; the pages come last and take what is left.
 */
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { type ErrorCode, TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { allowedHosts, refusalOf, schemesOf } from './allowed-hosts.ts';
import { tokenCheck } from './api-token.ts';
import { BoundedSockets } from './bounded-sockets.ts';
import { doorOf } from './door.ts';
import { handleError, sendFailure } from './failures.ts';

export type HostOptions = {
  /** Address to listen on, and the port; 0 takes a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Names under which this server is reached besides its address: `hq.example`, `hq.example:8443`. */
  readonly allowHosts?: readonly string[];
  /** Addresses of proxies whose `X-Forwarded-For` tells clients apart; of nobody else is it read. */
  readonly trustedProxies?: readonly string[];
  /** What programs show as bearer token for `/api/…` and `/metrics`. */
  readonly token: string;
  /** Largest body of a request. A relay's catalogue is larger than a register's command. */
  readonly bodyBytes?: number;
  readonly logger?: FastifyBaseLogger;
  /** What `GET /api/health` adds to `{ok: true}`; open to all, so nothing that is not. */
  readonly health?: () => Readonly<Record<string, unknown>>;
  /** And what it says more to who shows the token. */
  readonly healthDetails?: () => Readonly<Record<string, unknown>>;
};

/** No route of these needs a token: a supervisor of processes asks before it has one. */
const openApi = new Set(['/api/health']);

/** For everything but pages, whose policy with nonces comes from SvelteKit. */
export const apiPolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'";

const headers = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const;

export type Host = {
  readonly app: FastifyInstance;
  /** Whoever comes by https is admitted under these `Host` values, asked at each request; before this, nobody is. */
  admitLan(allowed: () => ReadonlySet<string>): void;
  /** Begins to listen and answers with the port. PORT_IN_USE when another program has it. */
  listen(): Promise<number>;
  close(): Promise<void>;
};

export function createHost(options: HostOptions): Host {
  const { listen } = options;
  const app: FastifyInstance = Fastify({
    ...(options.logger ? { loggerInstance: options.logger } : {}),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyBytes ?? limits.httpBodyBytes,
    forceCloseConnections: true,
    // Slow senders hold a socket no longer than this.
    requestTimeout: 60_000,
    keepAliveTimeout: 30_000,
    http: { headersTimeout: limits.httpHeadersMs, connectionsCheckingInterval: 1_000 },
  });
  const sockets = new BoundedSockets(
    (address) =>
      app.log.warn({ address }, 'too many connections of one address: the surplus is hung up on'),
    options.trustedProxies,
  );
  sockets.bound(app.server);
  // JSON only: what a form of another site can send is refused before it is read.
  app.removeContentTypeParser('text/plain');
  const hasToken = tokenCheck(options.token);
  let allowed: ReadonlySet<string> = new Set();
  let allowedOnLan: () => ReadonlySet<string> = () => new Set();

  app.addHook('onRequest', (request, reply, next) => {
    if (!sockets.admits(request.raw, reply.raw)) {
      reply.hijack();
      request.raw.destroy();
      return;
    }
    reply.headers(headers);
    const url = request.raw.url ?? '';
    const path = url.split('?', 1)[0] ?? '';
    const code = refuse(path);
    if (code) void sendFailure(reply, code);
    else next();

    function refuse(at: string): ErrorCode | undefined {
      // An absolute target (`GET http://evil/`) would carry a second host.
      if (!at.startsWith('/')) return 'HOST_NOT_ALLOWED';
      const { method, headers: sent } = request;
      const door = doorOf(request.raw);
      const isLan = door.kind === 'lan';
      const names = isLan ? allowedOnLan() : allowed;
      const refused = refusalOf({ method, path: at, headers: sent }, names, schemesOf(door));
      if (refused) return refused;
      if (!needsToken(request.routeOptions.url ?? at)) return undefined;
      // The API is for programs of this machine: on the LAN there is none, whoever has a token.
      if (isLan) return 'NOT_FOUND';
      reply.header('content-security-policy', apiPolicy).header('cache-control', 'no-store');
      return hasToken(sent.authorization) ? undefined : 'TOKEN_WRONG';
    }
  });
  app.setErrorHandler(handleError);
  app.setNotFoundHandler((_request, reply) => sendFailure(reply, 'NOT_FOUND'));
  app.get('/api/health', ({ raw, headers: { authorization } }) => {
    const isOwn = doorOf(raw).kind !== 'lan' && hasToken(authorization);
    return { ok: true, ...options.health?.(), ...(isOwn && options.healthDetails?.()) };
  });
  // Known to the router even where nothing is added, so that pages never answer for the API.
  app.all('/api/*', (_request, reply) => sendFailure(reply, 'NOT_FOUND'));

  return {
    app,
    admitLan(names) {
      allowedOnLan = names;
    },
    async listen() {
      try {
        await app.listen({ host: listen.host, port: listen.port });
      } catch (error) {
        throw asPortError(error, listen);
      }
      const { port } = app.server.address() as AddressInfo;
      allowed = allowedHosts(listen.host, port, options.allowHosts ?? []);
      return port;
    },
    close: () => app.close(),
  };
}

/** By the matched route, not the text of the request: `/%61pi/status` is the API too. */
export function needsToken(route: string): boolean {
  return (route === '/metrics' || route.startsWith('/api/')) && !openApi.has(route);
}

/** Errors of `listen` in words: used for every port that a process opens. */
export function asPortError(
  error: unknown,
  listen: { readonly host: string; readonly port: number },
): unknown {
  const at = `${listen.host}:${listen.port}`;
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'EADDRINUSE') return new TillmeshError('PORT_IN_USE', at, { cause: error });
  if (error.code === 'EACCES' || error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new TillmeshError('PORT_NOT_AVAILABLE', at, { cause: error });
  }
  return error;
}
