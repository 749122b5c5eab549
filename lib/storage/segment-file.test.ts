import { describe, expect, it } from 'vitest';
import { isTillmeshError, type ErrorCode } from '../domain/errors.ts';
import { scan } from './chunks.ts';
import { FaultyDisk, type Fault } from './faulty-disk.ts';
import { joined, sampleSegment } from './sample-changes.ts';
import { randomBelow, seededRandom, type Random } from './seeded-random.ts';
import { SegmentFile } from './segment-file.ts';

const path = '/data/journals/S01/T1/1.changes';
const sample = sampleSegment(20);
/** Entries over a sector: a power cut can keep the second half of one and lose the first. */
const large = sampleSegment(12, 1_400);

function codeWhen(run: () => unknown): ErrorCode | 'none' {
  try {
    run();
  } catch (error) {
    if (isTillmeshError(error)) return error.code;
    throw error;
  }
  return 'none';
}

/** The file must be the genesis and the first n changes, nothing else; gives n. */
function changesIn(file: SegmentFile, of = sample): number {
  const bytes = file.read();
  expect(file.length).toBe(bytes.length);
  const count = scan(bytes).chunks.length - 1;
  expect(file.chunkCount).toBe(count + 1);
  expect(bytes).toEqual(joined([of.genesis, ...of.changes.slice(0, count)]));
  return count;
}

function newDisk(random: Random = seededRandom(1), capacityBytes?: number): FaultyDisk {
  const disk = new FaultyDisk(random, capacityBytes);
  disk.makeDirectory('/data');
  disk.syncDirectory('/');
  return disk;
}

describe('SegmentFile', () => {
  it('begins with its genesis, grows by changes, and is the same after opening again', () => {
    const disk = newDisk();
    const file = SegmentFile.open(disk, path, sample.genesis);
    expect(changesIn(file)).toBe(0);
    for (const change of sample.changes.slice(0, 5)) file.append(change);
    file.append(joined(sample.changes.slice(5, 8)));
    expect(changesIn(file)).toBe(8);
    file.close();
    const again = SegmentFile.open(disk, path, sample.genesis);
    expect(changesIn(again)).toBe(8);
    expect(again.cutBytes).toBe(0);
  });

  it('refuses to append what is not whole chunks, and after close', () => {
    const file = SegmentFile.open(newDisk(), path, sample.genesis);
    const change = sample.changes[0] ?? new Uint8Array();
    expect(codeWhen(() => file.append(change.subarray(1)))).toBe('INVARIANT');
    expect(codeWhen(() => file.append(new Uint8Array()))).toBe('INVARIANT');
    expect(changesIn(file)).toBe(0);
    file.close();
    file.close();
    expect(codeWhen(() => file.append(change))).toBe('INVARIANT');
  });

  it('refuses a file that does not begin with this genesis', () => {
    const disk = newDisk();
    const empty = new Uint8Array();
    for (const content of [empty, large.genesis.subarray(0, 9), joined(sample.changes)]) {
      disk.plant(path, content);
      expect(codeWhen(() => SegmentFile.open(disk, path, sample.genesis))).toBe('FILE_DAMAGED');
      expect(disk.read(path)).toEqual(content);
    }
  });

  it('P1: what a killed process left in the system’s memory is durable before it is read', () => {
    let survived = 0;
    for (let seed = 0; seed < 50; seed++) {
      const disk = newDisk(seededRandom(seed));
      SegmentFile.open(disk, path, sample.genesis).close();
      disk.openAppend(path).append(sample.changes[0] ?? new Uint8Array());
      disk.kill();
      const seen = changesIn(SegmentFile.open(disk, path, sample.genesis));
      expect(seen).toBe(1);
      disk.crash();
      expect(changesIn(SegmentFile.open(disk, path, sample.genesis))).toBe(seen);
      survived++;
    }
    expect(survived).toBe(50);
  });

  it('P1: killed at any call of a first start, the next start has a file that a power cut does not take', () => {
    for (let nth = 1; ; nth++) {
      const disk = newDisk(seededRandom(nth));
      disk.fail({ nth, kind: 'EIO', sticky: true });
      const clean = codeWhen(() => SegmentFile.open(disk, path, sample.genesis)) === 'none';
      disk.heal();
      disk.kill();
      SegmentFile.open(disk, path, sample.genesis).append(sample.changes[0] ?? new Uint8Array());
      disk.crash();
      expect(changesIn(SegmentFile.open(disk, path, sample.genesis))).toBe(1);
      if (clean) return;
    }
  });
});

