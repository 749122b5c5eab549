import * as A from '@automerge/automerge';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ListDocument } from '../documents/genesis.ts';
import { actorOf, names } from '../documents/names.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { journalKeyOf, type Principal, type StoreId } from '../domain/ids.ts';
import { limits } from '../domain/limits.ts';
import type { Notices } from '../mesh/protocol.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany, type SampleTerminal } from '../trust/sample-company.ts';
import { sealRecord, type RecordFields } from '../trust/signed-record.ts';
import { rosterRecord } from './keyring.ts';
import type { ReplicaEvent } from './replica-options.ts';
import { Revocations } from './revocations.ts';
import { SampleHeadOffice, sampleLetter } from './sample-head-office.ts';
import { SampleReplica } from './sample-replica.ts';
import { signedEdit } from './signed-edit.ts';

const store = 'S01' as StoreId;
const name = names.notices(store);
let company: SampleCompany;
let till: NewIncarnation;
let relay: NewIncarnation;
let lostTerminal: SampleTerminal;
let lost: NewIncarnation;
let stranger: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('revocations');
  till = await company.incarnation('S01', 'T1');
  relay = await company.incarnation('HQ', 'HQ1');
  lostTerminal = await company.terminal('S01', 'T2');
  lost = await company.incarnationOf(lostTerminal);
  stranger = await (await SampleCompany.create('stranger')).incarnation('HQ', 'HQ1');
});

let here: SampleReplica;
let office: SampleHeadOffice;
let revocations: Revocations;
let changed: (readonly Principal[])[];
let stored: StoreId[];
let events: ReplicaEvent[];

function open(me: NewIncarnation, disk?: SampleReplica['disk']): void {
  here = new SampleReplica({ company, me, ...(disk && { disk }) });
  // Of this replica alone: one of the test before may still be at its last flush.
  const told: typeof stored = [];
  [changed, stored, events] = [[], told, []];
  const { keyring, registry, records, documents } = here;
  revocations = new Revocations({
    me: keyring.learn(me.chain, sampleLetter),
    keyring,
    registry,
    records,
    documents,
    onChange: (revoked) => changed.push(revoked),
    onStored: (of) => told.push(of),
    onEvent: (event) => events.push(event),
  });
}
beforeEach(() => {
  open(till);
  office = new SampleHeadOffice(relay, here.registry);
});

/** What the replica does with records that its lists tell. */
function learnAll(): void {
  for (const record of here.told.splice(0)) revocations.learn(record);
}
const keyOf = (who: NewIncarnation): string =>
  here.keyring.read(rosterRecord(who.chain, sampleLetter)).verified.terminalKey;

const fieldsFor = (who: NewIncarnation, more: RecordFields = {}): RecordFields => ({
  type: 'revocation',
  store,
  terminal: who.identity.terminal,
  terminalKey: keyOf(who),
  reason: 'stolen',
  tips: {},
  at: '0000000000000100',
  ...more,
});
async function revoke(who: NewIncarnation, more: RecordFields = {}): Promise<void> {
  await here.openList(name);
  await here.merge(name, [office.append(name, fieldsFor(who, more))]);
  learnAll();
}
const peer = ({ principal }: NewIncarnation, terminalKey: string) => ({ principal, terminalKey });

