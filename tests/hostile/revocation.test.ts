/**
 * Revocations between hostile hands: nobody but head office revokes, by whatever road it comes; whoever is revoked gets no
 * link with any life of its key, is told why and is not barred; what it had written stays.
 */
import * as A from '@automerge/automerge';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ListDocument } from '#lib/documents/genesis.ts';
import { actorOf, names } from '#lib/documents/names.ts';
import type { ErrorCode } from '#lib/domain/errors.ts';
import type { Hlc, StoreId } from '#lib/domain/ids.ts';
import type { Revocation } from '#lib/domain/revocation.ts';
import { signedEdit } from '#lib/replica/signed-edit.ts';
import { verifyChain } from '#lib/trust/chain.ts';
import type { NewIncarnation } from '#lib/trust/incarnation.ts';
import { SampleCompany } from '#lib/trust/sample-company.ts';
import type { RecordFields } from '#lib/trust/signed-record.ts';
import { store } from '../simulation/goods.ts';
import { until } from '../system/until.ts';
import { listOf, recordBy, Scribe } from './forgeries.ts';
import { Ground, roles } from './ground.ts';
import type { Intruder } from './intruder.ts';

const name = names.notices(store);
let ground: Ground;
let stranger: NewIncarnation;
beforeAll(async () => {
  ground = await Ground.open();
  stranger = await (await SampleCompany.create('rogue')).incarnation('HQ', 'HQ1');
});
afterAll(() => ground.close());
afterEach(async () => {
  ground.leave();
  for (const role of roles) expect(ground.network.node(role).faults).toEqual([]);
  await ground.network.settled();
});

const keyOf = (who: Pick<NewIncarnation, 'chain'>): string =>
  verifyChain(who.chain, ground.network.company.caDer).terminalKey;

const revocationOf = (
  who: Pick<NewIncarnation, 'chain' | 'identity'>,
  more: Partial<Revocation> = {},
): Revocation => ({
  type: 'revocation',
  store: who.identity.store,
  terminal: who.identity.terminal,
  terminalKey: keyOf(who),
  reason: 'stolen',
  tips: {},
  at: '0000000000001000' as Hlc,
  ...more,
});

/** Head office's own word, as it comes to everybody. */
async function revoke(who: NewIncarnation, more: Partial<Revocation> = {}): Promise<void> {
  await ground.network.relay.running.publisher.revoke([revocationOf(who, more)]);
  for (const role of roles)
    await until(`the revocation at the ${role}`, () => isRevoked(role, who) || undefined);
}
const isRevoked = (role: (typeof roles)[number], who: NewIncarnation): boolean =>
  ground.replica(role).revocations.of({ identity: who.identity, terminalKey: keyOf(who) }) !==
  undefined;

/** The change that would put a record into the notices, by whoever has this key. */
function changeBy(who: NewIncarnation, fields: RecordFields, as: Partial<NewIncarnation> = {}) {
  const actor = actorOf(who.principal, new Uint8Array(8).fill(7));
  const doc = A.load<ListDocument>(listOf(name).genesis.bytes, { actor });
  const record = recordBy({ ...who, ...as }, 'notices', fields);
  return signedEdit(doc, name, who.signer, (draft) => {
    draft.entries.push(record);
  });
}

