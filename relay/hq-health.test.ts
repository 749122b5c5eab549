import { describe, expect, it } from 'vitest';
import type { Clock } from '../lib/domain/clock.ts';
import type { EntryHash, StoreId } from '../lib/domain/ids.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import { Projections } from '../lib/projections/projections.ts';
import { filesChanged } from '../lib/replica/alarms.ts';
import { HqHealth, nextTerminal } from './hq-health.ts';
import { SampleJournal } from './testing/sample-entries.ts';
import { journalOf, sampleRelay, type SampleRelay } from './testing/sample-relay.ts';

const store = 'S01' as StoreId;
const [t1a, t1b] = ['S01-T1-00000000000000a1', 'S01-T1-00000000000000a2'] as const;
const [t2, t10, foreign] = [
  'S01-T2-00000000000000b1',
  'S01-T10-00000000000000c1',
  'S02-T1-00000000000000d1',
] as const;
const members = [
  [t10, 'A'],
  [t1a, 'A'],
  [t2, 'A'],
  [t1b, 'B'],
  [foreign, 'A'],
] as const;
const tip = (seq: number) => ({ seq, hash: `${seq}`.padEnd(43, 'x') as EntryHash });

class HandClock implements Clock {
  wall = Date.UTC(2010, 11, 1, 9);
  monotonic = 1_000;
  wallMs = (): number => this.wall;
  monotonicMs = (): number => this.monotonic;
  zone = (): string => 'Europe/London';
  setTimer = () => ({ cancel: () => undefined });
}

const directory = { nameOf: (of: StoreId) => (of === 'S01' ? 'Harbour' : undefined) };
const open = (file = ':memory:') => Projections.open({ file, store, own: undefined });

describe('the tills of a store', () => {
  it('are its terminals, each once and by its last life, in the order in which people count', () => {
    const { relay } = sampleRelay({ members, linked: [t1b], presence: { [t1b]: {} } });
    const health = new HqHealth({ relay, directory, clock: new HandClock() });
    expect(health.tills(store)).toMatchObject([
      { terminal: 'T1', principal: t1b, letter: 'B', lives: 2, linked: true, version: '1.2.3' },
      { terminal: 'T2', principal: t2, lives: 1, linked: false },
      { terminal: 'T10', principal: t10, linked: false },
    ]);
  });

  it('N9: are the ones that stand: a revoked one is shown as such until another has its name', () => {
    const { relay } = sampleRelay({ members, revoked: [t1b, t2] });
    const health = new HqHealth({ relay, directory, clock: new HandClock() });
    const [one, two, ten] = health.tills(store);
    expect(one).toMatchObject({ terminal: 'T1', principal: t1a, lives: 2 });
    expect(one).not.toHaveProperty('revoked');
    expect(two).toMatchObject({
      principal: t2,
      terminalKey: `the key of ${t2}`,
      revoked: { reason: 'lost', atMs: 1_000 },
    });
    expect(ten).not.toHaveProperty('revoked');
  });

  it('lag by what they say they have, and by what the archive has confirmed, over all their lives', () => {
    const [one, two, other] = [journalOf(t1a), journalOf(t1b), journalOf(t2)];
    const { relay } = sampleRelay({
      members,
      linked: [t1b],
      tips: { [one]: tip(100), [two]: tip(5), [other]: tip(9) },
      archived: { [one]: tip(98), [other]: tip(9) },
      // Its word on another till's journal is not its own lag.
      presence: { [t1b]: { [one]: tip(100), [two]: tip(12), [other]: tip(50) } },
      forked: [two],
    });
    const [till, second] = new HqHealth({ relay, directory, clock: new HandClock() }).tills(store);
    expect(till).toMatchObject({ notHere: 7, notArchived: 7, forked: true, clockOffsetMs: -250 });
    expect(second).toMatchObject({ notArchived: 0, forked: false });
    // Nothing that only a link can tell.
    for (const name of ['notHere', 'version', 'latencyMs', 'clockOffsetMs'])
      expect(second).not.toHaveProperty(name);
  });

  it('say when they were heard: now, when the link ended, or not at all', () => {
    const clock = new HandClock();
    const { relay, change } = sampleRelay({ members, linked: [t2] });
    const health = new HqHealth({ relay, directory, clock });
    const heard = () => health.tills(store).map(({ heardAtMs }) => heardAtMs);
    expect(heard()).toEqual([undefined, clock.wall - 1_500, undefined]);
    clock.wall += 60_000;
    change({ linked: [] });
    const goneAtMs = clock.wall;
    clock.wall += 60_000;
    expect(heard()).toEqual([undefined, goneAtMs, undefined]);
  });

  it('X11: say how much of their own files nobody has looked at; of a device that is kept out it is no alarm', () => {
    const [old, now] = ['00000000000000a1', '00000000000000a2'].map(
      (life) => new SampleJournal('T1', life),
    ) as [SampleJournal, SampleJournal];
    const edited = (where: string) => ({
      type: 'TamperingSeen',
      body: { code: 'FILE_EDITED', where },
    });
    const models = open();
    models.fold([old.append(edited('bars.json'))]);
    const { relay, change } = sampleRelay({ members, models: { S01: models } });
    const health = new HqHealth({ relay, directory, clock: new HandClock() });
    const said = () => health.tills(store).map(({ filesChanged: open }) => open);
    const alarms = () =>
      filesChanged({ replica: relay.replica, flags: (kind) => models.flags({ kind }) });
    expect(said()).toEqual([1, undefined, undefined]);
    expect(alarms()).toMatchObject([
      { kind: 'filesChanged', terminal: 'S01-T1', code: 'FILE_EDITED', where: 'bars.json' },
    ]);
    change({ revoked: [t1a] });
    expect([said(), alarms()]).toEqual([[undefined, undefined, undefined], []]);
    models.fold([now.append(edited('wrong-pins.json')), now.append(edited('format.json'))]);
    expect(said()[0]).toBe(2);
    expect(alarms()).toMatchObject([{ where: 'format.json' }]);
    models.fold([now.append({ type: 'TamperingChecked', body: { findings: 2 } })]);
    expect([said(), alarms()]).toEqual([[undefined, undefined, undefined], []]);
    models.close();
  });

  it.each([
    [[], 'T1'],
    [['T1', 'T2', 'T10'], 'T3'],
    [['T2'], 'T1'],
    [['K1'], 'T1'],
  ])('%j: the next one is %s', (taken, next) => {
    expect(nextTerminal(taken.map((terminal) => ({ terminal: terminal as never })))).toBe(next);
  });
});