describe('revocations', () => {
  it('N9: are in force with the record, for any life of the key, and for nobody else', async () => {
    const key = keyOf(lost);
    expect(revocations.refusalOf(peer(lost, key))).toBeUndefined();
    await revoke(lost);
    expect(revocations.refusalOf(peer(lost, key))).toBeDefined();
    const another = await company.incarnationOf(lostTerminal);
    expect(revocations.refusalOf(peer(another, keyOf(another)))).toBeDefined();
    const replacement = await company.incarnation('S01', 'T2');
    expect(revocations.refusalOf(peer(replacement, keyOf(replacement)))).toBeUndefined();
    // The name of a replacement under the old key is the old key's.
    expect(revocations.refusalOf(peer(replacement, key))).toBeDefined();
    expect(revocations.refusalOf(peer(till, keyOf(till)))).toBeUndefined();
    expect(events).toMatchObject([
      { kind: 'revoked', terminal: 'S01-T2', terminalKey: key, reason: 'stolen', own: false },
    ]);
  });

  it('N9: a thief’s till takes along whom it let in; one that was replaced does not', async () => {
    const key = keyOf(lost);
    const enrolled = { identity: { store }, terminalKey: 'a'.repeat(64), issuerKeys: [key, 'b'] };
    await revoke(lost, { reason: 'replaced', at: '0000000000000200' });
    expect(revocations.of(enrolled)).toBeUndefined();
    await revoke(lost, { reason: 'stolen', at: '0000000000000100' });
    expect(revocations.of(enrolled)).toMatchObject({ reason: 'stolen' });
    expect(revocations.of({ ...enrolled, identity: { store: 'S02' as StoreId } })).toBeUndefined();
    expect(
      revocations.refusalOf({ ...peer(till, enrolled.terminalKey), issuerKeys: [key] }),
    ).toBeDefined();
  });

  it('N9: are there after a restart, before anything is heard', async () => {
    await revoke(lost);
    await here.documents.flush();
    open(till, here.disk);
    await here.openList(name);
    learnAll();
    expect(revocations.refusalOf(peer(lost, keyOf(lost)))).toBeDefined();
  });

  it('the same key twice is one, and the earlier one stands, whichever came first', async () => {
    await revoke(lost, { reason: 'lost', at: '0000000000000200' });
    await revoke(lost, { at: '0000000000000100' });
    await revoke(lost, { reason: 'retired', at: '0000000000000300' });
    const member = here.keyring.learn(lost.chain, sampleLetter);
    expect(revocations.of(member)).toMatchObject({ reason: 'stolen', at: '0000000000000100' });
    expect(changed).toHaveLength(2);
  });

  it('say whose journals they mean, as lives become known, and only after the record is on disk', async () => {
    const journal = journalKeyOf(lost.identity);
    const tip = { seq: 3, hash: 'h'.repeat(43) };
    await revoke(lost, { tips: { [journal]: tip } });
    expect(revocations.journals(store)).toEqual([]);
    expect(stored).toEqual([]);
    await vi.waitFor(() => expect(stored).toEqual([store]));
    await here.openList(names.roster(store));
    await here.merge(names.roster(store), [rosterOf(lost)]);
    learnAll();
    expect(changed.at(-1)).toEqual([lost.principal]);
    expect(revocations.journals(store)).toMatchObject([{ journal, ...tip, terminal: 'T2' }]);
    expect(revocations.journals('S02' as StoreId)).toEqual([]);
    await vi.waitFor(() => expect(stored).toEqual([store, store]));
    expect(revocations.standingMembers().map(({ principal }) => principal)).not.toContain(
      lost.principal,
    );
  });
  const rosterOf = (who: NewIncarnation): Uint8Array => {
    const theirs = new SampleHeadOffice(who, here.registry);
    return theirs.append(names.roster(store), {});
  };

  it('a till knows its own', async () => {
    expect(revocations.own).toBeUndefined();
    await revoke(till);
    expect(revocations.own).toMatchObject({ terminal: 'T1', reason: 'stolen' });
    expect(events).toMatchObject([{ kind: 'revoked', own: true }]);
  });

  it('P7: a relay cannot be revoked by the notices of a shop, nor a till by those of another', async () => {
    await revoke(relay, { terminal: 'HQ1' });
    expect(revocations.refusalOf(peer(relay, keyOf(relay)))).toBeUndefined();
    await revoke(lost, { store: 'S02' });
    expect(revocations.refusalOf(peer(lost, keyOf(lost)))).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ kind: 'invalidRecord', list: name });
  });

  it('P8: notices of a later version are kept and passed on, and nothing comes of them', async () => {
    await revoke(lost, { type: 'recall' });
    await revoke(lost, { type: 'revocation', terminalKey: 'short' });
    expect(revocations.refusalOf(peer(lost, keyOf(lost)))).toBeUndefined();
    expect(events).toMatchObject([{ kind: 'invalidRecord' }]);
    expect(here.records.records(here.list(name))).toHaveLength(2);
    expect(here.records.changes(here.list(name))).toHaveLength(2);
  });
});

