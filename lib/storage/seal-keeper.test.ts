import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeAtomically } from './atomic-file.ts';
import { differences, readSeal, type Difference } from './directory-seal.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { nodeDisk } from './node-disk.ts';
import { SealKeeper, sealSeen } from './seal-keeper.ts';
import { seededRandom } from './seeded-random.ts';

let root: string;
let directory: string;
let witnessDirectory: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillmesh-seal-'));
  directory = `${root}/data`;
  witnessDirectory = `${root}/witness`;
  for (const name of ['identity', 'journals/S01', 'logs'])
    mkdirSync(`${directory}/${name}`, { recursive: true });
  put('identity/terminal.key', 'a key');
  put('bars.json', '[]');
  put('journals/S01/1.changes', 'entries');
  put('projections.db', 'rows');
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (path: string, text: string): void => writeFileSync(`${directory}/${path}`, text);

function keeper(): SealKeeper {
  const onProblem = (error: unknown): never => {
    throw error;
  };
  return new SealKeeper({
    disk: nodeDisk,
    directory,
    witnessDirectory,
    wallMs: () => 1,
    onProblem,
  });
}

/** A whole run: begun, lived, ended. */
function run(during: (kept: SealKeeper) => void = () => undefined): void {
  const kept = keeper();
  kept.begin();
  kept.lives('life');
  during(kept);
  kept.end();
}

function found(reading: 'touched' | 'whole' = 'touched'): Difference[] {
  const seal = readSeal(nodeDisk, directory)?.seal;
  return seal ? differences(nodeDisk, { directory, witnessDirectory }, seal, reading) : [];
}

describe('X11: the seal of a stopped till', () => {
  it('fits what the till left, and names every file that was edited, taken or put there since', () => {
    run();
    expect(readSeal(nodeDisk, directory)).toMatchObject({ kind: 'sound', seal: { isWhole: true } });
    expect([found(), found('whole')]).toEqual([[], []]);
    put('journals/S01/1.changes', 'ENTRIES');
    put('projections.db', 'rows and more');
    put('identity/another.pem', 'x');
    rmSync(`${directory}/bars.json`);
    expect(found()).toEqual([
      { kind: 'gone', path: 'bars.json' },
      { kind: 'edited', path: 'journals/S01/1.changes', sizes: [7, 7] },
      { kind: 'edited', path: 'projections.db', sizes: [4, 13] },
      { kind: 'strange', path: 'identity/another.pem' },
    ]);
  });

  it('leaves out what no till reads back', () => {
    run();
    put('logs/register.log', 'a line');
    put('reserve', 'x');
    put('a note of the owner', 'x');
    expect(found()).toEqual([]);
  });

  it('R1: fits after a power cut, too, that comes right after the stop', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const disk = new FaultyDisk(seededRandom(seed));
      const bytes = (text: string) => new TextEncoder().encode(text);
      disk.plant('/data/identity/terminal.key', bytes('a key'));
      disk.plant('/witness/life.witness', bytes('a header\n'));
      const parts = { disk, directory: '/data', witnessDirectory: '/witness', wallMs: () => 1 };
      const onProblem = (error: unknown): never => {
        throw error;
      };
      const kept = new SealKeeper({ ...parts, onProblem });
      kept.begin();
      kept.lives('life');
      const witness = disk.openAppend('/witness/life.witness');
      for (let n = 0; n < 5; n++) witness.append(bytes(`${n}\n`));
      witness.close();
      kept.end();
      disk.crash();
      const seal = readSeal(disk, '/data')?.seal;
      expect(seal).toMatchObject({ isWhole: true });
      expect([seed, seal && differences(disk, parts, seal)]).toEqual([seed, []]);
    }
  });

  it('is worth nothing under another key, and says so', () => {
    run();
    put('identity/terminal.key', 'another key');
    expect(readSeal(nodeDisk, directory)).toMatchObject({ kind: 'false' });
    expect(found()).toMatchObject([{ kind: 'edited', path: 'identity/terminal.key' }]);
    put('seal.json', 'nonsense');
    expect(readSeal(nodeDisk, directory)).toEqual({ kind: 'false', seal: undefined });
    // A time that nobody could say.
    put('seal.json', 'mac\n{"v":1,"n":1,"wallMs":1e300,"isWhole":true,"files":[]}\n');
    expect(readSeal(nodeDisk, directory)).toEqual({ kind: 'false', seal: undefined });
  });

  it('does not take rights for contents', () => {
    run();
    chmodSync(`${directory}/bars.json`, 0o644);
    expect(found()).toEqual([]);
  });
});

