import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EntryHash, StoreId } from '../lib/domain/ids.ts';
import { machineClock } from '../lib/host/machine-clock.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import { Projections } from '../lib/projections/projections.ts';
import { Archive, type ArchiveOptions } from './archive.ts';
import { hqReceipt } from './hq-receipts.ts';
import type { AskArchive } from './hq-services.ts';
import { sale, SampleJournal } from './testing/sample-entries.ts';
import { sampleRelay, type SampleRelay } from './testing/sample-relay.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';

const store = 'S01' as StoreId;
const principal = 'S01-T1-00000000000000a1';
const other = 'S01-T2-00000000000000b1';
const opened: Projections[] = [];
let tests: TestDatabase;
beforeAll(async () => {
  tests = await startTestDatabase();
});
afterAll(async () => {
  for (const models of opened) models.close();
  await tests.close();
});

/** A relay that has folded some entries, and an archive that has taken in others. */
async function office(parts: {
  readonly here: readonly VerifiedEntry[];
  readonly archived: readonly VerifiedEntry[];
  readonly relay?: Partial<SampleRelay>;
  readonly rule?: ArchiveOptions['rule'];
}) {
  const models = Projections.open({ file: ':memory:', store, own: undefined });
  opened.push(models);
  models.fold(parts.here);
  const database = await tests.open();
  const archive = new Archive(database, {
    clock: machineClock,
    ...(parts.rule && { rule: parts.rule }),
  });
  await archive.ingest(parts.archived);
  const { relay } = sampleRelay({
    models: { S01: models },
    members: [
      [principal, 'A'],
      [other, 'A'],
    ],
    ...parts.relay,
  });
  let isAway = false;
  const askArchive: AskArchive = async (ask) => (isAway ? undefined : ask(database));
  return {
    receipt: (number: string, hash?: EntryHash) =>
      hqReceipt({ relay, askArchive, currency: 'GBP' }, store, number, hash),
    away: () => {
      isAway = true;
    },
  };
}

describe('a receipt at head office', () => {
  it('P10: tells who holds it, when it came and when it was archived', async () => {
    const journal = new SampleJournal();
    const [first, second] = journal.sales(2) as [VerifiedEntry, VerifiedEntry];
    const hq = await office({
      here: [first, second],
      archived: [first, second],
      relay: {
        linked: [principal],
        tips: { [journal.key]: { seq: 2, hash: second.hash } },
        presence: { [principal]: { [journal.key]: { seq: 2, hash: second.hash } } },
        confirmed: { [`${other} ${journal.key}`]: 2 },
        arrivedAtMs: { [`${journal.key} 2`]: 1_234 },
      },
    });
    const receipt = await hq.receipt('s01-t1a-s-2');
    expect(receipt).toMatchObject({
      store,
      number: 'S01-T1A-S-2',
      body: { lines: [{ quantityMilli: 1_000 }, { quantityMilli: 2_000 }] },
      returnedMilli: [0, 0],
      copies: { tills: 2, atHq: true, archived: true },
      custody: {
        journal: journal.key,
        seq: 2,
        hash: second.hash,
        prev: first.hash,
        principal,
        letter: 'A',
        isHere: true,
        arrivedAtMs: 1_234,
        archived: true,
        isArchiveAsked: true,
        holders: ['S01-T1', 'S01-T2'],
        forked: false,
      },
    });
    expect(receipt).not.toHaveProperty('others');
    expect(receipt?.custody.archivedAtMs).toBeGreaterThan(0);
    expect(await hq.receipt('S01-T1A-S-3')).toBeUndefined();

    hq.away();
    const away = await hq.receipt('S01-T1A-S-2');
    expect(away?.custody).toMatchObject({ isHere: true, isArchiveAsked: false, archived: false });
    for (const name of ['prev', 'archivedAtMs', 'posting'])
      expect(away?.custody).not.toHaveProperty(name);
  });

  it('while the archive is away goes by its last word', async () => {
    const journal = new SampleJournal();
    const entries = journal.sales(2);
    const hq = await office({
      here: entries,
      archived: [],
      relay: { archived: { [journal.key]: { seq: 1, hash: 'x' as EntryHash } } },
    });
    hq.away();
    expect((await hq.receipt('S01-T1A-S-1'))?.custody.archived).toBe(true);
    expect((await hq.receipt('S01-T1A-S-2'))?.custody.archived).toBe(false);
  });

  it('that this relay has lost comes out of the archive, and says so', async () => {
    const journal = new SampleJournal();
    const entries = journal.sales(1);
    const hq = await office({ here: [], archived: entries, relay: { members: [] } });
    const receipt = await hq.receipt('S01-T1A-S-1');
    expect(receipt).toMatchObject({
      number: 'S01-T1A-S-1',
      totalMinor: 765,
      body: entries[0]?.entry.body,
      custody: { isHere: false, archived: true, holders: [] },
    });
    expect(receipt?.custody).not.toHaveProperty('letter');
    hq.away();
    expect(await hq.receipt('S01-T1A-S-1')).toBeUndefined();
  });

  it('P3: of a number that two devices used names the other one, wherever that is kept', async () => {
    const journal = new SampleJournal();
    const copy = journal.fork();
    const mine = journal.append(sale('S01-T1A-S-1', 1));
    const theirs = copy.append(sale('S01-T1A-S-1', 2), { wall: 1 });
    // This relay has one side, the archive both.
    const hq = await office({
      here: [mine],
      archived: [mine, theirs],
      relay: { forked: [journal.key] },
    });
    const receipt = await hq.receipt('S01-T1A-S-1');
    expect(receipt).toMatchObject({
      hash: mine.hash,
      others: [{ hash: theirs.hash, store, number: 'S01-T1A-S-1' }],
      custody: { forked: true, isHere: true },
    });
    const second = await hq.receipt('S01-T1A-S-1', theirs.hash);
    expect(second).toMatchObject({
      hash: theirs.hash,
      others: [{ hash: mine.hash }],
      custody: { isHere: false, archived: true },
    });
  });

  it('P8: whose posting was refused is archived all the same, with the reason', async () => {
    const [only] = new SampleJournal().sales(1) as [VerifiedEntry];
    const hq = await office({
      here: [only],
      archived: [only],
      rule: (documents) => Promise.resolve(new Map(documents.map(({ hash }) => [hash, 'blocked']))),
    });
    expect((await hq.receipt('S01-T1A-S-1'))?.custody).toMatchObject({
      archived: true,
      posting: { state: 'refused', attempts: 1, message: 'blocked' },
    });
  });
});