describe('the last word to a revoked till', () => {
  const notices = (changes: Uint8Array[]): Notices =>
    ({ type: 'tillmesh/notices', store, changes }) as unknown as Notices;

  it('is the store’s notices as head office signed them; whoever has it checks and keeps it', async () => {
    await revoke(lost);
    const refusal = revocations.refusalOf(peer(lost, keyOf(lost)));
    if (refusal?.proof?.type !== 'tillmesh/notices') throw new Error('no proof');
    const { changes } = refusal.proof;
    open(lost);
    await here.openList(name);
    revocations.told(notices(changes));
    // Once more changes nothing.
    revocations.told(notices(changes));
    learnAll();
    expect(revocations.own).toMatchObject({ terminal: 'T2' });
    await here.documents.flush();
    open(lost, here.disk);
    await here.openList(name);
    learnAll();
    expect(revocations.own).toMatchObject({ terminal: 'T2' });
  });

  it('is the code alone where the notices have grown beyond one word', async () => {
    await revoke(lost);
    const text = 'x'.repeat(limits.noticesToldBytes);
    await here.merge(name, [office.append(name, { type: 'balance', text })]);
    expect(revocations.refusalOf(peer(lost, keyOf(lost)))).toEqual({ proof: undefined });
  });

  /** A record of notices as somebody would write it, in a change that he signed. */
  function forged(who: NewIncarnation, fields: RecordFields, as = who): Uint8Array {
    const rule = here.list(name);
    const record = sealRecord(
      'notices',
      { ...rosterRecord(as.chain, sampleLetter), ...fields },
      as.principal,
      who.signer,
    );
    const actor = actorOf(as.principal, new Uint8Array(8).fill(3));
    const doc = A.load<ListDocument>(rule.genesis.bytes, { actor });
    return signedEdit(doc, name, who.signer, (draft) => {
      draft.entries.push(record);
    });
  }

  it.each([
    ['a till', 'NOT_THE_WRITER', () => forged(lost, fieldsFor(till))],
    [
      'a stranger who calls himself head office',
      'ENTRY_FORGED',
      () => forged(stranger, fieldsFor(till)),
    ],
    ['a till with head office’s chain', 'ENTRY_FORGED', () => forged(lost, fieldsFor(till), relay)],
    ['nobody', 'CHANGE_NOT_CANONICAL', () => new Uint8Array([1, 2, 3])],
  ] as const)(
    'N9: a revocation by %s is that peer’s offence (%s), and nothing of it is kept',
    async (_, code, change) => {
      await here.openList(name);
      expect(() => revocations.told(notices([change()]))).toThrow(
        expect.toSatisfy((error) => isTillmeshError(error, code)),
      );
      learnAll();
      expect(revocations.own).toBeUndefined();
      expect(here.records.changes(here.list(name))).toEqual([]);
    },
  );

  it('P7: one that merged all the same, beside the guard, is kept and not obeyed', async () => {
    await here.openList(name);
    await here.merge(name, [forged(lost, fieldsFor(till))]);
    learnAll();
    expect(revocations.own).toBeUndefined();
    expect(here.invalid).toHaveLength(1);
  });

  it('about a store that is not known here it says nothing', () => {
    expect(() =>
      revocations.told({ ...notices([new Uint8Array([1])]), store: 'S09' as StoreId }),
    ).not.toThrow();
  });
});
