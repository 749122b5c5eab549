/** Frames of every type as an honest peer writes them in a session with a till or a relay: what mutations start from. */
import * as A from '@automerge/automerge';
import { cbor } from '@automerge/automerge-repo';
import { documentIdOf, names } from '#lib/documents/names.ts';
import type { Principal } from '#lib/domain/ids.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { DeskScribe } from './desk-scribe.ts';
import { rosterEntry, ruleOf, type Scribe } from './forgeries.ts';
import { joinFrame, message, syncData } from './intruder.ts';

export function sessionFrames(me: NewIncarnation, victim: Principal, theirs: Scribe): Uint8Array[] {
  const say = (type: string, fields: Readonly<Record<string, unknown>>) =>
    message(me.principal, victim, type, fields);
  const last = theirs.written.at(-1);
  if (!last) throw new Error('nothing was written');
  const { journal, id } = theirs;
  const changes = theirs.written.map(({ bytes }) => bytes);
  const tip = { seq: last.read.entry.seq, hash: last.read.hash };
  const doc = theirs.doc();
  const [, question] = A.generateSyncMessage(doc, A.initSyncState());
  const [, greeting] = A.generateSyncMessage(A.init(), A.initSyncState());
  const roster = rosterEntry(me);
  const catalog = ruleOf(names.catalog(3));
  // What is true of the next entry is known to its writer alone.
  const next = theirs.forge({ signer: me.signer });
  const desk = new DeskScribe(me);
  desk.open(2);
  const frames = [
    joinFrame(me.principal),
    say('request', { documentId: id, data: greeting }),
    say('sync', { documentId: id, data: question }),
    say('sync', { documentId: id, data: syncData(changes, A.getHeads(doc)) }),
    say('sync', { documentId: id, data: syncData([next.bytes], [next.place.hash]) }),
    say('sync', { documentId: roster.rule.id, data: syncData([roster.change]) }),
    say('sync', {
      documentId: desk.rule.id,
      data: syncData(desk.changes, [desk.place.hash]),
    }),
    say('request', { documentId: catalog.id, data: syncData([catalog.genesis.bytes]) }),
    say('sync', { documentId: documentIdOf(names.releases()), data: greeting }),
    say('doc-unavailable', { documentId: id }),
    say('ephemeral', {
      documentId: id,
      count: 1,
      sessionId: 'session',
      data: cbor.encode({ cursor: [1, 2] }),
    }),
    say('remote-subscription-change', { add: ['storage-1'], remove: [] }),
    say('remote-heads-changed', {
      documentId: id,
      newHeads: { 'storage-1': { heads: [last.place.hash], timestamp: 1 } },
    }),
    say('tillmesh/presence', {
      instance: 'attacker-process',
      version: '0.1.0',
      clock: last.read.entry.at,
      release: 1,
      tips: { [journal]: { segment: 1, ...tip } },
      archived: { archive: 'main', generation: 1, tips: { [journal]: tip } },
    }),
    say('tillmesh/copies', { tips: { [journal]: tip } }),
    say('tillmesh/push', { document: id, journal, segment: 1, changes }),
    say('tillmesh/push', { document: id, journal, segment: 1, changes: [next.bytes] }),
    say('tillmesh/want', { journal, seq: 1, hash: theirs.written[0]?.read.hash }),
  ];
  // The encoder gives views into a buffer of its own; a mutation must not reach the next frame.
  return frames.map((frame) => new Uint8Array(frame));
}
