/** Floods of a till that belongs: neither time nor memory of the victim is without bound, and sales go on. */
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { documentIdOf, names } from '#lib/documents/names.ts';
import { limits } from '#lib/domain/limits.ts';
import { journalKeyOf, type EntryHash, type JournalKey } from '#lib/domain/ids.ts';
import { until } from '../system/until.ts';
import type { Role } from './company-network.ts';
import { Scribe, type Written } from './forgeries.ts';
import { strangeDocument } from './frame-tables.ts';
import { Ground, roles } from './ground.ts';
import { syncData, type Intruder } from './intruder.ts';
import { memoryInUse } from './memory.ts';

const mebibyte = 1024 * 1024;

let ground: Ground;
const consoleLog = vi.spyOn(console, 'log').mockImplementation(() => undefined);
beforeAll(async () => {
  ground = await Ground.open();
});
afterAll(() => ground.close());
afterEach(async () => {
  ground.leave();
  expect(consoleLog, 'nothing malformed reached the repo').not.toHaveBeenCalled();
  for (const role of roles)
    expect(ground.network.node(role).faults.filter(({ kind }) => kind !== 'storm')).toEqual([]);
  await ground.network.settled();
});

/** A till with two entries that everybody has and two that nobody has yet. */
async function ghost(): Promise<{ scribe: Scribe; late: [Written, Written] }> {
  const scribe = new Scribe(await ground.newcomer());
  await ground.introduce(scribe, 2);
  return { scribe, late: [scribe.write(), scribe.write()] };
}

const hash = (n: number): EntryHash => n.toString(16).padStart(43, 'A') as EntryHash;
const madeUp = (n: number): JournalKey =>
  `S01/T7/${n.toString(16).padStart(16, '0')}` as JournalKey;
const presence = {
  instance: 'attacker-process',
  version: '0.1.0',
  clock: '0123456789abcdef',
};

/** What is allowed by the second is allowed for longer on a busy machine. */
const secondsSince = (began: number): number => (performance.now() - began) / 1_000;

/** Sends in rounds, with a sale beside each. Processor time of all that in milliseconds: a busy machine does not change it. */
async function whileSelling(
  role: Role,
  rounds: number,
  link: Intruder,
  flood: (round: number) => void,
): Promise<number> {
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    flood(round);
    await new Promise((resolve) => setImmediate(resolve));
    ground.network.sellOnce(role);
  }
  if (link.closedWith === undefined) await link.answered();
  const { user, system } = process.cpuUsage(before);
  const ms = (user + system) / 1_000;
  if (process.env['FLOOD_FIGURES']) console.warn(expect.getState().currentTestName, ms);
  return ms;
}

