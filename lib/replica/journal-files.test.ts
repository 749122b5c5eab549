import { expect, test } from 'vitest';
import { DocumentRegistry } from '../documents/registry.ts';
import type { JournalKey } from '../domain/ids.ts';
import { FaultyDisk } from '../storage/faulty-disk.ts';
import { joined, sampleSegment } from '../storage/sample-changes.ts';
import { seededRandom } from '../storage/seeded-random.ts';
import { JournalFiles } from './journal-files.ts';

const journal = 'S01/T1/0123456789abcdef' as JournalKey;
const path = `/journals/${journal}/1.changes`;
const changes = joined(sampleSegment(3).changes);

function setUp() {
  const disk = new FaultyDisk(seededRandom(7));
  const registry = new DocumentRegistry();
  registry.learnJournal(journal, 0);
  const rule = registry.journalRule(journal, 1);
  if (!rule) throw new Error('no rule');
  return { disk, rule, start: () => begun(disk) };
}

function begun(disk: FaultyDisk): JournalFiles {
  const files = new JournalFiles(disk, '/journals');
  files.begin();
  return files;
}

test('P1, W3: what follows a failed sync whose cut failed too is written anew by the next process', () => {
  const { disk, rule, start } = setUp();
  const isLost = () => String(disk.durable(path)) !== String(disk.seen(path));
  // A sync that fails writes something all the same, now and then everything.
  for (let round = 0; round < 12 && !isLost(); round++) {
    const file = start().open(rule);
    disk.fail({ kind: 'EIO', nth: 1, sticky: true, only: ['fdatasync', 'truncate'] });
    expect(() => file.append(changes)).toThrow(/did not confirm/);
    disk.heal();
    disk.kill();
  }
  expect(isLost()).toBe(true);
  const shown = disk.seen(path);
  start();
  expect(disk.durable(path)).toEqual(shown);
});

test('a start after an orderly stop writes nothing anew, one after a kill does', () => {
  const { disk, rule, start } = setUp();
  const first = start();
  first.open(rule).append(changes);
  first.end();
  const inode = () => disk.stat(path)?.inode;
  const before = inode();
  const second = start();
  expect(inode()).toBe(before);
  second.open(rule);
  disk.kill();
  start();
  expect(inode()).not.toBe(before);
});

test('after a failed sync no stop is an orderly one', () => {
  for (const closes of [true, false]) {
    const { disk, rule, start } = setUp();
    const files = start();
    const file = files.open(rule);
    disk.fail({ kind: 'EIO', nth: 1, only: ['fdatasync'] });
    expect(() => file.append(changes)).toThrow(/did not confirm/);
    if (closes) files.close(rule);
    files.end();
    const before = disk.stat(path)?.inode;
    start();
    expect(disk.stat(path)?.inode).not.toBe(before);
  }
});

test('P2: a full disk does not keep a till from starting after a kill', () => {
  const { disk, rule, start } = setUp();
  start().open(rule).append(changes);
  disk.kill();
  disk.setCapacity(10);
  const files = start();
  expect(files.open(rule).chunkCount).toBe(4);
});

test('a file far beyond the last segment is none of ours; one that follows a few that were set aside is', () => {
  const { disk } = setUp();
  for (const segment of [1, 2, 90, 50_000, 50_001])
    disk.plant(`/journals/${journal}/${segment}.changes`, changes);
  expect(begun(disk).list().get(journal)).toEqual([1, 2, 90]);
});
