import { describe, expect, it } from 'vitest';
import type { JournalKey } from '../lib/domain/ids.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import { ArchiveFeed, type ArchiveFeedParts } from './archive-feed.ts';
import { SampleJournal } from './testing/sample-entries.ts';

/** A queue of `room` entries that is emptied by hand, before a disk of journals. */
function setUp(room: number) {
  const disk = new Map<JournalKey, VerifiedEntry[]>();
  const broken = new Set<JournalKey>();
  const errors: unknown[] = [];
  let queue: VerifiedEntry[] = [];
  let most = 0;
  const archived = new Set<string>();
  let waiters: (() => void)[] = [];
  const sink: ArchiveFeedParts['sink'] = {
    push(entries) {
      queue.push(...entries);
      most = Math.max(most, queue.length);
      return sink.room();
    },
    get isRoomy() {
      return queue.length < room;
    },
    room: () =>
      queue.length <= room
        ? Promise.resolve()
        : new Promise((resolve) => void waiters.push(resolve)),
  };
  const feed = new ArchiveFeed({
    *entriesFrom(journal, seq) {
      if (broken.has(journal)) throw new Error('damaged');
      const entries = (disk.get(journal) ?? []).filter(({ entry }) => entry.seq >= seq);
      for (let at = 0; at < entries.length; at += 10) yield entries.slice(at, at + 10);
    },
    sink,
    onError: (error) => errors.push(error),
  });
  return {
    feed,
    errors,
    broken,
    most: () => most,
    archived,
    arrive(entries: readonly VerifiedEntry[]) {
      for (const read of entries) disk.set(read.journal, [...(disk.get(read.journal) ?? []), read]);
      feed.arrived(entries);
    },
    /** The archive takes everything in, until nothing comes any more. */
    async drain() {
      for (let turn = 0; turn < 200; turn++) {
        for (const { hash } of queue) archived.add(hash);
        queue = [];
        for (const resume of waiters.splice(0)) resume();
        await Promise.resolve();
      }
      waiters = [];
    },
  };
}

describe('feed of the archive', () => {
  it('S2: a database that is away costs a bounded queue; everything arrives from the files when it is back', async () => {
    const { feed, arrive, drain, archived, most, errors } = setUp(50);
    const journals = [new SampleJournal('T1'), new SampleJournal('T2'), new SampleJournal('T3')];
    const all: VerifiedEntry[] = [];
    for (let turn = 0; turn < 60; turn++)
      for (const journal of journals) {
        const entries = journal.sales(2, 1);
        all.push(...entries);
        arrive(entries);
      }
    await Promise.resolve();
    expect(most()).toBeLessThanOrEqual(60);
    await drain();
    expect(archived).toEqual(new Set(all.map(({ hash }) => hash)));
    // With room again, what arrives goes there directly.
    const [late] = journals.slice(0, 1).flatMap((journal) => journal.sales(1, 1));
    if (!late) throw new Error('a sale');
    arrive([late]);
    await drain();
    expect(archived.has(late.hash)).toBe(true);
    expect(errors).toEqual([]);
    feed.stop();
  });

  it('takes up what arrives behind the place that is being read, and a journal that cannot be read keeps no other out', async () => {
    const { feed, arrive, drain, archived, broken, errors } = setUp(5);
    const [a, b] = [new SampleJournal('T1'), new SampleJournal('T2')];
    arrive(a.sales(6, 1));
    broken.add(a.key);
    arrive(a.sales(4, 1));
    const ofB = b.sales(40, 1);
    arrive(ofB);
    feed.feed(b.key, 30);
    await drain();
    expect(errors).toHaveLength(1);
    for (const { hash } of ofB) expect(archived.has(hash)).toBe(true);
    broken.clear();
    feed.feed(a.key, 1);
    await drain();
    expect(archived.size).toBe(50);
  });
});
