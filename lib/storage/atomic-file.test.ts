import { describe, expect, it } from 'vitest';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import { makeDirectoryDurably, writeAtomically } from './atomic-file.ts';
import { FaultyDisk, type Fault } from './faulty-disk.ts';
import { seededRandom } from './seeded-random.ts';
import { setAside } from './set-aside.ts';

const before = new Uint8Array(700).fill(1);
const after = new Uint8Array(1_500).fill(2);

function codeWhen(run: () => unknown): ErrorCode | 'none' {
  try {
    run();
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
  return 'none';
}

function diskWith(seed: number, path: string, bytes: Uint8Array): FaultyDisk {
  const disk = new FaultyDisk(seededRandom(seed));
  disk.plant(path, bytes);
  return disk;
}

const nameOf = (bytes: Uint8Array | undefined): string => {
  if (bytes === undefined) return 'absent';
  if (bytes.length === before.length && bytes.every((byte) => byte === 1)) return 'before';
  return bytes.length === after.length && bytes.every((byte) => byte === 2) ? 'after' : 'broken';
};

/** Runs with a fault at every call until one run meets none; then a power cut. */
function atEveryCall(run: (disk: FaultyDisk, code: () => ErrorCode | 'none') => void): void {
  for (const kind of ['EIO', 'ENOSPC', 'EACCES', 'short'] satisfies Fault['kind'][]) {
    for (const sticky of [false, true]) {
      for (let nth = 1, met = true; met; nth++) {
        for (let seed = 0; seed < 8; seed++) {
          const disk = diskWith(seed, '/data/file', before);
          disk.fail({ nth, kind, sticky });
          run(disk, () => codeWhen(() => writeAtomically(disk, '/data/file', after)));
          met = disk.faultsFired > 0 || nth < disk.calls;
        }
      }
    }
  }
}

describe('writeAtomically', () => {
  it('S3, S6: the file is the old one or the new one, and what was confirmed stays', () => {
    const met = new Set<string>();
    atEveryCall((disk, write) => {
      const code = write();
      disk.heal();
      const seen = nameOf(disk.read('/data/file'));
      if (code === 'none') expect(seen).toBe('after');
      if (code === 'DISK_FULL' || code === 'DISK_REFUSED') expect(seen).toBe('before');
      disk.crash();
      const found = nameOf(disk.read('/data/file'));
      if (code === 'none') expect(found).toBe('after');
      else if (code === 'DISK_FAILED') expect(['before', 'after']).toContain(found);
      else expect(found).toBe('before');
      met.add(`${code} ${found}`);
      // What was left behind under the temporary name is no obstacle.
      writeAtomically(disk, '/data/file', after);
      expect(disk.list('/data')).toEqual(['file']);
    });
    expect([...met].sort()).toEqual([
      'DISK_FAILED after',
      'DISK_FAILED before',
      'DISK_FULL before',
      'DISK_REFUSED before',
      'none after',
    ]);
  });
});

describe('makeDirectoryDurably', () => {
  it('a directory that it made is there after a power cut, with all its parents', () => {
    for (let seed = 0; seed < 50; seed++) {
      const disk = new FaultyDisk(seededRandom(seed));
      makeDirectoryDurably(disk, '/a/b/c');
      disk.crash();
      expect(disk.stat('/a/b/c')?.kind).toBe('directory');
    }
  });

  it('does not mind a parent that it may not read', () => {
    const disk = diskWith(1, '/data/file', before);
    disk.fail({ nth: 1, kind: 'EACCES', only: ['syncDirectory'] });
    makeDirectoryDurably(disk, '/data');
    expect(disk.faultsFired).toBe(1);
    disk.fail({ nth: 1, kind: 'EIO', only: ['syncDirectory'] });
    expect(codeWhen(() => makeDirectoryDurably(disk, '/data'))).toBe('DISK_FAILED');
  });
});

describe('setAside', () => {
  it('moves the file with its reason, durably, and never over an older one', () => {
    const disk = diskWith(1, '/data/file', before);
    const first = setAside(disk, '/data/file', '/aside', { reason: 'torn' });
    disk.plant('/data/file', after);
    const second = setAside(disk, '/data/file', '/aside', { reason: 'flipped' });
    disk.crash();
    expect([first, second]).toEqual(['/aside/file.1', '/aside/file.2']);
    expect(nameOf(disk.read(first))).toBe('before');
    expect(nameOf(disk.read(second))).toBe('after');
    expect(disk.stat('/data/file')).toBeUndefined();
    expect(JSON.parse(new TextDecoder().decode(disk.read(`${second}.reason.json`)))).toEqual({
      from: '/data/file',
      reason: 'flipped',
    });
  });

  it('S6: whatever fails, the evidence is in exactly one of the two places', () => {
    for (let nth = 1, met = true; met; nth++) {
      const disk = diskWith(nth, '/data/file', before);
      disk.fail({ nth, kind: 'EIO' });
      codeWhen(() => setAside(disk, '/data/file', '/aside', { reason: 'x' }));
      met = disk.faultsFired > 0;
      disk.heal();
      const places = ['/data/file', '/aside/file.1'].map((path) => nameOf(disk.read(path)));
      expect(places.sort()).toEqual(['absent', 'before']);
    }
  });
});