describe('a store', () => {
  it('that this relay does not have is none; one without anything is well', () => {
    const models = open();
    const { relay } = sampleRelay({ models: { S01: models } });
    const health = new HqHealth({ relay, directory, clock: new HandClock() });
    expect(health.store('S09' as StoreId)).toBeUndefined();
    expect(health.store(store)).toEqual({
      store,
      name: 'Harbour',
      tills: [],
      flags: 0,
      notArchived: 0,
      today: { day: '2010-12-01', zone: 'Europe/London', totals: [], hours: [] },
    });
    models.close();
  });

  it('is summed anew after a change, and not while it rests from a sum that took long', () => {
    const clock = new HandClock();
    const models = open();
    const journal = new SampleJournal();
    let sums = 0;
    let own: SampleRelay['tips'] = {};
    const slow = new Proxy(models, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name === 'salesSince') {
          sums += 1;
          clock.monotonic += 100;
        }
        return value.bind(target) as unknown;
      },
    });
    const { relay, change } = sampleRelay({ models: { S01: slow } });
    const health = new HqHealth({ relay, directory, clock });
    const sales = () => health.store(store)?.today.totals[0]?.sales ?? 0;
    const sell = () => {
      const [sold] = journal.sales(1) as [VerifiedEntry];
      models.fold([sold]);
      own = { [journal.key]: { seq: sold.entry.seq, hash: sold.hash } };
      change({ tips: own });
    };
    sell();
    expect([sales(), sales(), sums]).toEqual([1, 1, 1]);
    sell();
    expect([sales(), sums]).toEqual([1, 1]);
    clock.monotonic += 1_000;
    expect([sales(), sums]).toEqual([2, 2]);
    // What another store sold is no reason.
    clock.monotonic += 10_000;
    change({ tips: { ...own, [journalOf(foreign)]: tip(3) } });
    expect([sales(), sums]).toEqual([2, 2]);
    // Nothing happened, but the day may be another one.
    clock.wall += 24 * 3_600_000;
    expect([sales(), sums]).toEqual([0, 3]);
    models.close();
  });
});
