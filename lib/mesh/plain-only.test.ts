import * as Automerge from '@automerge/automerge';
import type { DecodedSyncMessage } from '@automerge/automerge';
import type { DocumentId, Message } from '@automerge/automerge-repo';
import { expect, it } from 'vitest';
import { plainOnly } from './plain-only.ts';
import { peerIdOf } from './protocol.ts';
import type { Principal } from '../domain/ids.ts';

const message = (type: string, data: Uint8Array): Message => ({
  type,
  senderId: peerIdOf('a' as Principal),
  targetId: peerIdOf('b' as Principal),
  documentId: 'x' as DocumentId,
  data,
});
const capabilities = (data: Uint8Array): unknown =>
  Reflect.get(Automerge.decodeSyncMessage(data), 'supportedCapabilities');

it('takes the capabilities out of what leaves, and nothing else', () => {
  const doc = Automerge.from({ notes: ['x'] });
  const [, data] = Automerge.generateSyncMessage(doc, Automerge.initSyncState());
  expect(data).not.toBeNull();
  if (data === null) return;
  expect(capabilities(data), 'the library still sends them').toBeDefined();
  const plain = plainOnly(message('sync', data));
  const left = plain.data ?? new Uint8Array();
  expect(capabilities(left)).toBeUndefined();
  const { heads, need, have, changes }: DecodedSyncMessage = Automerge.decodeSyncMessage(left);
  expect(Automerge.decodeSyncMessage(data)).toMatchObject({ heads, need, have, changes });
});

it('a peer that hears no capabilities sends single changes only', () => {
  let theirs = Automerge.init<{ notes: string[] }>();
  theirs = Automerge.change(theirs, (doc) => {
    doc.notes = [];
  });
  for (let n = 0; n < 50; n += 1)
    theirs = Automerge.change(theirs, (doc) => {
      doc.notes.push('note');
    });
  const [, question] = Automerge.generateSyncMessage(Automerge.init(), Automerge.initSyncState());
  const changesAfter = (data: Uint8Array): number => {
    const [, state] = Automerge.receiveSyncMessage(theirs, Automerge.initSyncState(), data);
    const [, answer] = Automerge.generateSyncMessage(theirs, state);
    return answer === null ? 0 : Automerge.decodeSyncMessage(answer).changes.length;
  };
  if (question === null) throw new Error('no question');
  expect(changesAfter(plainOnly(message('request', question)).data ?? question)).toBe(51);
});

it('other messages pass as they are', () => {
  const ephemeral = message('ephemeral', new Uint8Array([1]));
  expect(plainOnly(ephemeral)).toBe(ephemeral);
});
