/** The wanted state in PostgreSQL against the releases that were signed, with real documents and without a network. */
import * as A from '@automerge/automerge';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ListDocument, MapDocument } from '../lib/documents/genesis.ts';
import { catalogShards } from '../lib/documents/catalog-shards.ts';
import { documentIdOf, names } from '../lib/documents/names.ts';
import type { Hlc, Sku, StoreId, TerminalId } from '../lib/domain/ids.ts';
import type { Product } from '../lib/domain/product.ts';
import type { Revocation } from '../lib/domain/revocation.ts';
import { plainSettings } from '../lib/domain/settings.ts';
import { sampleLetter } from '../lib/replica/sample-head-office.ts';
import { SampleReplica } from '../lib/replica/sample-replica.ts';
import type { NewIncarnation } from '../lib/trust/incarnation.ts';
import { SampleCompany } from '../lib/trust/sample-company.ts';
import { isPin } from '../lib/trust/pin-hash.ts';
import { HybridClock } from '../lib/journal/hybrid-clock.ts';
import { headsDigest, Publisher } from './publisher.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';
import { WantedPublishing } from './wanted-publishing.ts';
import { WantedState } from './wanted-state.ts';

let tests: TestDatabase;
let company: SampleCompany;
let me: NewIncarnation;
beforeAll(async () => {
  tests = await startTestDatabase();
  company = await SampleCompany.create('wanted');
  me = await company.incarnation('HQ', 'HQ1');
});
afterAll(() => tests.close());

const store = 'S01' as StoreId;
const product = (unitPriceE4: number): Product => ({
  sku: 'TEA' as Sku,
  names: 'Tea',
  barcodes: ['4006381333931'],
  prices: [{ unitPriceE4 }],
  active: true,
});
const allDocuments = [
  names.org(),
  ...Array.from({ length: catalogShards }, (_, shard) => names.catalog(shard)),
  ...Array.from({ length: catalogShards }, (_, shard) => names.customerTerms(shard)),
];

/** A relay's documents; the databases come and go. */
class Office {
  readonly replica = new SampleReplica({ company, me });
  readonly publisher: Publisher;

  constructor() {
    const { registry, records, documents, keyring } = this.replica;
    this.publisher = new Publisher({
      registry,
      records,
      documents,
      openRecords: (name) => this.replica.openList(name),
      me: keyring.learn(me.chain, sampleLetter),
      sign: me.signer,
      hybridClock: new HybridClock(this.replica.clock),
    });
  }

  static async open(): Promise<Office> {
    const office = new Office();
    await office.replica.openList(names.releases());
    await office.replica.openList(names.notices(store));
    return office;
  }

  /** What this relay does with a database that it finds. */
  on(wanted: WantedState) {
    const notes: string[] = [];
    const publishing = new WantedPublishing({
      publisher: this.publisher,
      wanted,
      openStores: () => Promise.resolve(),
      onRefilled: (release) => notes.push(`refilled ${release}`),
      onMissing: (isMissing) => isMissing && notes.push('missing'),
    });
    return { publishing, notes };
  }

  async contents() {
    const last = this.publisher.lastRelease;
    return last && this.publisher.contents(last);
  }

  /** As a till brings them: documents of another relay. */
  async takeFrom(other: Office, documents: readonly string[]): Promise<void> {
    for (const name of documents) {
      const rule = other.replica.registry.rule(documentIdOf(name));
      if (!rule) throw new Error(`no document ${name}`);
      const handle = await other.replica.documents.open<MapDocument | ListDocument>(rule);
      await this.replica.merge(name, A.getAllChanges(handle.doc()).slice(1));
    }
  }
}

const open = async () => new WantedState(await tests.open(), randomBytes);

/** With a field that is kept and never published. */
const ada = { id: 'C1', name: 'Ada', mail: 'ada@example.org' };

