/**
 * Bytes of a link to messages and back. What comes out of `decodeFrame` has exactly the shape that it says;
 * anything else throws, and whoever catches it closes the link.
 */
import { cbor } from '@automerge/automerge-repo';
import { TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { scanCbor } from './cbor-scan.ts';
import { shapes } from './protocol.ts';
import type { Frame, MessageType, WireMessage } from './protocol.ts';

export const encodeFrame = (message: WireMessage): Uint8Array => cbor.encode(message);

/** Throws FRAME_MALFORMED or OVER_LIMIT. The detail names the type and the field, never what was in it. */
export function decodeFrame(bytes: Uint8Array): Frame {
  if (bytes.length === 0) throw new TillmeshError('FRAME_MALFORMED', 'empty');
  if (bytes.length > limits.frameBytes) throw new TillmeshError('OVER_LIMIT', 'frame');
  scanCbor(bytes, { depth: limits.frameDepth, items: limits.frameItems });

  const value = decodeValue(bytes);
  if (typeof value !== 'object' || value === null || !('type' in value))
    throw new TillmeshError('FRAME_MALFORMED', 'no type');
  const { type } = value;
  if (typeof type !== 'string') throw new TillmeshError('FRAME_MALFORMED', 'type is no text');
  if (!isMessageType(type)) return { kind: 'unknown', type: printable(type) };
  return shaped(type, value);
}

function decodeValue(bytes: Uint8Array): unknown {
  try {
    return cbor.decode(bytes);
  } catch (error) {
    throw new TillmeshError('FRAME_MALFORMED', 'not CBOR', { cause: error });
  }
}

const isMessageType = (type: string): type is MessageType => Object.hasOwn(shapes, type);

function shaped(type: MessageType, value: object): Frame {
  const read = shapes[type].safeParse(value);
  if (!read.success) {
    const field = read.error.issues[0]?.path[0];
    throw new TillmeshError('FRAME_MALFORMED', `${type}: ${printable(String(field ?? 'shape'))}`);
  }
  const message = read.data;
  switch (message.type) {
    case 'join':
    case 'peer':
    case 'error':
      return { kind: 'greeting', message };
    case 'tillmesh/presence':
    case 'tillmesh/copies':
    case 'tillmesh/push':
    case 'tillmesh/want':
    case 'tillmesh/notices':
      return { kind: 'own', message };
    case 'ephemeral':
      // automerge-repo decodes these bytes with the same decoder, unguarded.
      scanCbor(message.data, { depth: limits.frameDepth, items: limits.frameItems });
      return { kind: 'repo', message };
    case 'sync':
    case 'request':
    case 'doc-unavailable':
    case 'remote-subscription-change':
    case 'remote-heads-changed':
      return { kind: 'repo', message };
  }
}

/** For events and logs: a foreign name, cut and without anything that a terminal would obey. */
export const printable = (text: string): string => text.slice(0, 40).replace(/[^ -~]/g, '?');
