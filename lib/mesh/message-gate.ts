/**
 * What happens to a message of a link that is up: who may have sent it, whether it storms, what the guard says.
 * Throws where the link must not live on; never leaves out a message of a sync exchange.
 */
import type { Message } from '@automerge/automerge-repo';
import { TillmeshError } from '../domain/errors.ts';
import type { Principal } from '../domain/ids.ts';
import type { Link } from './link.ts';
import type { MeshOptions } from './mesh-options.ts';
import { peerIdOf } from './protocol.ts';
import type { OwnMessage, RepoFrame } from './protocol.ts';

export type Passage =
  | { readonly kind: 'handOn'; readonly message: Message }
  | { readonly kind: 'answer'; readonly message: Message }
  | { readonly kind: 'passedOver' }
  | { readonly kind: 'storm' };

export function passRepoMessage(
  message: RepoFrame,
  link: Link,
  me: Principal,
  options: Pick<MeshOptions, 'inspect' | 'ephemeral' | 'clock'>,
): Passage {
  if (message.targetId !== peerIdOf(me)) throw malformed('another target');
  // Ephemeral messages carry the name of whoever sent them first; all others their own.
  if (message.type === 'ephemeral' && options.ephemeral !== 'passed') return { kind: 'passedOver' };
  if (message.type !== 'ephemeral' && message.senderId !== peerIdOf(link.peer))
    throw malformed('another sender');
  if (
    'documentId' in message &&
    link.storms.storms(message.documentId, options.clock.monotonicMs())
  )
    return { kind: 'storm' };

  const verdict = options.inspect(message, link.peer);
  if (verdict !== 'unavailable') return { kind: 'handOn', message: verdict };
  // Only questions are answered: two ends that both refuse a document would answer each other for ever.
  if (message.type !== 'sync' && message.type !== 'request') return { kind: 'passedOver' };
  const answer: Message = {
    type: 'doc-unavailable',
    senderId: peerIdOf(me),
    targetId: peerIdOf(link.peer),
    documentId: message.documentId,
  };
  return { kind: 'answer', message: answer };
}

/** Own messages go from one till to the next and no further. */
export function checkOwnMessage(message: OwnMessage, link: Link, me: Principal): void {
  if (message.targetId !== peerIdOf(me)) throw malformed('another target');
  if (message.senderId !== peerIdOf(link.peer)) throw malformed('another sender');
}

const malformed = (why: string): TillmeshError => new TillmeshError('FRAME_MALFORMED', why);