/** A first release: a store, an operator, a product and a customer. */
async function fill(wanted: WantedState): Promise<void> {
  const settings = plainSettings('EUR', { standard: { percentE4: 200_000 } });
  await wanted.putStore(store, { name: 'Harbour', settings });
  await wanted.putOperators(store, [{ id: 'max', name: 'Max', pin: '482916', roles: ['manager'] }]);
  await wanted.putProducts([product(10_000)]);
  await wanted.putCustomers([{ ...ada, creditLimitMinor: 5_000 }]);
}

describe('wanted state and releases', () => {
  let office: Office;
  let first: WantedState;
  beforeEach(async () => {
    office = await Office.open();
    first = await open();
    const { publishing } = office.on(first);
    expect((await publishing.change(() => fill(first))).release).toBe(1);
  });

  it('P7: an empty database publishes nothing, and wants again what is in force', async () => {
    const before = await office.contents();
    const wiped = await open();
    const { publishing, notes } = office.on(wiped);
    expect(await publishing.publish()).toEqual({ release: 1, changed: 0 });
    expect(notes).toEqual(['refilled 1']);
    expect(await office.contents()).toEqual(before);
    expect(await wiped.stores()).toEqual([{ store, name: 'Harbour' }]);
    expect(await wiped.settings(store)).toEqual(await first.settings(store));
    expect(await wiped.products()).toEqual([product(10_000)]);
    const [operator] = await wiped.operators(store);
    expect(isPin('482916', operator?.pinHash ?? '')).toBe(true);
    // Who a customer is was never published.
    expect(await wiped.customers()).toEqual([{ id: 'C1', name: 'C1', creditLimitMinor: 5_000 }]);
    // From here on it is a database like any other.
    await publishing.change(() => wiped.putProducts([product(12_000)]));
    expect(notes).toEqual(['refilled 1']);
    expect((await office.contents())?.org.size).toBe(2);
    expect(await office.contents()).toMatchObject({
      products: new Map([['TEA', product(12_000)]]),
    });
  });

  it('P7: an older database, found at a start or while a wish is written, brings no old price back', async () => {
    // A copy of the database as it is at release 1.
    const backup = await open();
    const { publishing: later, notes } = office.on(backup);
    await later.publish();
    await backup.putCustomers([ada]);
    notes.length = 0;
    const { publishing } = office.on(first);
    expect((await publishing.change(() => first.putProducts([product(77_700)]))).release).toBe(2);
    // The next wish goes to the older one, by a fail-over that nobody announced.
    const eve = { id: 'eve', name: 'Eve', pin: '112233', roles: ['cashier'] as const };
    const max = { id: 'max', name: 'Max', roles: ['manager'] as const };
    expect((await later.change(() => backup.putOperators(store, [max, eve]))).release).toBe(3);
    expect(notes).toEqual(['refilled 2']);
    const contents = await office.contents();
    expect(contents?.products).toEqual(new Map([['TEA', product(77_700)]]));
    expect([...(contents?.org.keys() ?? [])].sort()).toEqual([
      'operator/S01/eve',
      'operator/S01/max',
      'settings/S01',
    ]);
    // Contact fields are the database's own; terms are what is in force.
    expect(await backup.customers()).toEqual([{ ...ada, creditLimitMinor: 5_000 }]);
  });

  describe('revocations', () => {
    const revocation = (n: number): Revocation => ({
      type: 'revocation',
      store,
      terminal: `T${n}` as TerminalId,
      terminalKey: n.toString(16).padStart(64, '0'),
      reason: 'lost',
      tips: {},
      at: `000000000000100${n}` as Hlc,
    });
    const signed = ({ publisher }: Office) =>
      publisher.revocations.map(({ terminal }) => terminal as string).sort();

    it('are signed at once and once, outside releases', async () => {
      const { publishing } = office.on(first);
      await publishing.revoke(() => first.revoke(revocation(1), 'max'));
      await publishing.revoke(() => first.revoke(revocation(1), 'max'));
      await publishing.settle();
      expect(office.publisher.revocations).toEqual([revocation(1)]);
      expect(office.publisher.lastRelease?.n).toBe(1);
    });

    it('what a relay had no time to sign, or has lost, is signed at its next look', async () => {
      await first.revoke(revocation(1), 'max');
      const { publishing } = office.on(first);
      await publishing.settle();
      expect(signed(office)).toEqual(['T1']);
      const restored = await Office.open();
      await restored.takeFrom(office, [...allDocuments, names.releases()]);
      await restored.on(first).publishing.publish();
      expect(signed(restored)).toEqual(['T1']);
    });

    it('P7: a database that was wiped or restored learns them from the notices, and takes none back', async () => {
      const { publishing } = office.on(first);
      await publishing.revoke(() => first.revoke(revocation(1), 'max'));
      const wiped = await open();
      const again = office.on(wiped).publishing;
      await again.settle();
      expect(await wiped.revocations()).toEqual([revocation(1)]);
      await again.revoke(() => wiped.revoke(revocation(2), 'max'));
      expect(signed(office)).toEqual(['T1', 'T2']);
    });

    it('do not wait for a release whose documents are not here', async () => {
      const restored = await Office.open();
      await restored.takeFrom(office, [names.releases()]);
      const wiped = await open();
      const { publishing } = restored.on(wiped);
      await expect(publishing.publish()).rejects.toMatchObject({ code: 'RELEASE_NOT_HERE' });
      await publishing.revoke(() => wiped.revoke(revocation(3), 'max'));
      expect(signed(restored)).toEqual(['T3']);
    });
  });

  it('S10: documents that went back, with the database kept: its wishes go out above every number that was given', async () => {
    const { publishing } = office.on(first);
    await publishing.change(() => first.putProducts([product(77_700)]));
    await publishing.change(() => first.putProducts([product(88_800)]));
    for (const documents of [[], 'all'] as const) {
      const restored = await Office.open();
      if (documents === 'all') {
        const early = await Office.open();
        await early.on(first).publishing.publish();
        await restored.takeFrom(early, [...allDocuments, names.releases()]);
      }
      const { publishing: again, notes } = restored.on(first);
      const { release } = await again.change(() => first.putProducts([product(99_900)]));
      expect(release).toBeGreaterThan(3);
      expect(notes).toEqual([]);
      expect((await restored.contents())?.products.get('TEA')).toEqual(product(99_900));
    }
  });

  it('P1: an end between the promise of a number and its signature costs a number, and nothing else', async () => {
    const last = office.publisher.lastRelease;
    if (!last) throw new Error('a release');
    await first.putProducts([product(77_700)]);
    const digest = headsDigest(last.heads);
    expect(await first.beginRelease({ n: last.n, digest }, 'never signed')).toBe(2);
    const { publishing, notes } = office.on(first);
    expect((await publishing.publish()).release).toBe(3);
    expect(notes).toEqual([]);
    expect((await office.contents())?.products.get('TEA')).toEqual(product(77_700));
  });

  it('publishes nothing while a release is known whose documents are not here; goes on when a till has brought them', async () => {
    const { publishing } = office.on(first);
    await publishing.change(() => first.putProducts([product(77_700)]));
    const restored = await Office.open();
    await restored.takeFrom(office, [names.releases()]);
    const wiped = await open();
    const { publishing: again, notes } = restored.on(wiped);
    await expect(again.publish()).rejects.toMatchObject({ code: 'RELEASE_NOT_HERE' });
    await expect(again.change(() => wiped.putProducts([]))).rejects.toMatchObject({
      code: 'RELEASE_NOT_HERE',
    });
    expect(restored.publisher.lastRelease?.n).toBe(2);
    await restored.takeFrom(office, allDocuments);
    expect(await again.publish()).toEqual({ release: 2, changed: 0 });
    expect(notes).toEqual(['missing', 'missing', 'refilled 2']);
    expect(await wiped.products()).toEqual([product(77_700)]);
  });
});