describe('X11: while a till runs', () => {
  it('small files are sealed at each change, so that pulling the plug opens no gap for them', () => {
    const kept = keeper();
    kept.begin();
    kept.lives('life');
    writeAtomically(kept.disk, `${directory}/bars.json`, new TextEncoder().encode('[1]'));
    writeAtomically(kept.disk, `${directory}/wrong-pins.json`, new TextEncoder().encode('5'));
    // Killed: what grows is judged by others, what is small is known.
    put('journals/S01/1.changes', 'entries and more');
    expect(found()).toEqual([]);
    rmSync(`${directory}/wrong-pins.json`);
    expect(found()).toEqual([{ kind: 'gone', path: 'wrong-pins.json' }]);
  });

  it('a disk that was full at the start: as soon as there is room, the till’s own work is no hand’s', () => {
    const disk = new FaultyDisk(seededRandom(1));
    const bytes = (text: string) => new TextEncoder().encode(text);
    disk.plant('/data/identity/terminal.key', bytes('a key'));
    disk.plant('/data/journals/S01/1.changes', bytes('entries'));
    const parts = { disk, directory: '/data', witnessDirectory: '/witness', wallMs: () => 1 };
    const problems: unknown[] = [];
    const start = () => {
      const kept = new SealKeeper({ ...parts, onProblem: (error) => problems.push(error) });
      kept.begin();
      kept.lives('life');
      return kept;
    };
    start().end();
    disk.setCapacity(0);
    const kept = start();
    kept.lives('life');
    expect(problems).toMatchObject([{ code: 'DISK_FULL' }]);
    disk.setCapacity(Number.MAX_SAFE_INTEGER);
    disk.openAppend('/data/journals/S01/1.changes').append(bytes('a sale'));
    kept.lives('life');
    disk.kill();
    const seal = readSeal(disk, '/data')?.seal;
    expect(seal).toMatchObject({ isWhole: false });
    expect(seal && differences(disk, parts, seal)).toEqual([]);
    // Not again and again.
    const written = disk.calls;
    kept.lives('life');
    expect(disk.calls).toBe(written);
  });

  it('a file that is being replaced may be the old one or the new one', () => {
    const kept = keeper();
    kept.begin();
    const before = readSeal(nodeDisk, directory)?.seal?.n ?? 0;
    let between: Difference[] | undefined;
    const rename = kept.disk.rename;
    kept.disk.rename = (from, to) => {
      rename(from, to);
      between = found();
    };
    writeAtomically(kept.disk, `${directory}/bars.json`, new TextEncoder().encode('[2]'));
    expect(between).toEqual([]);
    expect(readSeal(nodeDisk, directory)?.seal?.n).toBe(before + 2);
  });
});

describe('S10: an older directory', () => {
  it('is behind the number that is noted outside of it, in the name of its life', () => {
    run();
    const { n = 0 } = readSeal(nodeDisk, directory)?.seal ?? {};
    expect(sealSeen(nodeDisk, witnessDirectory, 'life')).toBe(n);
    expect(sealSeen(nodeDisk, witnessDirectory, 'another')).toBe(0);
    run();
    expect(sealSeen(nodeDisk, witnessDirectory, 'life')).toBeGreaterThan(n);
  });

  it('S9: a copy that has not yet begun a life of its own leaves no number in the name of the original’s', () => {
    const kept = keeper();
    kept.begin();
    expect(existsSync(witnessDirectory)).toBe(false);
  });
});
