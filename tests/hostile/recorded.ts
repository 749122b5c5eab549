/** Frames as an honest peer writes them, of every type: what the mutations start from. */
import * as Automerge from '@automerge/automerge';
import { cbor } from '@automerge/automerge-repo';
import type { DocumentId } from '@automerge/automerge-repo';
import type { EntryHash, JournalKey } from '#lib/domain/ids.ts';
import { attackerName, victimName } from './victim.ts';

export const joinFrame = (fields: Record<string, unknown> = {}): Uint8Array =>
  cbor.encode({
    type: 'join',
    senderId: attackerName,
    peerMetadata: { storageId: 'attacker', isEphemeral: false },
    supportedProtocolVersions: ['1'],
    instance: 'attacker-process',
    ...fields,
  });

const journal = 'S01/T2/00000000000000b2' as JournalKey;
const tip = { seq: 57, hash: 'A'.repeat(43) as EntryHash };

export function recordedFrames(document: DocumentId, known: Uint8Array): Uint8Array[] {
  const message = (type: string, fields: Record<string, unknown>): Uint8Array =>
    cbor.encode({ type, senderId: attackerName, targetId: victimName, ...fields });
  const before = Automerge.load<{ notes: string[] }>(known);
  const after = Automerge.change(before, (doc) => {
    doc.notes.push('forged');
  });
  const change = Automerge.getLastLocalChange(after);
  if (change === undefined) throw new Error('no change');
  const [, question] = Automerge.generateSyncMessage(before, Automerge.initSyncState());
  const [, greeting] = Automerge.generateSyncMessage(Automerge.init(), Automerge.initSyncState());
  const forged = Automerge.encodeSyncMessage({
    heads: Automerge.getHeads(after),
    need: [],
    have: [{ lastSync: [], bloom: new Uint8Array(0) }],
    changes: [change],
  });
  const frames = [
    joinFrame(),
    message('request', { documentId: document, data: greeting }),
    message('sync', { documentId: document, data: question }),
    message('sync', { documentId: document, data: forged }),
    message('sync', { documentId: '4NMNnkMhL8jXrdJ9jamS58PAVdXu', data: question }),
    message('doc-unavailable', { documentId: document }),
    message('ephemeral', {
      documentId: document,
      count: 1,
      sessionId: 'session',
      data: cbor.encode({ cursor: [1, 2] }),
    }),
    message('remote-subscription-change', { add: ['storage-1'], remove: [] }),
    message('remote-heads-changed', {
      documentId: document,
      newHeads: { 'storage-1': { heads: ['head'], timestamp: 1 } },
    }),
    message('tillmesh/presence', {
      instance: 'attacker-process',
      version: '0.1.0',
      clock: '0123456789abcdef',
      tips: { [journal]: { segment: 1, ...tip } },
      archived: { archive: 'main', generation: 1, tips: { [journal]: tip } },
    }),
    message('tillmesh/copies', { tips: { [journal]: tip } }),
    message('tillmesh/push', { document, journal, segment: 1, changes: [change] }),
    message('tillmesh/want', { journal, seq: 3, hash: tip.hash }),
    message('tillmesh/notices', { store: 'S01', changes: [change] }),
  ];
  // The encoder gives views into a buffer of its own; a mutation must not reach the next frame.
  return frames.map((frame) => new Uint8Array(frame));
}