describe('S3, P1: power cut at any moment', () => {
  it(
    'loses nothing acknowledged, invents nothing, and the file goes on',
    { timeout: 60_000 },
    () => {
      let lostUnacknowledged = 0;
      let keptUnacknowledged = 0;
      let torn = 0;
      for (let seed = 0; seed < 2_000; seed++) {
        const random = seededRandom(seed);
        const disk = newDisk(random);
        let acknowledged = -1;
        let attempted = 0;
        try {
          // The cut comes inside some call: that call and all after it fail, then the power is gone.
          const setUp = randomBelow(random, 3) === 0;
          if (setUp) disk.fail({ nth: 1 + randomBelow(random, 20), kind: 'EIO', sticky: true });
          const file = SegmentFile.open(disk, path, large.genesis);
          acknowledged = 0;
          if (!setUp) disk.fail({ nth: 1 + randomBelow(random, 24), kind: 'EIO', sticky: true });
          for (const change of large.changes) {
            attempted++;
            file.append(change);
            acknowledged++;
          }
        } catch (error) {
          if (!isTillmeshError(error)) throw error;
        }
        disk.heal();
        disk.crash();
        const file = SegmentFile.open(disk, path, large.genesis);
        const found = changesIn(file, large);
        expect(found, `seed ${seed}`).toBeGreaterThanOrEqual(acknowledged);
        expect(found, `seed ${seed}`).toBeLessThanOrEqual(attempted);
        if (file.cutBytes > 0) torn++;
        if (found < attempted) lostUnacknowledged++;
        if (found > Math.max(acknowledged, 0)) keptUnacknowledged++;
        for (const change of large.changes.slice(found)) file.append(change);
        disk.crash();
        expect(changesIn(SegmentFile.open(disk, path, large.genesis), large)).toBe(12);
      }
      // All three outcomes must have been met, or nothing was proved.
      expect(Math.min(lostUnacknowledged, keptUnacknowledged, torn)).toBeGreaterThan(20);
    },
  );
});

describe('S4: torn tail', () => {
  it('cut at every byte: earlier entries all read, the file usable at once', () => {
    const { chunks } = scan(sample.whole);
    const disk = newDisk();
    let cuts = 0;
    for (let cut = 0; cut < sample.whole.length; cut++) {
      disk.plant(path, sample.whole.subarray(0, cut));
      if (cut < sample.genesis.length) {
        expect(codeWhen(() => SegmentFile.open(disk, path, sample.genesis))).toBe('FILE_DAMAGED');
        continue;
      }
      const file = SegmentFile.open(disk, path, sample.genesis);
      const found = changesIn(file);
      expect(found).toBe(chunks.filter((chunk) => chunk.end <= cut).length - 1);
      expect(file.cutBytes).toBe(cut - file.length);
      file.append(sample.changes[found] ?? new Uint8Array());
      expect(changesIn(file)).toBe(found + 1);
      cuts++;
    }
    expect(cuts).toBe(sample.whole.length - sample.genesis.length);
  });
});

describe('S5: bit flips', () => {
  it('each bit of a segment: never wrong data; damage in the middle is left for evidence', () => {
    const { chunks } = scan(sample.whole);
    const lastStart = chunks.at(-1)?.start ?? 0;
    const disk = newDisk();
    const refused = { middle: 0, tail: 0 };
    for (let bit = 0; bit < 8 * sample.whole.length; bit++) {
      disk.plant(path, sample.whole);
      disk.flipBit(path, bit);
      if (bit >> 3 < lastStart) {
        expect(codeWhen(() => SegmentFile.open(disk, path, sample.genesis))).toBe('FILE_DAMAGED');
        expect(disk.stat(path)?.size).toBe(sample.whole.length);
        refused.middle++;
      } else {
        const file = SegmentFile.open(disk, path, sample.genesis);
        expect(file.length).toBe(lastStart);
        expect(file.cutBytes).toBe(sample.whole.length - lastStart);
        refused.tail++;
      }
    }
    expect(refused.middle + refused.tail).toBe(8 * sample.whole.length);
    disk.plant(path, sample.whole);
    expect(changesIn(SegmentFile.open(disk, path, sample.genesis))).toBe(20);
  });
});

