import { describe, expect, it } from 'vitest';
import type { JournalKey, StoreId } from '../domain/ids.ts';
import { principalOf } from '../domain/ids.ts';
import { Projections } from './projections.ts';
import { businessDay, SampleJournal } from './sample-entries.ts';

const open = (own?: JournalKey): Projections =>
  Projections.open({ file: ':memory:', store: 'S01' as StoreId, own });

/** A little of everything, at two tills. */
function shop() {
  const t1 = new SampleJournal('T1');
  const t2 = new SampleJournal('T2', 'A', 2_000_000);
  t1.begin();
  t2.begin();
  t1.sell([{ code: 'P1', milli: 1_000, minor: 250 }]);
  t1.act('DrawerOpened', t1, { command: 'drawer-0001' });
  t1.act('DrawerOpened', t1, { reason: 'count' });
  t1.act('CartCancelled');
  t1.act('CartLineVoided');
  t1.act('CartLineVoided', t1, { quantityMilli: -1_000, amountMinor: -100 });
  t1.act('PermissionRefused');
  t1.act('OperatorLocked');
  t1.act('ReceiptReprinted', t1, { of: { journal: t1.key, seq: 2 } });
  t2.act('ReceiptReprinted', t1, { of: { journal: t1.key, seq: 2 }, copy: 2 });
  t2.act('ClockChanged');
  t2.act('DrawerOpened', t2, { businessDay: '2011-01-06' });
  return { t1, t2, all: [...t1.entries, ...t2.entries] };
}

describe('acts in the read models', () => {
  it('P4: stand and count the same in whatever order they came, and move neither goods nor money', () => {
    const { t1, t2, all } = shop();
    const [forwards, backwards] = [open(t1.key), open(t1.key)];
    forwards.fold(all);
    for (const entry of all.toReversed()) backwards.fold([entry]);
    expect(backwards.dump()).toEqual(forwards.dump());
    expect(backwards.newestEntries(100)).toEqual(forwards.newestEntries(100));
    expect(forwards.notFolded()).toEqual({ unknown: 0, refused: 0 });
    expect(forwards.totals()).toMatchObject({ documents: 1, totalMinor: { GBP: 250 } });
    expect(forwards.toClose([])).toEqual({ documents: 1, totalMinor: 250, lives: [] });
    expect(forwards.stockAll()).toHaveLength(1);
    const before = forwards.dump();
    forwards.dropJournal(t2.key);
    expect(forwards.printed({ journal: t1.key, seq: 2 })?.copies).toBe(1);
    expect(forwards.flags({ kind: 'clock-drift' })).toEqual([]);
    forwards.fold(t2.entries);
    expect(forwards.dump()).toEqual(before);
  });

  it('are counted by operator and business day; what came back into a cart is no void', () => {
    const { all } = shop();
    const models = open();
    models.fold(all);
    expect(models.actCounts(businessDay)).toEqual([
      { operator: 'ann', type: 'CartCancelled', count: 1 },
      { operator: 'ann', type: 'CartLineVoided', count: 1 },
      { operator: 'ann', type: 'DrawerOpened', count: 2 },
      { operator: 'ann', type: 'PermissionRefused', count: 3 },
      { operator: 'ann', type: 'ReceiptReprinted', count: 2 },
      { operator: 'omar', type: 'OperatorLocked', count: 1 },
    ]);
    expect(models.actCounts('2011-01-06')).toMatchObject([{ type: 'DrawerOpened', count: 1 }]);
    expect(models.actCounts('')).toEqual([]);
  });

  it('are counted for a reader, however often a cheat says that it was', () => {
    const t2 = new SampleJournal('T2');
    t2.begin();
    for (let n = 0; n < 3; n++) t2.act('PermissionRefused', t2, { times: Number.MAX_SAFE_INTEGER });
    const models = open();
    models.fold(t2.entries);
    expect(models.notFolded()).toEqual({ unknown: 0, refused: 0 });
    expect(models.actCounts(businessDay)).toMatchObject([{ count: Number.MAX_SAFE_INTEGER }]);
  });

  it('a command that became an act is known by it, under the number of its entry', () => {
    const { t1, all } = shop();
    const models = open(t1.key);
    models.fold(all);
    expect(models.commandSeen('drawer-0001')).toMatchObject({
      journal: t1.key,
      seq: 3,
      number: 'S01-T1A-J-3',
      type: 'DrawerOpened',
      body: { reason: 'change' },
    });
    expect(models.printed({ journal: t1.key, seq: 2 })).toEqual({
      number: 'S01-T1A-S-1',
      copies: 2,
    });
    // An act is no document, and nothing stands where nothing stands.
    expect(models.printed({ journal: t1.key, seq: 3 })).toBeUndefined();
    expect(models.printed({ journal: t1.key, seq: 99 })).toBeUndefined();
  });

  it('the journals are read newest first, and narrowed by person, kind, till and day', () => {
    const { t1, all } = shop();
    const models = open();
    models.fold(all);
    const entries = models.newestEntries(100);
    expect(entries).toHaveLength(all.length);
    expect(entries.map(({ at }) => at)).toEqual(
      entries
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    expect(entries.at(-1)).toMatchObject({ type: 'IncarnationBegun', body: { letter: 'A' } });
    expect(entries.find(({ type }) => type === 'SaleCompleted')).toMatchObject({
      number: 'S01-T1A-S-1',
      totalMinor: 250,
      currency: 'GBP',
      businessDay,
    });
    const found = (filter: Parameters<Projections['foundEntries']>[0]) =>
      models.foundEntries(filter, 100).map(({ number }) => number);
    expect(found({ type: 'DrawerOpened', businessDay })).toEqual(['S01-T1A-J-4', 'S01-T1A-J-3']);
    expect(found({ terminal: 'T2', type: 'ReceiptReprinted' })).toEqual(['S01-T2A-J-2']);
    expect(found({ operator: 'nobody' })).toEqual([]);
    expect(found({ terminal: 'T1' })).toHaveLength(t1.seq);
  });

  it('N5: a step of a till’s own clock is a flag on its life, beside what others say of it, and stays', () => {
    const { t1, t2, all } = shop();
    const models = open();
    models.fold(all);
    const peer = principalOf(t2);
    const flag = (): unknown => models.flags({ kind: 'clock-changed' });
    expect(flag()).toMatchObject([
      {
        subject: [peer],
        cause: { seen: [{ observer: t2.key, fromMs: 2_000_000, toMs: 1_000_000 }] },
      },
    ]);
    t1.write('ClockOffsetSeen', { peer, offsetMs: 90_000 });
    models.fold(t1.entries);
    expect(models.flagCounts()).toMatchObject({ 'clock-changed': 1, 'clock-drift': 1 });
    t1.write('ClockOffsetSeen', { peer, offsetMs: 10 });
    models.fold(t1.entries);
    expect(models.flagCounts()).not.toHaveProperty('clock-drift');
    expect(flag()).toMatchObject([{ cause: { seen: [{ toMs: 1_000_000 }] } }]);
  });
});
