/**
 * The journal's format as literal bytes. A test here that fails means: entries written by an earlier version, or by a
 * till that has not been updated, would no longer be read. Change the code, never these literals.
 */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { genesisOf } from '../documents/genesis.ts';
import { actorPrefixOf, documentIdOf, names } from '../documents/names.ts';
import {
  journalKeyOf,
  principalOf,
  type Hlc,
  type IncarnationId,
  type JournalKey,
  type StoreId,
  type TerminalId,
} from '../domain/ids.ts';
import { toHex } from './bytes.ts';
import { fits, readEntryChange, writeEntryChange, type ChangePlace } from './canonical-change.ts';
import type { UnsignedEntry } from './envelope.ts';
import { hash8Of, isSignedBy, readEntry, sealEntry } from './entry.ts';

/** RFC 8032 §7.1, test 1: known to the whole world, and so nobody's. */
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  format: 'der',
  type: 'pkcs8',
});
const signer = (message: Uint8Array) => new Uint8Array(sign(null, message, privateKey));
const publicKey = createPublicKey(privateKey);
const verifier = (message: Uint8Array, signature: Uint8Array) =>
  verify(null, message, publicKey, signature);

const identity = {
  store: 'S01' as StoreId,
  terminal: 'T1' as TerminalId,
  incarnation: '0123456789abcdef' as IncarnationId,
};
const name = names.journal(journalKeyOf(identity), 1);
const genesis = genesisOf(name, 'list');
const start: ChangePlace = { hash: genesis.hash, actor: genesis.actor, actorSeq: 1, op: 1 };
const actor = `${actorPrefixOf(principalOf(identity))}0000000000000001`;
const actorAfterRestart = `${actorPrefixOf(principalOf(identity))}0000000000000002`;

const common = { v: 1, ...identity, zone: 'Europe/London', by: 'ann' } as const;
const firstEntry: UnsignedEntry = {
  ...common,
  seq: 1,
  prev: '-',
  saw: {},
  at: '018bcfe568000000' as Hlc,
  wall: 1_700_000_000_000,
  command: 'begin-0123456789abcdef',
  type: 'IncarnationBegun',
  body: { chain: ['AA', 'AQ'], letter: 'A', reason: 'enrolled' },
  actor,
  dep: genesis.hash,
};
const first = sealEntry(firstEntry, signer);
const firstChange = writeEntryChange(first.bytes, actor, start, start);
const second = sealEntry(
  {
    ...common,
    seq: 2,
    prev: first.hash,
    saw: { ['S01/T2/00000000000000aa' as JournalKey]: [7, hash8Of(first.hash)] },
    at: '018bcfe568000001' as Hlc,
    wall: 1_700_000_000_250,
    command: 'sale-0001',
    type: 'SaleCompleted',
    body: { number: 'S01-T1A-S-1', totalMinor: 995, note: 'Käse “mild”\n' },
    actor: actorAfterRestart,
    dep: firstChange.place.hash,
  },
  signer,
);
const secondChange = writeEntryChange(second.bytes, actorAfterRestart, firstChange.place, start);

