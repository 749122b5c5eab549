/**
 * How many connections an HTTP server keeps, in all and of one address, so that whoever opens 500 takes no room from the till's
 * own browser. How long one may take to say what it wants is Node's matter (`headersTimeout`, `requestTimeout`). Behind a
 * proxy that is trusted a client is told by the address that the proxy saw, and counts by its requests.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { limits } from '../domain/limits.ts';

/** `onSurplus` hears of an address once, until it has nothing open any more: a flood must not fill the log. */
export class BoundedSockets {
  readonly #proxies: ReadonlySet<string>;
  readonly #onSurplus: (address: string) => void;
  readonly #open = new Map<string, number>();
  readonly #told = new Set<string>();
  #all = 0;

  constructor(onSurplus: (address: string) => void, proxies: readonly string[] = []) {
    this.#onSurplus = onSurplus;
    this.#proxies = new Set(proxies.map(plain));
  }

  bound(server: Server | SecureServer): void {
    server.on('connection', (socket: Socket) => {
      const address = plain(socket.remoteAddress ?? '');
      const hasRoom = this.#all < limits.httpSockets;
      const isFree = this.#proxies.has(address) ? hasRoom : this.#take(address, hasRoom);
      if (!isFree) {
        socket.destroy();
        return;
      }
      this.#all++;
      socket.once('close', () => {
        this.#all--;
        if (!this.#proxies.has(address)) this.#give(address);
      });
    });
  }

  /** Whether this request may be answered; one that came by no proxy was counted with its connection. */
  admits({ socket, headers }: IncomingMessage, response: ServerResponse): boolean {
    const proxy = plain(socket.remoteAddress ?? '');
    if (!this.#proxies.has(proxy)) return true;
    const client = lastHop(headers['x-forwarded-for']) ?? proxy;
    if (!this.#take(client)) return false;
    response.once('close', () => this.#give(client));
    return true;
  }

  #take(address: string, hasRoom = true): boolean {
    const own = this.#open.get(address) ?? 0;
    if (hasRoom && own < limits.httpSocketsPerAddress) {
      this.#open.set(address, own + 1);
      return true;
    }
    // An address that holds nothing while others hold all is not what somebody has to look at.
    if (own > 0 && !this.#told.has(address)) {
      this.#told.add(address);
      this.#onSurplus(address);
    }
    return false;
  }

  #give(address: string): void {
    const left = (this.#open.get(address) ?? 1) - 1;
    if (left > 0) this.#open.set(address, left);
    else {
      this.#open.delete(address);
      this.#told.delete(address);
    }
  }
}

/** What the proxy added itself, from its own connection. All before it is what the client, or somebody behind it, said. */
function lastHop(forwarded: string | readonly string[] | undefined): string | undefined {
  const address = String(forwarded ?? '')
    .split(',')
    .at(-1)
    ?.trim();
  return address !== undefined && isIP(address) !== 0 ? plain(address) : undefined;
}

/** IPv4 as it is, also where a socket of both kinds writes it as IPv6. */
const plain = (address: string): string =>
  address.toLowerCase().replace(/^::ffff:(?=[0-9.]+$)/, '');
