import * as A from '@automerge/automerge';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MapDocument } from '../documents/genesis.ts';
import { actorPrefixOf, names, shardOf } from '../documents/names.ts';
import type { ReleaseId } from '../domain/ids.ts';
import type { NewIncarnation } from '../trust/incarnation.ts';
import { SampleCompany } from '../trust/sample-company.ts';
import { HqData, type ReleaseInForce } from './hq-data.ts';
import { SampleHeadOffice } from './sample-head-office.ts';
import { SampleReplica } from './sample-replica.ts';

let company: SampleCompany;
let till: NewIncarnation;
let relay: NewIncarnation;
beforeAll(async () => {
  company = await SampleCompany.create('hq');
  till = await company.incarnation('S01', 'T1');
  relay = await company.incarnation('HQ', 'HQ1');
});

let here: SampleReplica;
let office: SampleHeadOffice;
let releases: ReleaseInForce[];
let errors: unknown[];
let waits: number;
beforeEach(async () => {
  here = new SampleReplica({ company, me: till });
  office = new SampleHeadOffice(relay);
  releases = [];
  waits = 0;
  errors = [];
  await here.openList(names.releases());
});

const hqData = (applied?: ReleaseId) =>
  new HqData({
    documents: here.documents,
    registry: here.registry,
    records: here.records,
    applied,
    onRelease: (release) => releases.push(release),
    onWaiting: () => waits++,
    onError: (error) => errors.push(error),
  });

const shard = names.catalog(shardOf('TEA'));
const documents = [names.org(), shard];
const price = (unitPriceE4: number) => ({ sku: 'TEA', prices: [{ unitPriceE4 }] });
/** SKU → price of what a release said. */
const pricesIn = (release: ReleaseInForce | undefined) =>
  (release?.products ?? []).map(({ key, value }) => [
    key,
    (value as { prices: { unitPriceE4: number }[] } | undefined)?.prices[0]?.unitPriceE4,
  ]);

/** A release of head office as its changes, to be delivered in whatever order. */
function publish(n: number, unitPriceE4: number) {
  const org = office.write(names.org(), { 'settings/S01': { currency: 'EUR', unitPriceE4 } });
  const product = office.write(shard, { TEA: price(unitPriceE4) });
  return { org, product, record: office.release(n, documents) };
}

