import * as A from '@automerge/automerge';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ListDocument } from '../documents/genesis.ts';
import { actorPrefixOf, names } from '../documents/names.ts';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import { journalKeyOf, type JournalKey, type StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import { splitMessage, withMessage } from '../journal/change-message.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { signChange } from '../trust/signed-change.ts';
import { sealRecord, type RecordFields } from '../trust/signed-record.ts';
import { rosterRecord } from './keyring.ts';
import { rosterChange } from './roster-change.ts';
import { sampleLetter } from './sample-head-office.ts';
import { SampleReplica } from './sample-replica.ts';
import { signedEdit } from './signed-edit.ts';

const store = 'S01' as StoreId;
let company: SampleCompany;
let till: NewIncarnation;
let peer: NewIncarnation;
let relay: NewIncarnation;
let otherStore: NewIncarnation;
let stranger: NewIncarnation;
let peerJournal: JournalKey;
beforeAll(async () => {
  company = await SampleCompany.create('records');
  till = await company.incarnation('S01', 'T1');
  peer = await company.incarnation('S01', 'T2');
  relay = await company.incarnation('HQ', 'HQ1');
  otherStore = await company.incarnation('S02', 'T1');
  stranger = await (await SampleCompany.create('stranger')).incarnation('S01', 'T2');
  peerJournal = journalKeyOf(peer.identity);
});

let here: SampleReplica;
beforeEach(() => {
  here = new SampleReplica({ company, me: till });
  here.registry.learnJournal(peerJournal, 0);
});

const sealedBy = (who: NewIncarnation, list: string, fields: RecordFields = {}) =>
  sealRecord(
    list,
    { ...rosterRecord(who.chain, sampleLetter), ...fields },
    who.principal,
    who.signer,
  );

type Edit = (doc: ListDocument) => void;
const actorOf = (who: NewIncarnation, life = '1') =>
  actorPrefixOf(who.principal) + life.repeat(16).slice(0, 16);

/** A document of the list as somebody else has it, and the changes of his that do this to it. */
function elsewhere(name: string, who: NewIncarnation, edits: readonly Edit[]): Uint8Array[] {
  let doc = A.load<ListDocument>(here.list(name).genesis.bytes, { actor: actorOf(who) });
  return edits.map((edit) => {
    const change = signedEdit(doc, name, who.signer, edit);
    doc = A.applyChanges(doc, [change])[0];
    return change;
  });
}
/** The change that brings a record into a list, as its writer makes it. */
const appended = (name: string, list: string, who: NewIncarnation, record: Uint8Array) =>
  list === 'roster'
    ? rosterChange(here.list(name), record, actorPrefixOf(who.principal))
    : elsewhere(name, who, [append(record)])[0];
const append =
  (bytes: Uint8Array): Edit =>
  (doc) => {
    doc.entries.push(bytes);
  };

function codeOf(name: string, change: Uint8Array): ErrorCode | 'taken' {
  try {
    here.records.check(here.list(name), change);
    return 'taken';
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
}

describe('lists of signed records: who may append', () => {
  it.each<[string, () => NewIncarnation, string, ErrorCode | 'taken']>([
    ['a till of the store', () => peer, 'roster', 'taken'],
    ['a relay', () => relay, 'roster', 'taken'],
    ['a till of another store', () => otherStore, 'roster', 'NOT_THE_WRITER'],
    ['a stranger', () => stranger, 'roster', 'ENTRY_FORGED'],
    ['a stranger', () => stranger, 'status', 'ENTRY_FORGED'],
    ['a relay', () => relay, 'status', 'taken'],
    ['a till', () => peer, 'status', 'NOT_THE_WRITER'],
    ['a relay', () => relay, 'notices', 'taken'],
    ['a till', () => peer, 'notices', 'NOT_THE_WRITER'],
    ['a relay', () => relay, 'releases', 'taken'],
    ['a till', () => peer, 'releases', 'NOT_THE_WRITER'],
    ['the till whose journal it is', () => peer, 'inventory', 'taken'],
    ['another till of the store', () => till, 'inventory', 'NOT_THE_WRITER'],
    ['a relay', () => relay, 'inventory', 'NOT_THE_WRITER'],
  ])('P7, T3: %s (%#) appends to %s', (_, who, list, expected) => {
    const name = nameOf(list);
    const change = appended(name, list, who(), sealedBy(who(), list));
    expect(codeOf(name, change ?? new Uint8Array())).toBe(expected);
  });
  const nameOf = (list: string): string =>
    list === 'releases'
      ? names.releases()
      : list === 'inventory'
        ? names.inventory(peerJournal)
        : `${list}/${store}`;
});

describe('lists of signed records: only inserts', () => {
  let name: string;
  const list = 'inventory';
  beforeEach(() => {
    name = names.inventory(peerJournal);
  });

  it('D4: takes inserts, also several in one change, and the genesis', () => {
    const [both] = elsewhere(name, peer, [
      (doc) => {
        doc.entries.push(sealedBy(peer, list), sealedBy(peer, list, { more: 1 }));
      },
    ]);
    expect(codeOf(name, both ?? new Uint8Array())).toBe('taken');
    expect(codeOf(name, here.list(name).genesis.bytes)).toBe('taken');
  });

  it.each<[string, Edit]>([
    ['takes one out', (doc) => void doc.entries.splice(0, 1)],
    ['puts another in its place', (doc) => void (doc.entries[0] = sealedBy(peer, list, { n: 2 }))],
    ['empties the list', (doc) => void (doc.entries = [])],
    ['adds a field beside it', (doc) => void Object.assign(doc, { other: 1 })],
    ['inserts a text', (doc) => void doc.entries.push('text' as unknown as Uint8Array)],
    ['inserts a number', (doc) => void doc.entries.push(7 as unknown as Uint8Array)],
    ['inserts a date', (doc) => void doc.entries.push(new Date(0) as unknown as Uint8Array)],
    ['inserts a list', (doc) => void doc.entries.push([1, 2] as unknown as Uint8Array)],
    ['deletes the list', (doc) => void delete (doc as Partial<ListDocument>).entries],
  ])('D4: refuses a change that %s', (_, edit) => {
    const [first, second] = elsewhere(name, peer, [append(sealedBy(peer, list)), edit]);
    expect(codeOf(name, first ?? new Uint8Array())).toBe('taken');
    expect(codeOf(name, second ?? new Uint8Array())).toBe('CHANGE_NOT_CANONICAL');
  });

  it('T4: refuses a record that was edited, is of another kind, or is wrapped by another', () => {
    const bytes = sealedBy(peer, list, { note: 'one' });
    const edited = new TextEncoder().encode(new TextDecoder().decode(bytes).replace('one', 'two'));
    const cases: [NewIncarnation, Uint8Array, ErrorCode][] = [
      [peer, edited, 'ENTRY_FORGED'],
      [peer, sealedBy(peer, 'roster'), 'ENTRY_FORGED'],
      [till, bytes, 'NOT_THE_WRITER'],
      [peer, Uint8Array.of(1, 2, 3), 'ENTRY_MALFORMED'],
      [peer, new Uint8Array(limits.recordBytes + 1), 'OVER_LIMIT'],
      // Signed by one, with the chain of another.
      [
        peer,
        sealRecord(list, rosterRecord(peer.chain, sampleLetter), peer.principal, till.signer),
        'ENTRY_FORGED',
      ],
      [
        peer,
        sealRecord(list, rosterRecord(peer.chain, sampleLetter), till.principal, peer.signer),
        'ENTRY_FORGED',
      ],
    ];
    for (const [who, record, code] of cases) {
      const [change] = elsewhere(name, who, [append(record)]);
      expect(codeOf(name, change ?? new Uint8Array())).toBe(code);
    }
  });
});

describe('lists of signed records: the change around a record', () => {
  it('D4: a change is signed as a whole: another actor, seq or operation around a genuine record is a forgery', () => {
    const name = names.inventory(peerJournal);
    const record = sealedBy(peer, 'inventory');
    const forger = A.load<ListDocument>(here.list(name).genesis.bytes, { actor: actorOf(peer) });
    const unsigned = A.getLastLocalChange(A.change(forger, { time: 0 }, append(record)));
    expect(codeOf(name, unsigned ?? new Uint8Array())).toBe('ENTRY_MALFORMED');
    const [genuine = new Uint8Array()] = elsewhere(name, peer, [append(record)]);
    const forged = withMessage(
      unsigned ?? new Uint8Array(),
      splitMessage(signedEdit(forger, name, till.signer, append(record))).message,
    );
    expect(codeOf(name, forged)).toBe('ENTRY_FORGED');
    expect(codeOf(name, genuine)).toBe('taken');
    expect(codeOf(names.roster(store), genuine)).toBe('CHANGE_NOT_CANONICAL');
  });

  it('D4: a change that appends nothing is refused, whoever signed it', () => {
    const name = names.inventory(peerJournal);
    const doc = A.load<ListDocument>(here.list(name).genesis.bytes, { actor: actorOf(peer) });
    const empty = A.getLastLocalChange(A.emptyChange(doc, { time: 0 })) ?? new Uint8Array();
    expect(codeOf(name, signChange(empty, name, peer.signer))).toBe('CHANGE_NOT_CANONICAL');
  });

  it('D4: a roster’s change is determined by its record', () => {
    const name = names.roster(store);
    const record = sealedBy(peer, 'roster');
    const genuine = appended(name, 'roster', peer, record) ?? new Uint8Array();
    expect(codeOf(name, genuine)).toBe('taken');
    const [ownActor = new Uint8Array()] = elsewhere(name, peer, [append(record)]);
    expect(codeOf(name, ownActor)).toBe('CHANGE_NOT_CANONICAL');
    expect(codeOf(name, withMessage(genuine, 'x'))).toBe('CHANGE_NOT_CANONICAL');
    const other = rosterChange(here.list(name), record, actorPrefixOf(till.principal));
    expect(codeOf(name, other)).toBe('CHANGE_NOT_CANONICAL');
  });
});

describe('lists of signed records: telling', () => {
  const name = names.roster(store);

  it('tells what is there and what comes, each record once', async () => {
    await here.merge(name, elsewhere(name, peer, [append(sealedBy(peer, 'roster'))]));
    const rule = await here.openList(name);
    await here.openList(name);
    expect(here.told.map(({ by }) => by.principal)).toEqual([peer.principal]);
    here.records.append(rule, { hello: 'here' });
    expect(here.told.map(({ fields }) => fields['hello'])).toEqual([undefined, 'here']);
    // The same record by another road is the same record.
    await here.merge(name, elsewhere(name, { ...peer }, [append(sealedBy(peer, 'roster'))]));
    const again = elsewhere(name, relay, [append(sealedBy(peer, 'roster'))]);
    await here.merge(name, again);
    expect(here.told).toHaveLength(2);
    expect(here.records.records(rule)).toHaveLength(2);
  });

  it('P7: a record that merged all the same and does not count is kept, reported, never obeyed', async () => {
    const releases = names.releases();
    const rule = await here.openList(releases);
    await here.merge(
      releases,
      elsewhere(releases, peer, [append(sealedBy(peer, 'releases', { n: 9 }))]),
    );
    expect(here.told).toEqual([]);
    expect(here.records.records(rule)).toEqual([]);
    expect(here.invalid).toHaveLength(1);
  });

  it('a list that is not open is not written', () => {
    expect(() => here.records.append(here.list(name), {})).toThrow(
      expect.toSatisfy((error) => isTillmeshError(error, 'INVARIANT')),
    );
  });
});
