import * as A from '@automerge/automerge';
import type { Message } from '@automerge/automerge-repo';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MapDocument } from '../documents/genesis.ts';
import { documentIdOf, names } from '../documents/names.ts';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import { journalKeyOf, principalOf, type Principal, type StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { concatBytes } from '../journal/bytes.ts';
import { encodeCanonical } from '../journal/canonical-json.ts';
import {
  readEntryChange,
  writeEntryChange,
  frameChange,
  unsigned,
} from '../journal/canonical-change.ts';
import { readEntry } from '../journal/entry.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { ContinuedElsewhere } from './guard.ts';
import { rosterRecord } from './keyring.ts';
import { SampleHeadOffice, sampleLetter } from './sample-head-office.ts';
import { SampleReplica, syncMessage } from './sample-replica.ts';
import { signedEdit } from './signed-edit.ts';

let company: SampleCompany;
let till: NewIncarnation;
let peer: NewIncarnation;
let relay: NewIncarnation;
let stranger: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('guard');
  till = await company.incarnation('S01', 'T1');
  peer = await company.incarnation('S01', 'T2');
  relay = await company.incarnation('HQ', 'HQ1');
  stranger = await company.incarnation('S01', 'T3');
});

let here: SampleReplica;
let there: SampleReplica;
beforeEach(() => {
  here = new SampleReplica({ company, me: till });
  there = new SampleReplica({ company, me: peer });
  here.meet(peer);
  for (let n = 1; n <= 3; n++) write(there, n);
});

const write = (replica: SampleReplica, n: number) =>
  replica.own.append({ type: 'SaleCompleted', body: { n }, command: `command-${n}`, by: 'ann' });
const changesOf = (replica: SampleReplica) =>
  replica.arrivals.flatMap((arrival) => [...arrival.changes]);
const segmentOf = (who: NewIncarnation, n = 1) => names.journal(journalKeyOf(who.identity), n);

function message(name: string, data: Uint8Array, type = 'sync'): Message {
  return { type, documentId: documentIdOf(name), data, senderId: 'x', targetId: 'y' } as Message;
}

