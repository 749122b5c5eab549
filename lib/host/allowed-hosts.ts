/**
 * Which names and which sites may speak to this server. A page of another site in a browser on the same
 * machine must never reach it: not by DNS rebinding (a foreign Host), not by a form or fetch (a foreign Origin).
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { ErrorCode } from '../domain/errors.ts';
import type { Door } from './door.ts';

const loopback = ['localhost', '127.0.0.1', '[::1]'];

/** Hosts that name no address of a machine: listening on them tells nothing about allowed names. */
const anyAddress = new Set(['', '0.0.0.0', '::', '[::]']);

/**
 * The `Host` values to accept, lower case, for a server listening on `listen` and `port`.
 * `extra` are names from the configuration: `hq.example` (any of the own port and none), `hq.example:8443` (exactly).
 */
export function allowedHosts(
  listen: string,
  port: number,
  extra: readonly string[],
): ReadonlySet<string> {
  const allowed = new Set<string>();
  const add = (name: string): void => {
    allowed.add(`${name}:${port}`);
    if (port === 80) allowed.add(name);
  };
  for (const name of loopback) add(name);
  if (!anyAddress.has(listen)) add(inBrackets(listen.toLowerCase()));
  for (const name of extra.map((text) => text.toLowerCase())) {
    if (/:\d+$/.test(name) && !/^[0-9a-f:]+$/.test(name)) allowed.add(name);
    else {
      add(inBrackets(name));
      allowed.add(inBrackets(name));
    }
  }
  return allowed;
}

function inBrackets(name: string): string {
  return name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
}

/** Undefined when the request may go on. For a WebSocket upgrade use the same with method `GET`. */
export function refusalOf(
  request: {
    readonly method: string;
    readonly path: string;
    readonly headers: IncomingHttpHeaders;
  },
  allowed: ReadonlySet<string>,
  schemes: Schemes = anyScheme,
): ErrorCode | undefined {
  const { host, origin } = request.headers;
  if (host === undefined || !allowed.has(host.toLowerCase())) return 'HOST_NOT_ALLOWED';
  if (origin !== undefined)
    return isOwnOrigin(origin, allowed, schemes) ? undefined : 'ORIGIN_NOT_ALLOWED';
  const site = request.headers['sec-fetch-site'];
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const navigates = request.headers['sec-fetch-mode'] === 'navigate';
  // A link from elsewhere may open a page; it may not read the API or the event stream.
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !(reads && navigates)) {
    return 'ORIGIN_NOT_ALLOWED';
  }
  // Programs that call the API send no Origin but a token; a form that changes something always has one.
  if (!reads && !request.path.startsWith('/api/')) return 'ORIGIN_NOT_ALLOWED';
  return undefined;
}

/**
 * What acts with a cookie, beyond `refusalOf`: the very page that this address served, and no other name or port of
 * this machine, whose pages the browser counts as the same site. Programs have the API and a token.
 */
export function screenRefusalOf(
  request: { readonly method: string; readonly headers: IncomingHttpHeaders },
  schemes: Schemes = anyScheme,
): ErrorCode | undefined {
  const { host = '', origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  const reads = request.method === 'GET' || request.method === 'HEAD';
  // `none`: typed into the address line. Older browsers do not say.
  if (site !== undefined && site !== 'same-origin' && !(reads && site === 'none')) {
    return 'ORIGIN_NOT_ALLOWED';
  }
  if (origin === undefined) return reads ? undefined : 'ORIGIN_NOT_ALLOWED';
  const own = host.toLowerCase();
  const isOwn = schemes.some((scheme) => origin === `${scheme}://${own}`);
  return isOwn ? undefined : 'ORIGIN_NOT_ALLOWED';
}

function isOwnOrigin(origin: string, allowed: ReadonlySet<string>, schemes: Schemes): boolean {
  const [, scheme, host] = /^(https?):\/\/([^/]+)$/.exec(origin.toLowerCase()) ?? [];
  return host !== undefined && schemes.some((each) => each === scheme) && allowed.has(host);
}

type Schemes = readonly ('http' | 'https')[];
/** Plain http on a loopback, or https by somebody else in front of it. */
const anyScheme: Schemes = ['http', 'https'];

/** What is served over https has no page of plain http: one at its address is somebody's who is in between. */
export const schemesOf = ({ kind }: Door): Schemes => (kind === 'lan' ? ['https'] : anyScheme);