describe('frozen format 1', () => {
  it('D1, D2: a segment’s name gives its id and its genesis', () => {
    expect({
      name,
      id: documentIdOf(name),
      genesis: toHex(genesis.bytes),
      genesisHash: genesis.hash,
    }).toEqual({
      genesis:
        '856f4a8349e671870132001093cc80b43f2b0a66d9d36559df068088010100000005150934014202560270027f07656e7472696573017f027f007f00',
      genesisHash: '49e67187d71fdf2104da0fe9e1125f950dd99d6f98e88c652dfa28b134a20d70',
      id: 'tZK1npiLbAgnbuyesqLiHZtErch',
      name: 'journal/S01/T1/0123456789abcdef/1',
    });
  });

  it('J1, J2, J3: the bytes, the signature and the hash of an entry', () => {
    expect(new TextDecoder().decode(first.bytes)).toBe(
      '{"actor":"67f6c569037d46ce0000000000000001","at":"018bcfe568000000","body":{"chain":["AA","AQ"],"letter":"A","reason":"enrolled"},"by":"ann","command":"begin-0123456789abcdef","dep":"49e67187d71fdf2104da0fe9e1125f950dd99d6f98e88c652dfa28b134a20d70","incarnation":"0123456789abcdef","prev":"-","saw":{},"seq":1,"sig":"JOoRqfQibYXMRlEMsjMOwvd4dPDoHgioNMSK6wj7PPyb2kMdtLlQZDfDMnmPjzQFg6dH8MzOPeE1PAx01XJPBw","store":"S01","terminal":"T1","type":"IncarnationBegun","v":1,"wall":1700000000000,"zone":"Europe/London"}',
    );
    expect(first.hash).toBe('RK4T5NpUht3bBdwge_TqxfrTqJsTPaeeMpYgajjKNW4');
    expect(new TextDecoder().decode(second.bytes)).toBe(
      '{"actor":"67f6c569037d46ce0000000000000002","at":"018bcfe568000001","body":{"note":"Käse “mild”\\n","number":"S01-T1A-S-1","totalMinor":995},"by":"ann","command":"sale-0001","dep":"74bcd446014860c3ae179e5f06a4ae41fd675182e3d26a505a82b6384f9a5451","incarnation":"0123456789abcdef","prev":"RK4T5NpUht3bBdwge_TqxfrTqJsTPaeeMpYgajjKNW4","saw":{"S01/T2/00000000000000aa":[7,"RK4T5NpUht0"]},"seq":2,"sig":"sDNwv_3HFBpgWNuCSnOezDAiiVQMeyOsbRL_WTkwq8n53iFLw0p84xamEBarCIE3LuzsAaoo-ZM6u1wkGYNQBA","store":"S01","terminal":"T1","type":"SaleCompleted","v":1,"wall":1700000000250,"zone":"Europe/London"}',
    );
    expect(second.hash).toBe('RUoqv_jfTs3xasg5yCKgo2olx0drkaduNqBl-JTaTTg');
  });

  it('J5: the change that carries an entry, first in its segment and after a restart', () => {
    expect(headAndTail(firstChange.bytes, first.bytes)).toBe(
      '856f4a8374bcd44601e8040149e67187d71fdf2104da0fe9e1125f950dd99d6f98e88c652dfa28b134a20d701067f6c569037d46ce000000000000000101020000011093cc80b43f2b0a66d9d36559df0680880801020202130234024202560357ff0370027f017f017f0000017f017ff73f … 7f00',
    );
    expect(firstChange.place.hash).toBe(
      '74bcd446014860c3ae179e5f06a4ae41fd675182e3d26a505a82b6384f9a5451',
    );
    expect(headAndTail(secondChange.bytes, second.bytes)).toBe(
      '856f4a839ad2540001d1050174bcd446014860c3ae179e5f06a4ae41fd675182e3d26a505a82b6384f9a54511067f6c569037d46ce000000000000000201030000021067f6c569037d46ce00000000000000011093cc80b43f2b0a66d9d36559df06808809010202021102130234024202560357d30470027f027f017f017f0200017f017fb74a … 7f00',
    );
    expect(secondChange.place.hash).toBe(
      '9ad2540066db06da13a5a1a2e3786b7f3a0523cd87291eacd9d73c1f3a230296',
    );
  });

  it('J2, J5, J6: this version reads what it writes', () => {
    const one = readEntryChange(firstChange.bytes, start);
    const two = readEntryChange(secondChange.bytes, start);
    expect(fits(one, start, start) && fits(two, one.place, start)).toBe(true);
    for (const [change, entry] of [
      [one, first],
      [two, second],
    ] as const) {
      const read = readEntry(change.blob);
      expect(read).toEqual(entry);
      expect(isSignedBy(read, verifier)).toBe(true);
    }
  });
});

/** A change's bytes before and after the entry, which stands in it as it is. */
function headAndTail(change: Uint8Array, entry: Uint8Array): string {
  const hex = toHex(change);
  const parts = hex.split(toHex(entry));
  if (parts.length !== 2) throw new Error('the entry does not stand in its change');
  return parts.join(' … ');
}
