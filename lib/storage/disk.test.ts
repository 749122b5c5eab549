import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { diskContract } from './disk-contract.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { nodeDisk } from './node-disk.ts';
import { seededRandom } from './seeded-random.ts';

diskContract('nodeDisk', () => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-disk-'));
  return {
    disk: nodeDisk,
    directory,
    cleanUp: () => fs.rmSync(directory, { recursive: true, force: true }),
  };
});

diskContract('FaultyDisk without faults', () => {
  const disk = new FaultyDisk(seededRandom(1));
  disk.makeDirectory('/data');
  return { disk, directory: '/data' };
});
