import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '@automerge/automerge-repo';
import { documentIdOf, names, shardOf } from '../documents/names.ts';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import type { ReleaseId } from '../domain/ids.ts';
import { formatHlc } from '../journal/hybrid-clock.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany, sampleNowMs } from '../trust/sample-company.ts';
import { HqData } from './hq-data.ts';
import { SampleHeadOffice } from './sample-head-office.ts';
import { SampleReplica, syncMessage } from './sample-replica.ts';

const shard = names.catalog(shardOf('TEA'));
/** As canonical JSON orders them. */
const documents = [shard, names.org()];

let company: SampleCompany;
let till: NewIncarnation;
let peer: NewIncarnation;
let relay: NewIncarnation;
/** The same relay after a rotation: a key of its own under the new issuing key. */
let rotated: NewIncarnation;
let issuers: readonly [before: string, after: string];
beforeAll(async () => {
  company = await SampleCompany.create('releases');
  till = await company.incarnation('S01', 'T1');
  peer = await company.incarnation('S01', 'T2');
  relay = await company.incarnation('HQ', 'HQ1');
  const next = await company.root.delegate({ random: company.random, nowMs: sampleNowMs });
  rotated = await company.incarnationOf(await company.terminal('HQ', 'HQ1', next));
  const { keyring } = new SampleReplica({ company, me: till });
  const keyOf = ({ chain }: NewIncarnation) =>
    keyring.read({ chain: chain.map(text), letter: 'A' });
  issuers = [keyOf(relay), keyOf(rotated)].map(({ verified }) => verified.issuerKeys[0] ?? '') as [
    string,
    string,
  ];
});
const text = (der: Uint8Array): string => Buffer.from(der).toString('base64url');

let here: SampleReplica;
let office: SampleHeadOffice;
let inForce: number[];
beforeEach(async () => {
  here = new SampleReplica({ company, me: till });
  here.meet(peer);
  office = new SampleHeadOffice(relay);
  inForce = [];
  await here.openList(names.releases());
});

const hqData = (applied?: ReleaseId) =>
  new HqData({
    documents: here.documents,
    registry: here.registry,
    records: here.records,
    applied,
    onRelease: ({ id }) => inForce.push(id.n),
    onWaiting: () => undefined,
    onError: (error) => {
      throw error;
    },
  });

type Part = readonly [name: string, change: Uint8Array];

/** A release by whoever is the relay of this office. */
function publish(of: SampleHeadOffice, n: number, unitPriceE4: number, at?: number): Part[] {
  return [
    [names.org(), of.write(names.org(), { 'settings/S01': { currency: 'EUR', n } })],
    [shard, of.write(shard, { TEA: { sku: 'TEA', prices: [{ unitPriceE4 }] } })],
    [names.releases(), of.release(n, documents, at === undefined ? undefined : formatHlc(at, 0))],
  ];
}

/** As a peer brings it: past the guard, then merged. Gives why it was refused. */
async function bring(parts: readonly Part[]): Promise<(ErrorCode | 'taken')[]> {
  const verdicts: (ErrorCode | 'taken')[] = [];
  for (const [name, change] of parts) {
    const message = { type: 'sync', documentId: documentIdOf(name), data: syncMessage([change]) };
    try {
      here.guard.inspect(message as Message, peer.principal);
      await here.merge(name, [change]);
      verdicts.push('taken');
    } catch (error) {
      if (!isTillmeshError(error)) throw error;
      verdicts.push(error.code);
    }
  }
  return verdicts;
}

