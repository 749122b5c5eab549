import { describe, expect, it } from 'vitest';
import { errnoOf } from './disk-errors.ts';
import { FaultyDisk, type Fault } from './faulty-disk.ts';
import { seededRandom } from './seeded-random.ts';

const block = (value: number, length = 4): Uint8Array => new Uint8Array(length).fill(value);

function diskWith(seed: number, capacityBytes?: number): FaultyDisk {
  const disk = new FaultyDisk(seededRandom(seed), capacityBytes);
  disk.makeDirectory('/d');
  disk.syncDirectory('/');
  return disk;
}

/** Every outcome that seeds 0…199 give. */
function outcomes(run: (disk: FaultyDisk) => string): Set<string> {
  return new Set(Array.from({ length: 200 }, (_, seed) => run(diskWith(seed))));
}

const text = (bytes: Uint8Array | undefined): string =>
  bytes === undefined ? 'absent' : bytes.join('');

function errnoWhen(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return errnoOf(error);
  }
  return 'none';
}

describe('a power cut', () => {
  it('keeps what was synced, with its name', () => {
    const seen = outcomes((disk) => {
      const file = disk.create('/d/a');
      file.append(block(1));
      file.fdatasync();
      disk.syncDirectory('/d');
      disk.crash();
      return text(disk.read('/d/a'));
    });
    expect([...seen]).toEqual(['1111']);
  });

  it('may take a name whose directory was not synced, though its bytes were', () => {
    const seen = outcomes((disk) => {
      const file = disk.create('/d/a');
      file.append(block(1));
      file.fdatasync();
      disk.crash();
      return text(disk.read('/d/a'));
    });
    expect(seen).toEqual(new Set(['absent', '1111']));
  });

  it('may keep any subset of unsynced writes, and cuts the last at any length', () => {
    const seen = outcomes((disk) => {
      const file = disk.create('/d/a');
      disk.syncDirectory('/d');
      file.append(block(1, 2));
      file.append(block(2, 2));
      disk.crash();
      return text(disk.read('/d/a'));
    });
    // Nothing; the first whole or cut; both, the second cut; the second alone, with a hole before it.
    expect(seen).toEqual(new Set(['', '1', '11', '112', '1122', '002', '0022']));
  });

  it('may lose one sector of a write and keep the next', () => {
    const seen = outcomes((disk) => {
      const file = disk.create('/d/a');
      disk.syncDirectory('/d');
      file.append(block(1, 1_024));
      disk.crash();
      const bytes = disk.read('/d/a');
      return `${bytes?.[0] ?? '-'}${bytes?.[512] ?? '-'}`;
    });
    expect(seen).toEqual(new Set(['--', '1-', '11', '01']));
  });

  it('a rename survives whole or not at all', () => {
    const seen = outcomes((disk) => {
      disk.plant('/d/a', block(1));
      disk.plant('/d/b', block(2));
      disk.rename('/d/b', '/d/a');
      disk.crash();
      return `${text(disk.read('/d/a'))} ${text(disk.read('/d/b'))}`;
    });
    expect(seen).toEqual(new Set(['1111 2222', '2222 absent']));
  });

  it('takes a directory with all that is in it when its own name was not synced', () => {
    const seen = outcomes((disk) => {
      disk.makeDirectory('/d/e');
      disk.create('/d/e/a');
      disk.syncDirectory('/d/e');
      disk.crash();
      return disk.list('/d/e').join();
    });
    expect(seen).toEqual(new Set(['', 'a']));
  });

  it('ends all open files; kill -9 as well, but keeps what the system had', () => {
    const disk = diskWith(1);
    const file = disk.create('/d/a');
    file.append(block(1));
    disk.kill();
    expect(errnoWhen(() => file.append(block(1)))).toBe('EBADF');
    expect(text(disk.read('/d/a'))).toBe('1111');
  });
});

describe('faults', () => {
  it('the n-th call fails, once or from then on', () => {
    const run = (fault: Fault): string => {
      const disk = diskWith(1);
      disk.fail(fault);
      const results = Array.from({ length: 4 }, () => errnoWhen(() => disk.list('/d')));
      expect(disk.faultsFired).toBe(results.filter((result) => result !== 'none').length);
      return results.join(' ');
    };
    expect(run({ nth: 2, kind: 'EIO' })).toBe('none EIO none none');
    expect(run({ nth: 3, kind: 'EACCES', sticky: true })).toBe('none none EACCES EACCES');
    expect(run({ nth: 1, kind: 'EIO', only: ['read'] })).toBe('none none none none');
  });

  it('a short write writes half and says so', () => {
    const disk = diskWith(1);
    const file = disk.create('/d/a');
    disk.fail({ nth: 1, kind: 'short' });
    expect(file.append(block(1, 8))).toBe(4);
    expect(disk.read('/d/a')?.length).toBe(4);
  });

  it('after a failed fdatasync a second one succeeds and has saved nothing more', () => {
    const seen = outcomes((disk) => {
      const file = disk.create('/d/a');
      disk.syncDirectory('/d');
      file.append(block(1));
      disk.fail({ nth: 1, kind: 'EIO' });
      expect(errnoWhen(() => file.fdatasync())).toBe('EIO');
      file.fdatasync();
      expect(text(disk.read('/d/a'))).toBe('1111');
      disk.crash();
      return text(disk.read('/d/a'));
    });
    expect(seen).toEqual(new Set(['', '1111']));
  });

  it('a full disk takes what fits, then refuses, and takes again after a removal', () => {
    const disk = diskWith(1, 10);
    const file = disk.create('/d/a');
    expect(file.append(block(1, 8))).toBe(8);
    const other = disk.create('/d/b');
    expect(other.append(block(1, 8))).toBe(2);
    expect(errnoWhen(() => other.append(block(1)))).toBe('ENOSPC');
    expect(disk.freeBytes('/d')).toBe(0);
    disk.remove('/d/a');
    expect(disk.freeBytes('/d')).toBe(8);
    expect(other.append(block(1))).toBe(4);
  });

  it('a flipped bit stays flipped after a crash', () => {
    const disk = diskWith(1);
    disk.plant('/d/a', block(0));
    disk.flipBit('/d/a', 9);
    disk.crash();
    expect(text(disk.read('/d/a'))).toBe('0200');
  });

  it('the same seed gives the same crash', () => {
    const run = (seed: number): string => {
      const disk = diskWith(seed);
      for (let i = 0; i < 20; i++) disk.create(`/d/${i}`).append(block(i, 700));
      disk.crash();
      return disk
        .list('/d')
        .map((name) => `${name}:${disk.stat(`/d/${name}`)?.size}`)
        .join();
    };
    expect(run(7)).toBe(run(7));
    expect(run(7)).not.toBe(run(8));
  });
});