describe('S6: the n-th disk call fails', () => {
  const kinds: Fault['kind'][] = ['EIO', 'ENOSPC', 'EACCES', 'short'];
  for (const kind of kinds) {
    for (const sticky of [false, true]) {
      it(`${kind}, ${sticky ? 'from then on' : 'once'}: refused means as before, failed means stopped`, () => {
        let refusals = 0;
        let failures = 0;
        let fired = 0;
        for (let nth = 1; ; nth++) {
          const disk = newDisk(seededRandom(nth));
          disk.fail({ nth, kind, sticky });
          const { acknowledged, attempted, codes } = sellFive(disk);
          for (const code of codes) {
            if (code === 'DISK_FAILED') failures++;
            else refusals++;
          }
          const clean = disk.faultsFired === 0;
          fired += disk.faultsFired;
          disk.heal();
          disk.crash();
          const found = changesIn(SegmentFile.open(disk, path, sample.genesis));
          expect(found, `call ${nth}`).toBeGreaterThanOrEqual(acknowledged);
          expect(found, `call ${nth}`).toBeLessThanOrEqual(attempted);
          // Short writes alone are no reason to refuse: the rest is written.
          if (kind === 'short' && !sticky) expect(codes).toEqual([]);
          if (clean && nth > disk.calls) break;
        }
        expect(fired).toBeGreaterThan(0);
        if (kind !== 'short') expect(Math.min(refusals, failures)).toBeGreaterThan(0);
      });
    }
  }

  /** Five appends, each tried again once where it was refused; nothing more after DISK_FAILED. */
  function sellFive(disk: FaultyDisk): {
    acknowledged: number;
    attempted: number;
    codes: ErrorCode[];
  } {
    const codes: ErrorCode[] = [];
    let acknowledged = 0;
    let attempted = 0;
    const attempt = (run: () => void): boolean => {
      const code = codeWhen(run);
      if (code !== 'none') codes.push(code);
      return code === 'none';
    };
    let file: SegmentFile | undefined;
    const open = (): void => {
      file = SegmentFile.open(disk, path, sample.genesis);
    };
    if (!attempt(open) && (codes.includes('DISK_FAILED') || !attempt(open))) {
      return { acknowledged, attempted, codes };
    }
    for (const change of sample.changes.slice(0, 5)) {
      attempted = acknowledged + 1;
      const append = (): void => file?.append(change);
      if (!attempt(append)) {
        if (codes.includes('DISK_FAILED')) {
          // Poisoned: no later append may pretend to be saved by a sync that "succeeds".
          disk.heal();
          expect(codeWhen(append)).toBe('DISK_FAILED');
          break;
        }
        if (!attempt(append)) break;
      }
      acknowledged++;
      expect(file === undefined ? -1 : changesOf(file)).toBe(acknowledged);
    }
    return { acknowledged, attempted, codes };
  }

  const changesOf = (file: SegmentFile): number => file.chunkCount - 1;

  it('S7: a full disk refuses, keeps the file as it was, and takes entries again when there is room', () => {
    const allBytes = sample.whole.length - sample.genesis.length;
    for (let room = 0; room < allBytes; room += 7) {
      const disk = newDisk(seededRandom(room), sample.genesis.length);
      const file = SegmentFile.open(disk, path, sample.genesis);
      disk.setCapacity(sample.genesis.length + room);
      let taken = 0;
      const appendNext = (): void => file.append(sample.changes[taken] ?? new Uint8Array());
      while (codeWhen(appendNext) === 'none') taken++;
      expect(codeWhen(appendNext)).toBe('DISK_FULL');
      expect(changesIn(file)).toBe(taken);
      disk.setCapacity(2 * sample.whole.length);
      appendNext();
      expect(changesIn(file)).toBe(taken + 1);
      disk.crash();
      expect(changesIn(SegmentFile.open(disk, path, sample.genesis))).toBe(taken + 1);
    }
  });
});