describe('who signed a release', () => {
  it('P7: after a rotation it is the new key, and a till that holds the old releases takes it', async () => {
    const data = hqData();
    await bring(publish(office, 1, 19_900));
    await data.refresh();
    expect(data.view.inForce).toEqual({
      n: 1,
      signedBy: relay.principal,
      issuerKey: issuers[0],
      changed: documents,
    });
    const after = office.continuedBy(rotated);
    expect(await bring(publish(after, 2, 20_900, 5_000))).toEqual(['taken', 'taken', 'taken']);
    await data.refresh();
    expect(data.view).toEqual({
      inForce: {
        n: 2,
        signedBy: rotated.principal,
        issuerKey: issuers[1],
        atMs: 5_000,
        changed: documents,
      },
    });
    expect(issuers[0]).not.toBe(issuers[1]);
  });

  it.each<[string, () => Promise<NewIncarnation>, ErrorCode]>([
    ['a till', () => Promise.resolve(peer), 'NOT_THE_WRITER'],
    [
      'a relay of another company of the same name',
      async () => (await SampleCompany.create('rogue')).incarnation('HQ', 'HQ1'),
      'ENTRY_FORGED',
    ],
    [
      'a relay of this company, under the issuing key of another one',
      async () => {
        const { issuers: foreign } = (await SampleCompany.create('rogue')).authority;
        return { ...relay, chain: [...relay.chain.slice(0, 2), ...foreign] };
      },
      'ENTRY_FORGED',
    ],
    [
      'a relay of this company that shows a till’s chain',
      () => Promise.resolve({ ...relay, chain: peer.chain }),
      'ENTRY_FORGED',
    ],
  ])('P7: %s: nothing of it is taken', async (_, who, code) => {
    await bring(publish(office, 1, 19_900));
    const forged = publish(office.continuedBy(await who()), 2, 100);
    expect(await bring(forged)).toEqual([code, code, code]);
    const data = hqData();
    await data.refresh();
    expect([data.release, inForce]).toEqual([1, [1]]);
  });
});

describe('what keeps a release out of force', () => {
  it('is said by the documents that are not all here, until they are', async () => {
    const data = hqData();
    await bring(publish(office, 1, 19_900));
    const [org, product, record] = publish(office, 2, 20_900);
    await bring([org, record] as Part[]);
    await data.refresh();
    expect(data.view).toMatchObject({ inForce: { n: 1 }, waiting: { n: 2, missing: [shard] } });
    expect(data.isWaiting).toBe(true);
    await bring([product] as Part[]);
    await data.refresh();
    expect(data.view).toMatchObject({ inForce: { n: 2, changed: documents } });
    expect(data.view).not.toHaveProperty('waiting');
  });

  it('the first one, too; a document that cannot be is named like any other', async () => {
    const heads = { [names.org()]: ['ab'.repeat(32)], 'nonsense/1': ['cd'.repeat(32)] };
    await bring([[names.releases(), office.append(names.releases(), { n: 1, heads })]]);
    const data = hqData();
    await data.refresh();
    expect(data.view).toMatchObject({ waiting: { n: 1, missing: ['nonsense/1', names.org()] } });
    expect(data.view).not.toHaveProperty('inForce');
  });
});

describe('an older release', () => {
  const prices = [19_900, 20_900, 21_900];

  it('P7: changes nothing after a restart, by whatever order the records lie', async () => {
    const all = prices.map((price, n) => publish(office, n + 1, price));
    for (const parts of all) await bring(parts);
    const data = hqData();
    await data.refresh();
    const third = here.told.find(({ fields }) => fields['n'] === 3);
    await bring(all[0] ?? []);
    const restarted = hqData(third && { n: 3, hash: third.hash });
    await restarted.refresh();
    expect([data.release, restarted.release, inForce]).toEqual([3, 3, [3, 3]]);
  });

  it('P7: what a restored till holds gives way to what its peers have, and never the other way', async () => {
    const [first, second, third] = prices.map((price, n) => publish(office, n + 1, price));
    await bring(first ?? []);
    const restored = hqData();
    await restored.refresh();
    await bring(third ?? []);
    await restored.refresh();
    // The third stands on the second's documents, which are on their way.
    expect(restored.view).toMatchObject({ inForce: { n: 1 } });
    await bring(second ?? []);
    await restored.refresh();
    expect([restored.release, inForce]).toEqual([3, [1, 3]]);
  });

  it('documents that were set back below what the read models hold: said, and asked for', async () => {
    await bring(publish(office, 1, 19_900));
    const data = hqData({ n: 3, hash: '' as never });
    await data.refresh();
    expect(data.view).toMatchObject({ inForce: { n: 1 }, setBackFrom: 3 });
    expect(data.isWaiting).toBe(true);
    await bring(publish(office, 2, 20_900));
    await bring(publish(office, 3, 21_900));
    await data.refresh();
    expect(data.view).not.toHaveProperty('setBackFrom');
    expect(data.isWaiting).toBe(false);
  });
});
