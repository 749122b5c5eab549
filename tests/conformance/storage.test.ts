/** automerge-repo’s own acceptance suite for storage, on our adapter over the real and over the faulty disk. */
import { runStorageAdapterTests } from '@automerge/automerge-repo/helpers/tests/storage-adapter-tests.js';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe } from 'vitest';
import type { Disk } from '#lib/storage/disk.ts';
import { DocumentsAdapter } from '#lib/storage/documents-adapter.ts';
import { FaultyDisk } from '#lib/storage/faulty-disk.ts';
import { nodeDisk } from '#lib/storage/node-disk.ts';
import { seededRandom } from '#lib/storage/seeded-random.ts';

function adapterOn(disk: Disk, directory: string): DocumentsAdapter {
  return new DocumentsAdapter(disk, directory, {
    segments: { owns: () => false, read: () => undefined },
    onProblem: (problem) => {
      throw new Error(`unexpected: ${JSON.stringify(problem)}`);
    },
  });
}

// The suite calls beforeEach outside its own describe: without these, both would test the last adapter.
describe('on nodeDisk', () => {
  runStorageAdapterTests(async () => {
    const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'tillmesh-storage-'));
    const teardown = (): void => fs.rmSync(directory, { recursive: true, force: true });
    return { adapter: adapterOn(nodeDisk, path.join(directory, 'documents')), teardown };
  }, 'DocumentsAdapter on nodeDisk');
});

describe('on FaultyDisk without faults', () => {
  runStorageAdapterTests(async () => {
    const adapter = adapterOn(new FaultyDisk(seededRandom(1)), '/data/documents');
    return { adapter };
  }, 'DocumentsAdapter on FaultyDisk');
});
