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
  const [plain, ...others] = plainOnly(message('sync', data));
  expect(others).toEqual([]);
  const left = plain?.data ?? new Uint8Array();
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
  expect(changesAfter(plainOnly(message('request', question))[0]?.data ?? question)).toBe(51);
});

it('other messages pass as they are', () => {
  const ephemeral = message('ephemeral', new Uint8Array([1]));
  expect(plainOnly(ephemeral)).toEqual([ephemeral]);
});

it('M9: what a peer lacks is sent in parts that no frame limit meets, and arrives whole', () => {
  let theirs = Automerge.init<{ notes: Uint8Array[] }>();
  theirs = Automerge.change(theirs, (doc) => {
    doc.notes = [];
  });
  for (let n = 0; n < 40; n += 1)
    theirs = Automerge.change(theirs, (doc) => {
      doc.notes.push(new Uint8Array(300_000).fill(n));
    });
  let ours = Automerge.init<{ notes: Uint8Array[] }>();
  let [state, question] = Automerge.generateSyncMessage(ours, Automerge.initSyncState());
  let answers = Automerge.initSyncState();
  let most = 0;
  for (let round = 0; question !== null && round < 5; round += 1) {
    for (const asked of plainOnly(message('sync', question)))
      [theirs, answers] = Automerge.receiveSyncMessage(theirs, answers, asked.data ?? question);
    let answer: Uint8Array | null;
    [answers, answer] = Automerge.generateSyncMessage(theirs, answers);
    for (const part of answer ? plainOnly(message('sync', answer)) : []) {
      most = Math.max(most, part.data?.length ?? 0);
      [ours, state] = Automerge.receiveSyncMessage(ours, state, part.data ?? new Uint8Array());
    }
    [state, question] = Automerge.generateSyncMessage(ours, state);
  }
  expect(ours.notes).toHaveLength(40);
  expect(Automerge.getHeads(ours)).toEqual(Automerge.getHeads(theirs));
  expect(most).toBeLessThan(2_500_000);
});
