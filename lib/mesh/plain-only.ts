/**
 * Outbound: without capabilities in our messages every honest peer, the published client too, answers with single
 * changes only; a guard then needs to know no whole documents and no bundles.
 */
import { decodeSyncMessage, encodeSyncMessage } from '@automerge/automerge';
import type { DecodedSyncMessage } from '@automerge/automerge';
import type { Message } from '@automerge/automerge-repo';

/** The same message, without `supportedCapabilities`. Others pass as they are. */
export function plainOnly(message: Message): Message {
  if (message.type !== 'sync' && message.type !== 'request') return message;
  if (message.data === undefined) return message;
  const decoded: DecodedSyncMessage & { supportedCapabilities?: unknown } = decodeSyncMessage(
    message.data,
  );
  if (decoded.supportedCapabilities === undefined) return message;
  const { heads, need, have, changes } = decoded;
  return { ...message, data: encodeSyncMessage({ heads, need, have, changes }) };
}
