import { describe, expect, test } from 'vitest';
import type { StoreId, TerminalId } from '../domain/ids.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { JoinCodeFile } from './join-code-file.ts';
import { joinCodeStoreSuite, sampleJoinCode } from './join-code-store-suite.ts';

const path = '/data/enrolments.json';
const t1 = 'T1' as TerminalId;

function diskWithDirectory(seed = 1): FaultyDisk {
  const disk = new FaultyDisk(seededRandom(seed));
  disk.makeDirectory('/data');
  disk.syncDirectory('/');
  return disk;
}

describe('join codes in a file', () => {
  joinCodeStoreSuite(async () => new JoinCodeFile(diskWithDirectory(), path));

  test('are found by the next process; a damaged file gives nothing, and no number', async () => {
    const disk = diskWithDirectory();
    await new JoinCodeFile(disk, path).add(sampleJoinCode, 1_000);
    expect(await new JoinCodeFile(disk, path).find('7QZK')).toEqual(sampleJoinCode);
    disk.remove(path);
    disk.create(path).append(new TextEncoder().encode('{"v":1'));
    const damaged = new JoinCodeFile(disk, path);
    expect(() => damaged.isTaken(t1, 0)).toThrow(/damaged/);
    await expect(damaged.find('7QZK')).rejects.toMatchObject({ code: 'FILE_DAMAGED' });
  });

  test('are forgotten a day after they expired', async () => {
    const codes = new JoinCodeFile(diskWithDirectory(), path);
    await codes.add(sampleJoinCode, 1_000);
    await codes.add({ ...sampleJoinCode, id: '0001', expiresAtMs: 9e9 }, 2_000 + 86_400_000 - 1);
    expect(await codes.find('7QZK')).toBeDefined();
    await codes.add({ ...sampleJoinCode, id: '0002', expiresAtMs: 9e9 }, 2_000 + 86_400_000);
    expect(await codes.find('7QZK')).toBeUndefined();
  });
});

describe('a number', () => {
  test('is taken while a code for it can be used, and for ever once it was', async () => {
    const disk = diskWithDirectory();
    const codes = new JoinCodeFile(disk, path);
    expect(codes.isTaken(t1, 0)).toBe(false);
    await codes.add(sampleJoinCode, 1_000);
    expect([1_999, 2_000].map((nowMs) => codes.isTaken(t1, nowMs))).toEqual([true, false]);
    expect(codes.isTaken('T2' as TerminalId, 1_000)).toBe(false);
    await codes.use('7QZK');
    await codes.add({ ...sampleJoinCode, id: '0000', store: 'S02' as StoreId }, 9e9);
    expect(await codes.find('7QZK')).toBeUndefined();
    expect(new JoinCodeFile(disk, path).isTaken(t1, 9e9)).toBe(true);
  });

  test('is not given twice by two codes, where the clock was set back between them', async () => {
    const codes = new JoinCodeFile(diskWithDirectory(), path);
    await codes.add(sampleJoinCode, 1_000);
    await codes.add({ ...sampleJoinCode, id: '0000', expiresAtMs: 5_000 }, 2_000);
    expect([await codes.use('0000'), await codes.use('7QZK')]).toEqual([true, false]);
  });

  test('that was given is on the disk: no crash takes it back, and none that failed was given', async () => {
    const outcomes = new Set<string>();
    for (let nth = 1; nth <= 12; nth++) {
      const disk = diskWithDirectory(nth);
      const codes = new JoinCodeFile(disk, path);
      await codes.add(sampleJoinCode, 1_000);
      disk.fail({ nth, kind: 'EIO', sticky: true });
      const given = await codes.use('7QZK').catch(() => false);
      disk.heal();
      disk.crash();
      const kept = new JoinCodeFile(disk, path).isTaken(t1, 9e9);
      if (given) expect(kept).toBe(true);
      outcomes.add(`${given} ${kept}`);
    }
    expect(outcomes).toContain('true true');
    expect(outcomes).toContain('false false');
  });
});