describe('HQ’s data', () => {
  it('P7: what merges without a signed release stays inert', async () => {
    const data = hqData();
    const { org, product } = publish(1, 19_900);
    await here.merge(names.org(), [org]);
    await here.merge(shard, [product]);
    await data.refresh();
    expect(releases).toEqual([]);
    expect(data.release).toBe(0);
  });

  it.each([
    ['documents first', ['org', 'product', 'record']],
    ['the record first', ['record', 'org', 'product']],
    ['the record in between', ['product', 'record', 'org']],
  ] as const)('P7: a release is in force as a whole, or not at all: %s', async (_, order) => {
    const data = hqData();
    const first = publish(1, 19_900);
    for (const [at, part] of order.entries()) {
      expect(data.release).toBe(0);
      const name = { org: names.org(), product: shard, record: names.releases() }[part];
      await here.merge(name, [first[part]]);
      await data.refresh();
      expect(data.release).toBe(at === 2 ? 1 : 0);
    }
    expect(releases).toHaveLength(1);
    expect(pricesIn(releases[0])).toEqual([['TEA', 19_900]]);
    expect(releases[0]?.org.get('settings/S01')).toMatchObject({ currency: 'EUR' });
  });

  it('P7: while a newer one is incomplete the last complete one stays in force', async () => {
    const data = hqData();
    const first = publish(1, 19_900);
    await here.merge(names.org(), [first.org]);
    await here.merge(shard, [first.product]);
    await here.merge(names.releases(), [first.record]);
    await data.refresh();
    const second = publish(2, 25_000);
    await here.merge(names.releases(), [second.record]);
    await here.merge(shard, [second.product]);
    await data.refresh();
    // The new price has merged; half of release 2 is nothing.
    expect(data.release).toBe(1);
    await here.merge(names.org(), [second.org]);
    await data.refresh();
    expect(releases.map(({ id }) => id.n)).toEqual([1, 2]);
    expect(pricesIn(releases[1])).toEqual([['TEA', 25_000]]);
  });

  it('P7: a forged price beside a genuine release is not in it', async () => {
    const data = hqData();
    const { org, product, record } = publish(1, 19_900);
    const forger = A.load<MapDocument>(office.rule(shard).genesis.bytes, {
      actor: actorPrefixOf(till.principal) + '1'.repeat(16),
    });
    const own = office.doc<MapDocument>(shard).records['TEA'];
    const forged = A.getLastLocalChange(
      A.change(A.applyChanges(forger, [product])[0], { time: 0 }, (doc) => {
        doc.records['TEA'] = new TextEncoder().encode(
          '{"prices":[{"unitPriceE4":1}],"sku":"TEA","v":1}',
        );
        doc.records['FREE'] = new TextEncoder().encode('{"v":1}');
      }),
    );
    expect(own).toBeDefined();
    await here.merge(names.org(), [org]);
    await here.merge(shard, [product, forged ?? new Uint8Array()]);
    await here.merge(names.releases(), [record]);
    await data.refresh();
    expect(pricesIn(releases[0])).toEqual([['TEA', 19_900]]);
    // Nor does it come in with the next release, whose writer has never seen it.
    const next = publish(2, 20_000);
    await here.merge(names.org(), [next.org]);
    await here.merge(shard, [next.product]);
    await here.merge(names.releases(), [next.record]);
    await data.refresh();
    expect(pricesIn(releases[1])).toEqual([['TEA', 20_000]]);
  });

  it('P7: a release record that a till signed puts nothing in force', async () => {
    const data = hqData();
    const { org, product } = publish(1, 19_900);
    const impostor = new SampleHeadOffice(till);
    const record = impostor.append(names.releases(), {
      n: 1,
      heads: {
        [names.org()]: A.getHeads(office.doc(names.org())),
        [shard]: A.getHeads(office.doc(shard)),
      },
    });
    await here.merge(names.org(), [org]);
    await here.merge(shard, [product]);
    await here.merge(names.releases(), [record]);
    await data.refresh();
    expect(data.release).toBe(0);
    expect(here.invalid).toHaveLength(1);
  });

  it('tells from one release to the next what changed: written, changed, taken out', async () => {
    const data = hqData();
    const settings = office.write(names.org(), { 'settings/S01': { currency: 'EUR' } });
    const skus = Array.from({ length: 400 }, (_, n) => `SKU${n}`).filter(
      (sku) => names.catalog(shardOf(sku)) === shard,
    );
    const [one = '', two = '', three = '', four = ''] = skus;
    const first = office.write(
      shard,
      Object.fromEntries(skus.slice(0, 3).map((sku) => [sku, price(100)])),
    );
    const firstRecord = office.release(1, documents);
    await here.merge(names.org(), [settings]);
    await here.merge(shard, [first]);
    await here.merge(names.releases(), [firstRecord]);
    await data.refresh();
    expect(releases[0]?.products).toHaveLength(3);
    const second = office.write(shard, { [one]: price(200), [two]: undefined, [four]: price(400) });
    await here.merge(shard, [second]);
    await here.merge(names.releases(), [office.release(2, documents)]);
    await data.refresh();
    expect(new Map(pricesIn(releases[1]) as [string, number | undefined][])).toEqual(
      new Map([
        [one, 200],
        [two, undefined],
        [four, 400],
      ]),
    );
    expect(three).not.toBe('');
  });

  it('a roll-back is a new release with the old blobs, and undoes what was between', async () => {
    const data = hqData();
    for (const [n, unitPriceE4] of [
      [1, 19_900],
      [2, 5],
      [3, 19_900],
    ] as const) {
      const { org, product, record } = publish(n, unitPriceE4);
      await here.merge(names.org(), [org]);
      await here.merge(shard, [product]);
      await here.merge(names.releases(), [record]);
      await data.refresh();
    }
    expect(releases.map((release) => [release.id.n, ...pricesIn(release).flat()])).toEqual([
      [1, 'TEA', 19_900],
      [2, 'TEA', 5],
      [3, 'TEA', 19_900],
    ]);
  });

  it('of two releases with one number every replica takes the same, whichever came first', async () => {
    const one = publish(1, 19_900);
    const other = publish(1, 25_000);
    await here.merge(names.org(), [one.org, other.org]);
    await here.merge(shard, [one.product, other.product]);
    await here.merge(names.releases(), [one.record]);
    const data = hqData();
    await data.refresh();
    await here.merge(names.releases(), [other.record]);
    await data.refresh();
    // Whoever holds the one that counts less takes the other; whoever holds the other stays.
    const late = hqData();
    await late.refresh();
    const [first, last] = [releases[0]?.id, releases.at(-1)?.id];
    const highest = [first, last].map((id) => id?.hash ?? '').sort()[1];
    expect(last?.hash).toBe(highest);
    const again = hqData(first);
    releases = [];
    await again.refresh();
    expect(releases[0]?.id.hash).toBe(highest);
    expect(pricesIn(releases[0])).toHaveLength(first?.hash === highest ? 0 : 1);
  });

  it('peers are asked for documents once, when a release is known that lacks some', async () => {
    const data = hqData();
    const { org, product, record } = publish(1, 19_900);
    await data.refresh();
    expect([data.isWaiting, waits]).toEqual([false, 0]);
    await here.merge(names.releases(), [record]);
    await data.refresh();
    await here.merge(names.org(), [org]);
    await data.refresh();
    expect([data.isWaiting, waits]).toEqual([true, 1]);
    await here.merge(shard, [product]);
    await data.refresh();
    expect([data.isWaiting, waits, data.release]).toEqual([false, 1, 1]);
  });

  it('an older release that arrives late changes nothing', async () => {
    const data = hqData();
    const first = publish(1, 19_900);
    const second = publish(2, 25_000);
    await here.merge(names.org(), [first.org, second.org]);
    await here.merge(shard, [first.product, second.product]);
    // The list is one document: the second record comes with the first beneath it.
    await here.merge(names.releases(), [first.record, second.record]);
    await data.refresh();
    await data.refresh();
    expect(releases.map(({ id }) => id.n)).toEqual([2]);
    expect(pricesIn(releases[0])).toEqual([['TEA', 25_000]]);
  });

  it('a start whose read models hold the release asks for its organisation only', async () => {
    const { org, product, record } = publish(1, 19_900);
    await here.merge(names.org(), [org]);
    await here.merge(shard, [product]);
    await here.merge(names.releases(), [record]);
    await hqData().refresh();
    const [held] = releases.splice(0);
    await hqData(held?.id).refresh();
    expect(releases).toHaveLength(1);
    expect(releases[0]).toMatchObject({ id: { n: 1 }, products: [], customerTerms: [] });
    expect(releases[0]?.org.size).toBe(1);
    // Read models that were made anew ask for everything again.
    const anew = hqData(held?.id);
    await anew.refresh();
    await anew.reapply();
    expect(pricesIn(releases.at(-1))).toEqual([['TEA', 19_900]]);
  });

  it('P8: a release that the read models refused is tried again, and then in force as a whole', async () => {
    let refusals = 2;
    const data = new HqData({
      documents: here.documents,
      registry: here.registry,
      records: here.records,
      applied: undefined,
      onRelease(release) {
        if (refusals-- > 0) throw new Error('the disk is full');
        releases.push(release);
      },
      onWaiting: () => waits++,
      onError: (error) => errors.push(error),
    });
    const { org, product, record } = publish(1, 19_900);
    await here.merge(names.org(), [org]);
    await here.merge(shard, [product]);
    await here.merge(names.releases(), [record]);
    await data.refresh();
    await data.refresh();
    expect(data.release).toBe(0);
    await data.refresh();
    expect(data.release).toBe(1);
    expect(pricesIn(releases[0])).toEqual([['TEA', 19_900]]);
    expect(releases[0]?.org.get('settings/S01')).toMatchObject({ currency: 'EUR' });
    expect(errors).toHaveLength(2);
  });

  it('P8: a blob of a later version, or a broken one, is passed over and the rest counts', async () => {
    const data = hqData();
    const settings = office.write(names.org(), { 'settings/S01': { currency: 'EUR' } });
    const sound = office.write(shard, { TEA: price(100) });
    const doc = A.change(office.doc<MapDocument>(shard), { time: 0 }, (draft) => {
      draft.records['BROKEN'] = Uint8Array.of(0xff, 1);
      Object.assign(draft.records, { TEXT: 'no blob' });
    });
    const broken = A.getLastLocalChange(doc) ?? new Uint8Array();
    const record = office.append(names.releases(), {
      n: 1,
      heads: { [names.org()]: A.getHeads(office.doc(names.org())), [shard]: A.getHeads(doc) },
    });
    await here.merge(names.org(), [settings]);
    await here.merge(shard, [sound, broken]);
    await here.merge(names.releases(), [record]);
    await data.refresh();
    expect(new Map(pricesIn(releases[0]) as [string, number | undefined][]).get('TEA')).toBe(100);
    expect(errors).toHaveLength(1);
  });

  it('P8: a release that names a document that cannot be is not in force, and a sound one before it is', async () => {
    const data = hqData();
    const { org, product, record } = publish(1, 19_900);
    const odd = office.append(names.releases(), {
      n: 2,
      heads: { 'catalog/99': ['0'.repeat(64)] },
    });
    const none = office.append(names.releases(), { n: 0, heads: 'x' });
    await here.merge(names.org(), [org]);
    await here.merge(shard, [product]);
    await here.merge(names.releases(), [record, odd, none]);
    await data.refresh();
    expect(releases.map(({ id }) => id.n)).toEqual([1]);
  });
});