describe.each(roles)('N9: at a %s', (role) => {
  const roads: readonly (readonly [string, (link: Intruder, change: Uint8Array) => void])[] = [
    ['sync', (link, change) => link.sync(listOf(name).id, [change])],
    ['a last word', (link, change) => link.send('tillmesh/notices', { store, changes: [change] })],
  ];
  const forgeries: readonly (readonly [
    string,
    ErrorCode,
    (intruder: NewIncarnation, fields: RecordFields) => Uint8Array,
  ])[] = [
    ['a till', 'NOT_THE_WRITER', (intruder, fields) => changeBy(intruder, fields)],
    ['a stranger', 'ENTRY_FORGED', (_, fields) => changeBy(stranger, fields)],
    [
      'a till in head office’s name',
      'ENTRY_FORGED',
      (intruder, fields) => {
        const { chain, principal } = ground.replica('relay').me;
        return changeBy(intruder, fields, { chain, principal });
      },
    ],
  ];
  const cases = roads.flatMap(([road, send]) =>
    forgeries.map(([by, code, make]) => [by, road, code, make, send] as const),
  );
  it.each(cases)(
    'a revocation by %s, brought by %s: barred (%s), nobody is cut off',
    async (_by, _road, code, make, send) => {
      const intruder = await ground.newcomer();
      const link = await ground.linkTo(role, intruder);
      const honest = ground.network.honest.replica.me;
      send(link, make(intruder, revocationOf(honest)));
      await ground.expectBarred(role, link, code);
      expect(ground.replica(role).revocations.of(honest)).toBeUndefined();
      ground.expectSelling(role);
    },
  );

  it('one that head office signed for another store, or for a relay, cuts nobody off', async () => {
    const { honest, relay } = ground.network;
    const list = await relay.replica.openRecords(name);
    const before = ground.network.node(role).events.length;
    const at = (role === 'relay' ? '0000000000003000' : '0000000000002000') as Hlc;
    const elsewhere = revocationOf(honest.replica.me, { store: 'S02' as StoreId, at });
    relay.replica.records.append(list, elsewhere);
    relay.replica.records.append(list, revocationOf(relay.replica.me, { store, at }));
    await until('both records', () => {
      const records = ground.replica(role).records.records(list);
      return records.filter(({ fields }) => fields['at'] === at).length === 2 || undefined;
    });
    await ground.network.settled();
    ground.expectSelling(role);
    expect(ground.network.node(role).events.slice(before)).toContainEqual(
      expect.objectContaining({ kind: 'invalidRecord', list: name }),
    );
  });

  it('whoever is revoked is cut off, told why, and refused with every life, before and after a restart; no bar is written', async () => {
    const terminal = await ground.network.company.terminal(store, role === 'relay' ? 'T61' : 'T62');
    const who = await ground.network.company.incarnationOf(terminal);
    const scribe = new Scribe(who);
    await ground.introduce(scribe, 2);
    const link = await ground.linkTo(role, who);
    // Its word that it holds what others sold counts, until then.
    const { voice } = ground.replica(role);
    const sold = ground.network.register.replica.own.key;
    const { seq, hash } = ground.tip(role, sold);
    link.send('tillmesh/copies', { tips: { [sold]: { seq, hash } } });
    await link.answered();
    expect(voice.confirmedBy(who.principal, sold)).toBe(seq);
    const waiting = await ground.connectTo(role, who);
    await revoke(who, {
      tips: { [scribe.journal]: { seq: 2, hash: scribe.written[1]?.read.hash ?? ('' as never) } },
    });
    const proofOf = ({ received }: Intruder) =>
      received.filter(({ type }) => type === 'tillmesh/notices').length;
    expect(voice.confirmedBy(who.principal, sold)).toBe(0);
    for (const cut of [link, waiting]) {
      expect(await cut.closed()).toBe(4004);
      expect(proofOf(cut)).toBe(1);
    }
    for (const restart of [false, true]) {
      if (restart) await ground.network.restart(role);
      const unheard = await ground.network.company.incarnationOf(terminal);
      for (const life of [who, unheard]) {
        const again = await ground.connectTo(role, life);
        expect(await again.closed()).toBe(4004);
        expect(proofOf(again)).toBe(1);
        expect(ground.isBarred(role, life.principal)).toBe(false);
      }
    }
    expect(ground.tip(role, scribe.journal).seq).toBe(2);

    // What it had written comes by way of somebody who had not heard yet: kept, counted, flagged, and no offence.
    const late = scribe.write();
    const carrier = await ground.linkTo(role, await ground.newcomer());
    carrier.write('push', scribe, [late]);
    await carrier.answered();
    expect(ground.tip(role, scribe.journal)).toMatchObject({ seq: 3, hash: late.read.hash });
    const { network } = ground;
    const models = () =>
      role === 'relay'
        ? network.relay.running.readSide(store)?.models
        : network.register.running.models;
    await until('the flag', () => {
      const flags = models()?.flags({ kind: 'beyond-revocation' }) ?? [];
      return flags.some(({ subject }) => subject[0] === scribe.journal) || undefined;
    });
    await network.agreed();
  });

  it('what a revoked till had done wrong does not keep its replacement out', async () => {
    const terminal = role === 'relay' ? 'T71' : 'T72';
    const who = await ground.network.company.incarnation(store, terminal);
    await ground.introduce(new Scribe(who), 1);
    const link = await ground.linkTo(role, who);
    link.raw(new Uint8Array([1]));
    expect(await link.closed()).toBe(1008);
    expect(ground.isBarred(role, who.principal)).toBe(true);
    const replacement = await ground.network.company.incarnation(store, terminal);
    expect(await (await ground.connectTo(role, replacement)).closed()).toBe(1008);
    await revoke(who);
    await until('the end of the bar', () => !ground.isBarred(role, who.principal) || undefined);
    const welcome = await ground.linkTo(role, replacement);
    await welcome.answered();
    expect(await (await ground.connectTo(role, who)).closed()).toBe(4004);
  });
});
