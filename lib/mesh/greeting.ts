/**
 * The first words on a link: `join` by the dialler, `peer` by the other. Names in them must be the certificate's:
 * on this wire nobody is who he says he is.
 */
import type { PeerMetadata } from '@automerge/automerge-repo';
import { TillmeshError } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import { peerIdOf, ProtocolV1, readMetadata } from './protocol.ts';
import type { Frame, Join, OwnContents, OwnMessage, Peer, WireMessage } from './protocol.ts';

export type Self = {
  readonly principal: Principal;
  readonly instance: string;
  readonly metadata: PeerMetadata;
};

export type Greeted =
  | {
      readonly kind: 'hello';
      readonly metadata: PeerMetadata;
      readonly instance: string | undefined;
    }
  /** The other end speaks no version of ours. */
  | { readonly kind: 'version' }
  /** The other end has said that something is wrong, and will close. */
  | { readonly kind: 'error' };

export const writeJoin = (me: Self): Join => ({
  type: 'join',
  senderId: peerIdOf(me.principal),
  peerMetadata: me.metadata,
  supportedProtocolVersions: [ProtocolV1],
  instance: me.instance,
});

export const writePeer = (me: Self, to: Principal): Peer => ({
  type: 'peer',
  senderId: peerIdOf(me.principal),
  peerMetadata: me.metadata,
  selectedProtocolVersion: ProtocolV1,
  targetId: peerIdOf(to),
  instance: me.instance,
});

/** An own message, which is between two and goes no further. */
export const addressed = (contents: OwnContents, me: Principal, to: Principal): OwnMessage => ({
  ...contents,
  senderId: peerIdOf(me),
  targetId: peerIdOf(to),
});

export const writeVersionError = (me: Self, to: Principal): WireMessage => ({
  type: 'error',
  senderId: peerIdOf(me.principal),
  message: 'unsupported protocol version',
  targetId: peerIdOf(to),
});

/** Throws FRAME_MALFORMED on anything that is no greeting from this link's peer. */
export function readGreeting(
  frame: Frame,
  link: { readonly peer: Principal; readonly dialled: boolean },
  me: Self,
): Greeted {
  if (frame.kind !== 'greeting') throw malformed('before the greeting');
  const { message } = frame;
  switch (message.type) {
    case 'error':
      return { kind: 'error' };
    case 'join': {
      if (link.dialled) throw malformed('join from the dialled end');
      if (message.senderId !== peerIdOf(link.peer)) throw malformed('another sender');
      const versions = message.supportedProtocolVersions;
      // Absent in the first clients of the protocol, which knew version 1 only.
      if (versions !== undefined && !versions.includes(ProtocolV1)) return { kind: 'version' };
      break;
    }
    case 'peer':
      if (!link.dialled) throw malformed('peer from the dialling end');
      if (message.senderId !== peerIdOf(link.peer)) throw malformed('another sender');
      if (message.targetId !== peerIdOf(me.principal)) throw malformed('another target');
      if (message.selectedProtocolVersion !== ProtocolV1) return { kind: 'version' };
      break;
  }
  return {
    kind: 'hello',
    metadata: readMetadata(message.peerMetadata),
    instance: message.instance,
  };
}

const malformed = (why: string): TillmeshError => new TillmeshError('FRAME_MALFORMED', why);
