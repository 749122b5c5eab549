/**
 * Outbound: without capabilities in our messages every honest peer, the published client too, answers with single
 * changes only; a guard then needs to know no whole documents and no bundles.
 */
import { decodeSyncMessage, encodeSyncMessage } from '@automerge/automerge';
import type { DecodedSyncMessage } from '@automerge/automerge';
import type { Message } from '@automerge/automerge-repo';
import { limits } from '../domain/limits.ts';

/**
 * The same message, without `supportedCapabilities`, in parts that no receiver takes for hostile: Automerge puts all that a
 * peer lacks into one message, and ninety large sales are more than a frame may hold. Others pass as they are.
 */
export function plainOnly(message: Message): Message[] {
  if (message.type !== 'sync' && message.type !== 'request') return [message];
  if (message.data === undefined) return [message];
  const decoded: DecodedSyncMessage & { supportedCapabilities?: unknown } = decodeSyncMessage(
    message.data,
  );
  const { heads, need, have, changes } = decoded;
  const parts = partsOf(changes);
  if (decoded.supportedCapabilities === undefined && parts.length < 2) return [message];
  // Heads without their changes are no lie: what is missing is asked for, and is on its way.
  return (parts.length === 0 ? [[]] : parts).map((part) => ({
    ...message,
    data: encodeSyncMessage({ heads, need, have, changes: part }),
  }));
}

/** In order, because a change may follow the one before it. */
function partsOf(changes: readonly Uint8Array[]): Uint8Array[][] {
  const parts: Uint8Array[][] = [];
  let bytes = 0;
  for (const change of changes) {
    const part = parts.at(-1);
    const fits = bytes + change.length <= limits.syncPartBytes;
    if (part && fits && part.length < limits.changesPerPush) {
      part.push(change);
      bytes += change.length;
    } else {
      parts.push([change]);
      bytes = change.length;
    }
  }
  return parts;
}