describe.each(roles)('X10: floods at a %s', (role) => {
  it('4,096 forged tips, over and over: few questions, no wait for the till, nothing remembered', async () => {
    const link = await ground.linkTo(role, await ground.newcomer());
    const known = [...ground.replica(role).tips().keys()];
    const tips = (round: number) =>
      Object.fromEntries([
        ...known.map((journal) => [journal, { segment: 999, seq: 1e9 + round, hash: hash(round) }]),
        ...Array.from({ length: limits.tipsPerMessage - known.length }, (_, n) => [
          madeUp(round * 5_000 + n),
          { segment: 1, seq: 9, hash: hash(n) },
        ]),
      ]) as object;
    const present = (round: number) =>
      link.send('tillmesh/presence', { ...presence, tips: tips(round) });
    const claim = (round: number) =>
      link.send('tillmesh/copies', {
        tips: Object.fromEntries(
          Array.from({ length: limits.tipsPerMessage }, (_, n) => [
            madeUp(round * 5_000 + n),
            { seq: 9, hash: hash(n) },
          ]),
        ),
      });
    present(0);
    claim(0);
    await link.answered();
    const before = await memoryInUse();
    const began = performance.now();
    expect(await whileSelling(role, 15, link, present)).toBeLessThan(15 * 200);
    expect(await whileSelling(role, 40, link, claim)).toBeLessThan(40 * 200);
    // Each journal is asked for once in three seconds, from one peer.
    expect(link.count('tillmesh/want')).toBeLessThan(known.length * (10 + secondsSince(began) / 3));
    expect(link.closedWith).toBeUndefined();
    // 160,000 claims that are kept are 30 MB.
    expect((await memoryInUse()) - before).toBeLessThan(15 * mebibyte);
  });

  it('a tip of the same seq with another hash opens no more than the end of a journal', async () => {
    const link = await ground.linkTo(role, await ground.newcomer());
    const tips = Object.fromEntries(
      [...ground.replica(role).tips()].map(([journal, { segment, seq }]) => [
        journal,
        { segment, seq, hash: hash(1) },
      ]),
    );
    link.send('tillmesh/presence', { ...presence, tips });
    for (const journal of Object.keys(tips))
      link.send('tillmesh/want', { journal, seq: 1, hash: hash(1) });
    await link.answered();
    for (const journal of Object.keys(tips) as JournalKey[])
      expect(ground.replica(role).journals.isForked(journal)).toBe(false);
  });

  it('1,000 times the same 20 changes: nothing new, nobody waits', async () => {
    const scribe = new Scribe(await ground.newcomer());
    await ground.introduce(scribe, 20);
    const link = await ground.linkTo(role, await ground.newcomer());
    const before = ground.picture(role, scribe.id);
    const cpuMs = await whileSelling(role, 100, link, () => {
      for (let n = 0; n < 10; n++) link.write('push', scribe, scribe.written);
    });
    expect(cpuMs).toBeLessThan(10_000);
    expect(ground.picture(role, scribe.id)).toEqual(before);
  });

  it('pushes whose document, journal and segment do not fit each other change nothing', async () => {
    const { scribe, late } = await ghost();
    const other = new Scribe(await ground.newcomer());
    await ground.introduce(other, 1);
    const link = await ground.linkTo(role, await ground.newcomer());
    const before = ground.picture(role);
    const push = (journal: string, segment: number, document: string) =>
      link.send('tillmesh/push', { document, journal, segment, changes: [late[0].bytes] });
    push(scribe.journal, 3, scribe.id);
    push(scribe.journal, 2 ** 40, scribe.id);
    push(madeUp(1), 1, scribe.id);
    push(`S02/T1/${'0'.repeat(16)}`, 1, scribe.id);
    push(`HQ/HQ1/${'0'.repeat(16)}`, 1, documentIdOf(names.org()));
    push(journalKeyOf({ ...ground.replica('relay').me.identity }), 1, scribe.id);
    await link.answered();
    expect(ground.picture(role)).toEqual(before);
    expect(ground.tip(role, scribe.journal).seq).toBe(2);
  });

  it('questions with absurd values are answered with nothing, and no more often than is decent', async () => {
    const link = await ground.linkTo(role, await ground.newcomer());
    const { journal } = ground.theirs;
    const want = (fields: object) =>
      link.send('tillmesh/want', { journal, seq: 0, hash: '-', ...fields });
    for (const seq of [2 ** 53 - 1, 2 ** 40, 4]) want({ seq, hash: hash(1) });
    want({ journal: madeUp(1) });
    want({ journal: `S99/T1/${'0'.repeat(16)}` });
    await link.answered();
    expect(link.count('tillmesh/push')).toBe(0);
    const began = performance.now();
    const cpuMs = await whileSelling(role, 20, link, () => {
      for (let n = 0; n < 100; n++) want({});
    });
    expect(cpuMs).toBeLessThan(5_000);
    expect(link.received.filter((frame) => frame['journal'] === journal).length).toBeLessThan(
      (4 + secondsSince(began)) * limits.wantsPerSecond,
    );
  });

  it('10,000 documents that cannot be: answered, no handle, no memory, no wait', async () => {
    const link = await ground.linkTo(role, await ground.newcomer());
    const { repo } = ground.replica(role);
    const data = syncData([]);
    const handles = Object.keys(repo.handles).length;
    const before = await memoryInUse();
    const cpuMs = await whileSelling(role, 100, link, (round) => {
      for (let n = 0; n < 100; n++)
        link.send('request', { documentId: strangeDocument(round * 100 + n), data });
    });
    await until('the answers', () => link.count('doc-unavailable') >= 10_000 || undefined);
    expect(cpuMs).toBeLessThan(10_000);
    expect(Object.keys(repo.handles).length).toBeLessThanOrEqual(handles + 2);
    link.received.length = 0;
    expect((await memoryInUse()) - before).toBeLessThan(50 * mebibyte);
  });

  it('a question for 400,000 changes that nobody has', async () => {
    const link = await ground.linkTo(role, await ground.newcomer());
    const need = Array.from({ length: 400_000 }, (_, n) => n.toString(16).padStart(64, '0'));
    const data = syncData([], [], need);
    link.send('sync', { documentId: ground.theirs.id, data });
    expect(await link.closed()).toBe(1008);
  });
});
