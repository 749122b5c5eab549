import { describe, expect, it } from 'vitest';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { Reserve } from './reserve.ts';
import { seededRandom } from './seeded-random.ts';

const path = '/data/reserve';
const sizes = { reserveBytes: 10_000, marginBytes: 1_000 };

function codeWhen(run: () => unknown): ErrorCode | 'none' {
  try {
    run();
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
  return 'none';
}

const diskOf = (capacityBytes: number): FaultyDisk =>
  new FaultyDisk(seededRandom(1), capacityBytes);

describe('S7: the reserve', () => {
  it('is real bytes, durable, and made once', () => {
    const disk = diskOf(100_000);
    expect(Reserve.open(disk, path, sizes).held).toBe(true);
    disk.crash();
    const bytes = disk.read(path);
    expect(bytes?.length).toBe(10_000);
    expect(new Set(bytes).size).toBeGreaterThan(200);
    disk.fail({ nth: 1, kind: 'EIO', only: ['append', 'create'], sticky: true });
    expect(Reserve.open(disk, path, sizes).held).toBe(true);
  });

  it('a half one is made anew', () => {
    const disk = diskOf(100_000);
    disk.plant(path, new Uint8Array(5_000));
    expect(Reserve.open(disk, path, sizes).held).toBe(true);
    expect(disk.stat(path)?.size).toBe(10_000);
  });

  it('refuses before the disk is full, and takes sales again when there is room, without a restart', () => {
    const disk = diskOf(20_000);
    const reserve = Reserve.open(disk, path, sizes);
    const journal = disk.create('/data/journal');
    let sales = 0;
    while (codeWhen(() => reserve.ensureRoom(200)) === 'none') {
      expect(journal.append(new Uint8Array(200))).toBe(200);
      sales++;
    }
    expect(sales).toBeGreaterThan(40);
    expect(codeWhen(() => reserve.ensureRoom(200))).toBe('DISK_FULL');
    expect(disk.freeBytes('/data')).toBeGreaterThanOrEqual(1_000);
    expect(reserve.held).toBe(true);
    disk.setCapacity(30_000);
    expect(codeWhen(() => reserve.ensureRoom(200))).toBe('none');
  });

  it('gives its room to closing a day, and is made again when there is room', () => {
    const disk = diskOf(12_100);
    const reserve = Reserve.open(disk, path, sizes);
    disk.setCapacity(10_000);
    expect(codeWhen(() => reserve.ensureRoom(200))).toBe('DISK_FULL');
    expect(codeWhen(() => reserve.ensureRoom(200, 'closing'))).toBe('none');
    expect(reserve.held).toBe(false);
    expect(disk.freeBytes('/data')).toBe(10_000);
    // What was set free is not for sales.
    expect(codeWhen(() => reserve.ensureRoom(200))).toBe('DISK_FULL');
    expect(codeWhen(() => reserve.ensureRoom(20_000, 'closing'))).toBe('DISK_FULL');
    disk.setCapacity(20_000);
    expect(codeWhen(() => reserve.ensureRoom(200))).toBe('none');
    expect(reserve.held).toBe(true);
  });

  it('a disk without room for it does not keep the process from starting', () => {
    const disk = diskOf(5_000);
    const reserve = Reserve.open(disk, path, sizes);
    expect(reserve.held).toBe(false);
    expect(disk.read(path)).toBeUndefined();
    expect(codeWhen(() => reserve.ensureRoom(1))).toBe('DISK_FULL');
    expect(codeWhen(() => reserve.ensureRoom(1, 'closing'))).toBe('none');
  });

  it('asks the system once for many calls', () => {
    const disk = diskOf(10_000_000);
    const reserve = Reserve.open(disk, path, sizes);
    const before = disk.calls;
    for (let n = 0; n < 650; n++) reserve.ensureRoom(100);
    expect(disk.calls - before).toBeLessThanOrEqual(20);
  });

  it('a failed sync of it is final', () => {
    const disk = diskOf(100_000);
    disk.fail({ nth: 1, kind: 'EIO', only: ['fdatasync'] });
    expect(codeWhen(() => Reserve.open(disk, path, sizes))).toBe('DISK_FAILED');
  });
});
