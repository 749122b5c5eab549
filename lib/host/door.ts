/**
 * By which door a request came: the machine's own screens, plain http on loopback, or the shop's network over https.
 * Read from the connection itself, which no header can change.
 */
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

export type DoorKind = 'here' | 'lan';

export type Door = {
  readonly kind: DoorKind;
  /** That was called; it is the one that is listened on. */
  readonly port: number;
};

export const doorOf = ({ socket }: Pick<IncomingMessage, 'socket'>): Door => ({
  kind: socket instanceof TLSSocket ? 'lan' : 'here',
  port: socket.localPort ?? 0,
});