/** What becomes of changes from a peer: taken whole, answered "unavailable", or the link is closed with a code. */
function outcome(
  replica: SampleReplica,
  name: string,
  changes: readonly Uint8Array[],
  from: Principal = peer.principal,
): 'taken' | 'unavailable' | ErrorCode {
  const given = message(name, syncMessage(changes));
  try {
    const answer = replica.guard.inspect(given, from);
    if (answer === 'unavailable') return answer;
    expect(answer).toBe(given);
    return 'taken';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}

/** The change with its entry altered, framed anew: what a peer with an editor could send. */
function altered(change: Uint8Array, edit: (fields: object) => object): Uint8Array {
  const segment = there.registry.journalRule(journalKeyOf(peer.identity), 1);
  if (!segment) throw new Error('no segment');
  const start = { hash: segment.genesis.hash, actor: segment.genesis.actor, actorSeq: 1, op: 1 };
  const { blob, place } = readEntryChange(change, start);
  const bytes = encodeCanonical(edit(readEntry(blob).entry));
  return writeEntryChange(bytes, place.actor, start, start).bytes;
}

describe('guard: taken', () => {
  it('P1: entries that pass are on disk and told before the repo has them', () => {
    expect(outcome(here, segmentOf(peer), changesOf(there))).toBe('taken');
    expect(here.arrivals.flatMap(({ entries }) => entries.map(({ hash }) => hash))).toEqual(
      there.arrivals.flatMap(({ entries }) => entries.map(({ hash }) => hash)),
    );
    const path = `/data/journals/${journalKeyOf(peer.identity)}/1.changes`;
    expect(here.disk.read(path)).toEqual(there.disk.read(path));
    here.disk.crash();
    expect(here.disk.read(path)).toEqual(there.disk.read(path));
  });

  it('what is known already is taken and told no second time', () => {
    outcome(here, segmentOf(peer), changesOf(there));
    expect(outcome(here, segmentOf(peer), changesOf(there))).toBe('taken');
    expect(here.arrivals).toHaveLength(1);
  });

  it('J8: what comes before its predecessor waits, and is told when that is here', () => {
    const [first, ...later] = changesOf(there);
    if (!first) throw new Error('no change');
    expect(outcome(here, segmentOf(peer), later)).toBe('taken');
    expect(here.arrivals).toHaveLength(0);
    expect(outcome(here, segmentOf(peer), [first])).toBe('taken');
    expect(here.arrivals.flatMap(({ entries }) => entries.map((one) => one.entry.seq))).toEqual([
      1, 2, 3,
    ]);
  });

  it('messages without changes, and those of other kinds, pass as they are', () => {
    expect(outcome(here, segmentOf(peer), [])).toBe('taken');
    const gossip = message(segmentOf(peer), Uint8Array.of(1, 2, 3), 'ephemeral');
    expect(here.guard.inspect(gossip, peer.principal)).toBe(gossip);
  });
});

describe('guard: unavailable', () => {
  it('answers for documents that cannot be, are of another store, or have no known writer, and closes no link', () => {
    const other = journalKeyOf({ ...peer.identity, store: 'S02' as StoreId });
    here.registry.learnStore('S02' as StoreId);
    here.registry.learnJournal(other, 0);
    here.registry.learnJournal(journalKeyOf(stranger.identity), 0);
    for (const name of [
      'journal/S01/T9/0123456789abcdef/1',
      segmentOf(peer, 2),
      'no document at all',
      names.journal(other, 1),
      names.roster('S02' as StoreId),
      segmentOf(stranger),
    ])
      expect([name, outcome(here, name, changesOf(there))]).toEqual([name, 'unavailable']);
    for (const broken of [{ data: undefined }, { documentId: undefined }])
      expect(
        here.guard.inspect(
          Object.assign(message(segmentOf(peer), Uint8Array.of(1)), broken),
          peer.principal,
        ),
      ).toBe('unavailable');
    expect(here.arrivals).toHaveLength(0);
  });

  it.each<[string, () => Principal, string, boolean]>([
    ['a till of the store', () => peer.principal, 'roster/S01', true],
    ['a till of the store', () => peer.principal, 'notices/S01', true],
    ['a till of the store', () => peer.principal, 'roster/S02', false],
    ['a till of the store', () => peer.principal, 'releases', true],
    ['a till of the store', () => peer.principal, 'org', true],
    ['a till of the store', () => peer.principal, 'catalog/3', true],
    ['a till of another store', () => otherStore(), 'roster/S01', false],
    ['a till of another store', () => otherStore(), 'releases', true],
    ['a till of another store', () => otherStore(), 'own journal', false],
    ['a relay', () => relay.principal, 'roster/S02', true],
    ['a relay', () => relay.principal, 'own journal', true],
  ])('%s (%#) may share %s', (_, who, name, expected) => {
    here.registry.learnStore('S02' as StoreId);
    here.registry.learnJournal(journalKeyOf(till.identity), 0);
    const rule = here.registry.rule(documentIdOf(name === 'own journal' ? segmentOf(till) : name));
    if (!rule) throw new Error(name);
    expect(here.guard.mayShare(who(), rule)).toBe(expected);
  });
  const otherStore = () => principalOf({ ...peer.identity, store: 'S02' as StoreId });
});

describe('guard: hostile', () => {
  it('J6, J7: journals take nothing but canonical changes signed by their writer', () => {
    const [change] = changesOf(there);
    if (!change) throw new Error('no change');
    const strangerSide = new SampleReplica({ company, me: stranger });
    write(strangerSide, 1);
    const flipped = change.slice();
    flipped[40] = (flipped[40] ?? 0) ^ 1;
    const cases: [string, Uint8Array, ErrorCode][] = [
      ['a flipped bit', flipped, 'CHANGE_NOT_CANONICAL'],
      ['half a change', change.subarray(0, 90), 'CHANGE_NOT_CANONICAL'],
      [
        'another amount',
        altered(change, (entry) => ({ ...entry, body: { n: 2 } })),
        'ENTRY_FORGED',
      ],
      ['no entry', altered(change, () => ({ hello: 1 })), 'ENTRY_MALFORMED'],
      ['an entry of another journal', changesOf(strangerSide)[0] ?? change, 'CHANGE_NOT_CANONICAL'],
    ];
    for (const [what, bytes, code] of cases)
      expect([what, outcome(here, segmentOf(peer), [bytes])]).toEqual([what, code]);
    expect(here.arrivals).toHaveLength(0);
    expect(outcome(here, segmentOf(peer), [change])).toBe('taken');
  });

  it('one bad change in a message and nothing of it is taken', () => {
    const [first, second] = changesOf(there);
    if (!first || !second) throw new Error('no change');
    const bad = altered(first, (entry) => ({ ...entry, by: 'eve' }));
    expect(outcome(here, segmentOf(peer), [first, bad, second])).toBe('ENTRY_FORGED');
    expect(here.journals.tip(journalKeyOf(peer.identity)).seq).toBe(0);
  });

  it('messages that are none, and messages without measure', () => {
    const garbage = message(segmentOf(peer), Uint8Array.of(0xff, 1, 2, 3));
    expect(() => here.guard.inspect(garbage, peer.principal)).toThrow(
      expect.toSatisfy((error) => isTillmeshError(error, 'FRAME_MALFORMED')),
    );
    const [tiny] = changesOf(there);
    const many = Array.from(
      { length: limits.changesPerMessage + 1 },
      () => tiny ?? new Uint8Array(),
    );
    expect(outcome(here, segmentOf(peer), many)).toBe('OVER_LIMIT');
  });

  it('D5: a run-length bomb is refused before it is expanded, in whatever document', () => {
    const million = [0xc0, 0x84, 0x3d];
    const columns: [number, number[]][] = [
      [0x42, [...million, 0]],
      [0x34, million],
    ];
    const body = Uint8Array.from([
      ...[0, 16, ...Array.from({ length: 16 }, () => 7), 1, 1, 0, 0, 0, columns.length],
      ...columns.flatMap(([column, data]) => [column, ...unsigned(data.length)]),
      ...columns.flatMap(([, data]) => data),
    ]);
    const bomb = frameChange(body, { actor: '07'.repeat(16), actorSeq: 1, op: 1 }).bytes;
    for (const name of [
      names.org(),
      names.catalog(0),
      names.releases(),
      names.roster('S01' as StoreId),
    ])
      expect([name, outcome(here, name, [bomb])]).toEqual([name, 'OVER_LIMIT']);
    expect(outcome(here, segmentOf(peer), [bomb])).toBe('CHANGE_NOT_CANONICAL');
  });

  it('whole documents, compressed changes and several changes in one are refused', () => {
    const doc = A.from<MapDocument>({ records: {} });
    const change = A.getLastLocalChange(doc) ?? new Uint8Array();
    for (const bytes of [A.save(doc), concatBytes([change, change]), Uint8Array.of(0x85, 0x6f)])
      expect(outcome(here, names.org(), [bytes])).toBe('CHANGE_NOT_CANONICAL');
  });
});

describe('guard: HQ’s documents', () => {
  it('P7: only what HQ signed is taken, and that from whoever carries it', () => {
    const office = new SampleHeadOffice(relay);
    const change = office.write(names.org(), { 'settings/S01': { currency: 'EUR' } });
    const atHq = new SampleReplica({ company, me: relay });
    const { genesis } = office.rule(names.org());
    const forger = A.load<MapDocument>(genesis.bytes, { actor: A.decodeChange(change).actor });
    const edit = (doc: MapDocument): void => {
      doc.records['settings/S01'] = new Uint8Array([1]);
    };
    const unsigned =
      A.getLastLocalChange(A.change(A.clone(forger), { time: 0 }, edit)) ?? new Uint8Array();
    const chainOf = (who: NewIncarnation) => rosterRecord(who.chain, sampleLetter);
    const signed = (who: NewIncarnation, chain: NewIncarnation) =>
      signedEdit(forger, names.org(), who.signer, edit, chainOf(chain));
    for (const replica of [here, atHq]) {
      const of = (bytes: Uint8Array) => outcome(replica, names.org(), [bytes], peer.principal);
      expect(of(change)).toBe('taken');
      expect(of(genesis.bytes)).toBe('taken');
      expect(of(unsigned)).toBe('ENTRY_MALFORMED');
      expect(of(signed(peer, peer))).toBe('NOT_THE_WRITER');
      expect(of(signed(peer, relay))).toBe('ENTRY_FORGED');
      const elsewhere = signedEdit(forger, names.catalog(0), relay.signer, edit, chainOf(relay));
      expect(of(elsewhere)).toBe('ENTRY_FORGED');
    }
  });
});

describe('guard: the live journal', () => {
  it('P3: an own entry that this process did not write is not hostile, is not taken, and ends this life', () => {
    const { own } = here;
    write(here, 1);
    // The same incarnation on another machine, from the same beginning.
    const copy = new SampleReplica({ company, me: till });
    const path = `/data/journals/${own.key}/1.changes`;
    copy.disk.plant(path, here.disk.read(path) ?? new Uint8Array());
    copy.journals.start(() => undefined);
    write(copy, 2);
    const foreign = changesOf(copy);
    const before = here.disk.read(path);
    const given = message(segmentOf(till), syncMessage(foreign));
    expect(() => here.guard.inspect(given, peer.principal)).toThrow(ContinuedElsewhere);
    expect(here.elsewhere.map(({ read }) => read.entry.seq)).toEqual([2]);
    expect(here.disk.read(path)).toEqual(before);
    expect(here.journals.tip(own.key).seq).toBe(1);
    // What it wrote itself may come back as often as it likes.
    expect(outcome(here, segmentOf(till), changesOf(here))).toBe('taken');
    expect(here.elsewhere).toHaveLength(1);
  });
});
