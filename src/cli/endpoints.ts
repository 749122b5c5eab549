/** Addresses as they are typed: `4100`, `till1:4100`, `[::1]:4100`, and join codes `CODE@hq.example:3001`. */
import { InvalidArgumentError } from 'commander';
import { formatJoinCode, parseJoinTarget } from '#lib/trust/join-code.ts';

export type Endpoint = { readonly host: string; readonly port: number };

/** Where registers link to a relay unless it is told otherwise. */
const relaySyncPort = 3001;

const hostShape = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])$/;

/** A port to listen on; 0 takes a free one. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError(`"${text}" is not a port between 0 and 65535.`);
}

/** Where to listen: `PORT` on `host`, or `HOST:PORT`. */
export function listenOn(host: string): (text: string) => Endpoint {
  return (text) => (text.includes(':') ? split(text) : { host, port: parsePort(text) });
}

/** Where another process listens. */
export function parseEndpoint(text: string): Endpoint {
  const endpoint = split(text);
  if (endpoint.port !== 0) return endpoint;
  throw new InvalidArgumentError(`"${text}" needs the port on which the other process listens.`);
}

/** For options that may be given several times. */
export function collectEndpoints(text: string, before: readonly Endpoint[]): readonly Endpoint[] {
  return [...before, parseEndpoint(text)];
}

export type JoinTarget = Endpoint & { readonly code: string };

/** The code is looked at here already: a slip of the pen should not cost a way to head office. */
export function parseJoin(text: string): JoinTarget {
  const target = parseJoinTarget(text, relaySyncPort);
  if (!target) throw new InvalidArgumentError(`"${text}" is not like 7QZK-3M8V-A1XW-9T0R@hq:3001.`);
  return { code: formatJoinCode(target.code), host: target.host, port: target.port };
}

/** Node wants IPv6 addresses without the brackets that a URL needs. */
function split(text: string): Endpoint {
  const colon = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(colon, 0));
  if (!hostShape.test(host)) {
    throw new InvalidArgumentError(`"${text}" is not HOST:PORT, as in till1.shop:4101.`);
  }
  return { host: host.replace(/^\[|\]$/g, ''), port: parsePort(text.slice(colon + 1)) };
}

/** `http://127.0.0.1:4100`: where a browser on this machine finds a process that listens on `host`. */
export function urlOf({ host, port }: Endpoint): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
