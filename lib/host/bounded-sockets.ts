/**
 * How many connections an HTTP server keeps, in all and of one address, so that whoever opens 500 takes no room from the till's
 * own browser. How long one may take to say what it wants is Node's matter (`headersTimeout`, `requestTimeout`).
 */
import type { Server } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import { limits } from '../domain/limits.ts';

/** `onSurplus` hears of an address once, until it has no connection left: a flood must not fill the log. */
export function boundSockets(
  server: Server | SecureServer,
  onSurplus: (address: string) => void,
): void {
  const open = new Map<string, number>();
  const told = new Set<string>();
  let all = 0;
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const own = open.get(address) ?? 0;
    if (all >= limits.httpSockets || own >= limits.httpSocketsPerAddress) {
      socket.destroy();
      // An address that holds nothing while others hold all is not what somebody has to look at.
      if (own === 0 || told.has(address)) return;
      told.add(address);
      onSurplus(address);
      return;
    }
    all++;
    open.set(address, own + 1);
    socket.once('close', () => {
      all--;
      const left = (open.get(address) ?? 1) - 1;
      if (left > 0) open.set(address, left);
      else {
        open.delete(address);
        told.delete(address);
      }
    });
  });
}
