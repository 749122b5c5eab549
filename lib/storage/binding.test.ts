import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBinding, sameMachine, writeBinding, type MachineIdentity } from './binding.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { nodeDisk } from './node-disk.ts';
import { NodeMachine } from './node-machine.ts';
import { seededRandom } from './seeded-random.ts';

const here: MachineIdentity = { machineId: 'm', directoryInode: '7', directoryBornMs: 1_000 };

describe('sameMachine', () => {
  it.each<[boolean, MachineIdentity]>([
    [true, here],
    [true, {}],
    [true, { machineId: 'm' }],
    [true, { directoryInode: '7', directoryBornMs: 1_000 }],
    [false, { ...here, machineId: 'other' }],
    [false, { ...here, directoryInode: '8' }],
    [false, { ...here, directoryBornMs: 1_001 }],
    [false, { directoryInode: '8' }],
  ])('%s for %o, whichever side it is on', (same, other) => {
    expect(sameMachine(here, other)).toBe(same);
    expect(sameMachine(other, here)).toBe(same);
  });
});

describe('the binding file', () => {
  const file = '/data/binding.json';
  const newDisk = (): FaultyDisk => {
    const disk = new FaultyDisk(seededRandom(1));
    disk.plant('/data/x', new Uint8Array());
    return disk;
  };

  it('keeps what is known, durably', () => {
    for (const identity of [here, {}, { machineId: 'm' }]) {
      const disk = newDisk();
      writeBinding(disk, file, identity);
      disk.crash();
      expect(readBinding(disk, file)).toStrictEqual(identity);
    }
  });

  it('absent or unreadable is no binding', () => {
    const disk = newDisk();
    expect(readBinding(disk, file)).toBeUndefined();
    for (const text of ['', '{', '[]', '{"machineId":5}', '{"directoryBornMs":0.5}']) {
      disk.plant(file, new TextEncoder().encode(text));
      expect(readBinding(disk, file), text).toBeUndefined();
    }
  });
});

describe('S9: NodeMachine', () => {
  it('tells a copied directory from its original, and a renamed one is the same', () => {
    const root = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-machine-'));
    try {
      const machine = new NodeMachine(nodeDisk);
      const [original, copy, moved] = ['a', 'b', 'c'].map((name) => path.join(root, name));
      if (original === undefined || copy === undefined || moved === undefined) throw new Error();
      fs.mkdirSync(original);
      fs.writeFileSync(path.join(original, 'file'), 'x');
      fs.cpSync(original, copy, { recursive: true });
      const first = machine.read(original);
      expect(sameMachine(first, machine.read(copy))).toBe(false);
      fs.writeFileSync(path.join(original, 'later'), 'y');
      expect(sameMachine(first, machine.read(original))).toBe(true);
      fs.renameSync(original, moved);
      expect(sameMachine(first, machine.read(moved))).toBe(true);
    } finally {
      fs.rmSync(root, { recursive: true, force: true });
    }
  });

  it('on a simulated disk knows the directory, and an absent one not at all', () => {
    const disk = new FaultyDisk(seededRandom(1));
    disk.makeDirectory('/data');
    const machine = new NodeMachine(disk);
    expect(machine.read('/data').directoryInode).toBe('2');
    expect(machine.read('/absent').directoryInode).toBeUndefined();
  });
});
