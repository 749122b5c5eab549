import { describe, expect, it } from 'vitest';
import type { TillmeshError } from '../domain/errors.ts';
import type { IncarnationId } from '../domain/ids.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { randomBelow, seededRandom } from './seeded-random.ts';
import { Witness } from './witness.ts';

const directory = '/var/witness';
const block = 8;
const incarnation = '00112233445566aa' as IncarnationId;
const file = `${directory}/${incarnation}.witness`;

function open(disk: FaultyDisk) {
  const problems: TillmeshError[] = [];
  const onProblem = (error: TillmeshError): void => void problems.push(error);
  return { witness: Witness.open(disk, directory, incarnation, { onProblem, block }), problems };
}

/** Uses seq `from`…`to` as a journal does. */
function use(witness: Witness, from: number, to: number): void {
  for (let seq = from; seq <= to; seq++) {
    witness.reserve(seq);
    witness.used(seq);
  }
}

const newDisk = (seed = 1): FaultyDisk => new FaultyDisk(seededRandom(seed));

describe('Witness', () => {
  it('without a file everything is ok', () => {
    const { witness, problems } = open(newDisk());
    expect(witness.check(0)).toBe('ok');
    expect(witness.check(500)).toBe('ok');
    expect(problems).toEqual([]);
  });

  it('S10, P3: after kill -9 it knows the very last seq', () => {
    for (let tip = 1; tip <= 40; tip++) {
      const disk = newDisk(tip);
      use(open(disk).witness, 1, tip);
      disk.kill();
      const { witness, problems } = open(disk);
      expect(witness.check(tip)).toBe('ok');
      expect(witness.check(tip + 1)).toBe('ok');
      expect(witness.check(tip - 1)).toBe('behind');
      expect(problems).toEqual([]);
    }
  });

  it('P3: a life that is over is over for every backup of it, also after a power cut', () => {
    for (let seed = 0; seed < 50; seed++) {
      const disk = newDisk(seed);
      const { witness } = open(disk);
      use(witness, 1, 11);
      witness.end();
      disk.crash();
      for (const tip of [0, 3, 11, 12]) expect(open(disk).witness.check(tip)).toBe('behind');
    }
  });

  it('P3: after a power cut it never accuses a whole journal, and knows backups older than a block', () => {
    let noticed = 0;
    for (let seed = 0; seed < 500; seed++) {
      const random = seededRandom(seed);
      const disk = new FaultyDisk(random);
      const tip = 1 + randomBelow(random, 60);
      const { witness } = open(disk);
      use(witness, 1, tip);
      // The power may also go between reserving and using.
      if (random() < 0.5) witness.reserve(tip + 1);
      disk.crash();
      const after = open(disk).witness;
      expect(after.check(tip), `seed ${seed}`).toBe('ok');
      if (tip > block) {
        expect(after.check(tip - block - 1), `seed ${seed}`).toBe('behind');
      }
      if (tip > 1 && after.check(tip - 1) === 'behind') noticed++;
    }
    expect(noticed).toBeGreaterThan(50);
  });

  it('S10: a process that goes on within a block of the one before notes every seq, too', () => {
    const disk = newDisk();
    use(open(disk).witness, 1, 2);
    disk.kill();
    use(open(disk).witness, 3, 5);
    disk.kill();
    expect(open(disk).witness.check(4)).toBe('behind');
    expect(open(disk).witness.check(5)).toBe('ok');
  });

  it('half a line of the process before takes none of the next one along', () => {
    const disk = newDisk();
    use(open(disk).witness, 1, 3);
    disk.kill();
    const torn = disk.openAppend(file);
    torn.append(new TextEncoder().encode('4 0f'));
    torn.close();
    use(open(disk).witness, 4, 5);
    disk.kill();
    expect(open(disk).witness.check(4)).toBe('behind');
  });

  it('goes on where it was, also with a journal that is ahead of it', () => {
    const disk = newDisk();
    use(open(disk).witness, 1, 5);
    disk.kill();
    const { witness } = open(disk);
    use(witness, 100, 103);
    disk.kill();
    expect(open(disk).witness.check(103)).toBe('ok');
    expect(open(disk).witness.check(102)).toBe('behind');
  });

  it('syncs once per block, and the file stays small', () => {
    const disk = newDisk();
    const { witness } = open(disk);
    disk.fail({ nth: 64, kind: 'EIO', only: ['fdatasync'] });
    use(witness, 1, 63 * block);
    expect(disk.faultsFired).toBe(0);
    expect(disk.stat(file)?.size).toBeLessThan(block * 40);
  });

  it('damaged is absent or older, never an error, and never accuses', () => {
    const sample = newDisk();
    use(open(sample).witness, 1, 12);
    const bytes = sample.read(file) ?? new Uint8Array();
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const disk = newDisk();
      disk.plant(file, bytes);
      disk.flipBit(file, bit);
      const { witness, problems } = open(disk);
      expect(witness.check(12), `bit ${bit}`).toBe('ok');
      expect(problems).toEqual([]);
    }
    for (let cut = 0; cut < bytes.length; cut++) {
      const disk = newDisk();
      disk.plant(file, bytes.subarray(0, cut));
      expect(open(disk).witness.check(12)).toBe('ok');
    }
  });

  it('the file of another incarnation is absent', () => {
    const sample = newDisk();
    use(open(sample).witness, 1, 12);
    const disk = newDisk();
    const other = new TextDecoder()
      .decode(sample.read(file))
      .replaceAll(incarnation, '0'.repeat(16));
    disk.plant(file, new TextEncoder().encode(other));
    expect(open(disk).witness.check(0)).toBe('ok');
  });

  it('P2: whatever fails, it is told once and no sale is stopped', () => {
    let reported = 0;
    for (let nth = 1; nth < 60; nth++) {
      for (const kind of ['EIO', 'ENOSPC', 'EACCES'] as const) {
        const disk = newDisk(nth);
        disk.fail({ nth, kind, sticky: true });
        const { witness, problems } = open(disk);
        use(witness, 1, 30);
        expect(problems.length).toBeLessThanOrEqual(1);
        reported += problems.length;
        disk.heal();
        disk.kill();
        expect(open(disk).witness.check(30)).toBe('ok');
      }
    }
    expect(reported).toBeGreaterThan(50);
  });

  it('begins to work again with the next block', () => {
    const disk = newDisk();
    const { witness } = open(disk);
    disk.fail({ nth: 1, kind: 'EACCES', only: ['create'] });
    use(witness, 1, block + 3);
    disk.kill();
    expect(open(disk).witness.check(block + 2)).toBe('behind');
  });
});
