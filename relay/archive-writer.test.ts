import { describe, expect, it } from 'vitest';
import { TillmeshError } from '../lib/domain/errors.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type { ArchivedTips, IngestResult } from './archive-contract.ts';
import { ArchiveWriter, type ArchiveWriterState } from './archive-writer.ts';
import { InMemoryArchive } from './in-memory-archive.ts';
import { SampleJournal } from './testing/sample-entries.ts';

/** Time that moves when told; timers run in order of their moment. */
class HandClock {
  nowMs = 0;
  readonly timers: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly wallMs = (): number => 1_000_000 + this.nowMs;
  readonly monotonicMs = (): number => this.nowMs;
  readonly zone = (): string => 'UTC';
  readonly setTimer = (run: () => void, delayMs: number): { cancel(): void } => {
    const timer = { atMs: this.nowMs + delayMs, run };
    this.timers.push(timer);
    return { cancel: () => void this.timers.splice(this.timers.indexOf(timer), 1) };
  };
  async pass(ms: number): Promise<void> {
    const endMs = this.nowMs + ms;
    await settle();
    for (;;) {
      const [next] = this.timers.toSorted((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > endMs) break;
      this.timers.splice(this.timers.indexOf(next), 1);
      this.nowMs = next.atMs;
      next.run();
      await settle();
    }
    this.nowMs = endMs;
  }
}

/** Lets everything that is ready run: more turns than any chain of promises here is long. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2_000; turn++) await Promise.resolve();
}

function setUp(more: { ingest?: (entries: readonly VerifiedEntry[]) => void } = {}) {
  const clock = new HandClock();
  const archive = new InMemoryArchive({ clock, identity: { archive: 'a', generation: 1 } });
  const batches: number[] = [];
  const states: ArchiveWriterState['kind'][] = [];
  const tips: ArchivedTips[] = [];
  let hold: Promise<void> | undefined;
  const writer = new ArchiveWriter({
    clock,
    archive: {
      ingest: async (entries): Promise<IngestResult> => {
        batches.push(entries.length);
        await hold;
        more.ingest?.(entries);
        return archive.ingest(entries);
      },
    },
    onArchived: (moved) => tips.push(moved),
    onState: (state) => states.push(state.kind),
  });
  const held = (): (() => void) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    hold = promise;
    return () => {
      hold = undefined;
      resolve();
    };
  };
  return { clock, archive, writer, batches, states, tips, held };
}

const away = new TillmeshError('DATABASE_UNREACHABLE', 'db:5432');

describe('archive writer', () => {
  it('writes what came while the last batch was written, in one batch of at most 500', async () => {
    const { writer, batches, held } = setUp();
    const release = held();
    const journal = new SampleJournal();
    await writer.push(journal.sales(1));
    for (let i = 0; i < 20; i++) await writer.push(journal.sales(10));
    expect(batches).toEqual([1]);
    expect(writer.waiting).toBe(201);
    release();
    await writer.idle();
    expect(batches).toEqual([1, 200]);
    await writer.push(journal.sales(1_700));
    await writer.idle();
    expect(batches.slice(2)).toEqual([500, 500, 500, 200]);
  });

  it('tells the tips of each batch’s journals, also of one with nothing new: a restored archive says again what it said', async () => {
    const { writer, tips } = setUp();
    const [a, b] = [new SampleJournal('T1'), new SampleJournal('T2')];
    const entries = a.sales(3);
    await writer.push(entries);
    await writer.idle();
    await writer.push(entries);
    await writer.idle();
    await writer.push(b.sales(2));
    await writer.idle();
    expect(tips.map((each) => [...each].map(([key, tip]) => [key, tip.seq]))).toEqual([
      [[a.key, 3]],
      [[a.key, 3]],
      [[b.key, 2]],
    ]);
  });

  it('waits out an absent database with growing pauses, says since when, and loses nothing', async () => {
    let absent = true;
    const { clock, writer, archive, batches, states } = setUp({
      ingest: () => {
        if (absent) throw away;
      },
    });
    void writer.push(new SampleJournal().sales(1_200));
    await clock.pass(0);
    expect(writer.state).toMatchObject({ kind: 'unreachable', sinceMs: 1_000_000 });
    const tries = batches.length;
    // 250, 500, 1,000, 2,000 ms: one batch each.
    await clock.pass(3_750);
    expect(batches.length - tries).toBe(4);
    expect(writer.state).toMatchObject({ sinceMs: 1_000_000, reason: away.message });
    expect(writer.waiting).toBe(1_200);
    expect(writer.lagMs()).toBe(3_750);
    await clock.pass(3_600_000);
    expect(batches.length).toBeLessThan(140);
    absent = false;
    await clock.pass(30_000);
    await writer.idle();
    expect((await archive.summary()).sale).toBe(1_200);
    expect(writer.state).toEqual({ kind: 'archiving' });
    expect(states.filter((kind) => kind === 'archiving')).toHaveLength(1);
  });

  it('P8: an entry that fails by itself goes in by itself, later; its neighbours do not wait', async () => {
    let poisonous = true;
    const journal = new SampleJournal();
    const entries = journal.sales(40);
    const { clock, writer, archive } = setUp({
      ingest: (batch) => {
        if (poisonous && batch.some((read) => read.entry.seq === 17)) throw new Error('poison');
      },
    });
    void writer.push(entries);
    await clock.pass(0);
    expect((await archive.summary()).sale).toBe(39);
    expect(writer.waiting).toBe(1);
    expect(writer.state.kind).toBe('failing');
    await writer.push(journal.sales(5));
    await clock.pass(10_000);
    expect((await archive.summary()).sale).toBe(44);
    expect(writer.state.kind).toBe('failing');
    poisonous = false;
    await clock.pass(30_000);
    await writer.idle();
    expect((await archive.summary()).sale).toBe(45);
    expect(writer.state).toEqual({ kind: 'archiving' });
  });

  it('says that it is fenced when another relay has its lease', async () => {
    const { clock, writer } = setUp({
      ingest: () => {
        throw new TillmeshError('LEASE_LOST');
      },
    });
    void writer.push(new SampleJournal().sales(1));
    await clock.pass(0);
    expect(writer.state.kind).toBe('fenced');
  });

  it('makes a fast caller wait until there is room', async () => {
    const { writer, held } = setUp();
    const release = held();
    const [entry] = new SampleJournal().sales(1);
    if (!entry) throw new Error('one entry');
    await writer.push(Array.from({ length: 20_000 }, () => entry));
    let roomy = false;
    const waiting = writer.push([entry]).then(() => {
      roomy = true;
    });
    await settle();
    expect(roomy).toBe(false);
    release();
    await waiting;
    expect(writer.waiting).toBeLessThanOrEqual(20_000);
    await writer.idle();
  });

  it('drains when it closes, and takes no more', async () => {
    const { writer, archive } = setUp();
    const journal = new SampleJournal();
    void writer.push(journal.sales(800));
    expect(await writer.close(5_000)).toBe(0);
    await writer.push(journal.sales(5));
    expect((await archive.summary()).sale).toBe(800);
  });

  it('gives up at the deadline when the database stays away, and says how many are left', async () => {
    const { clock, writer } = setUp({
      ingest: () => {
        throw away;
      },
    });
    void writer.push(new SampleJournal().sales(30));
    const left = writer.close(5_000);
    await clock.pass(5_000);
    expect(await left).toBe(30);
    expect(clock.timers).toEqual([]);
  });

  it('does nothing more when the batch that was under way at the deadline fails', async () => {
    const { clock, writer, held } = setUp({
      ingest: () => {
        throw away;
      },
    });
    const release = held();
    void writer.push(new SampleJournal().sales(3));
    const left = writer.close(100);
    await clock.pass(100);
    expect(await left).toBe(3);
    release();
    await clock.pass(60_000);
    expect(clock.timers).toEqual([]);
  });

  it('goes on when a listener throws, and reports it', async () => {
    const problems: unknown[] = [];
    const clock = new HandClock();
    const archive = new InMemoryArchive({ clock, identity: { archive: 'a', generation: 1 } });
    const writer = new ArchiveWriter({
      archive,
      clock,
      onArchived: () => {
        throw new Error('listener');
      },
      onProblem: (error) => problems.push(error),
    });
    const journal = new SampleJournal();
    await writer.push(journal.sales(1));
    await writer.push(journal.sales(2));
    await writer.idle();
    expect((await archive.summary()).sale).toBe(3);
    expect(problems).toHaveLength(2);
  });

  it('looks at the archive before the first batch, after an outage and when asked, and writes nothing meanwhile', async () => {
    const clock = new HandClock();
    const archive = new InMemoryArchive({ clock, identity: { archive: 'a', generation: 1 } });
    const steps: string[] = [];
    let isAway = false;
    const fail = () => {
      if (isAway) throw away;
    };
    const writer = new ArchiveWriter({
      clock,
      settle: async () => {
        await Promise.resolve();
        fail();
        steps.push('looked');
      },
      archive: {
        ingest: async (entries) => {
          fail();
          steps.push(`wrote ${entries.length}`);
          return archive.ingest(entries);
        },
      },
    });
    const journal = new SampleJournal();
    await writer.push(journal.sales(2));
    await clock.pass(60_000);
    expect(steps).toEqual([]);
    await writer.check();
    await writer.idle();
    expect(steps).toEqual(['looked', 'wrote 2']);
    isAway = true;
    void writer.push(journal.sales(3));
    await clock.pass(1_000);
    expect(writer.state.kind).toBe('unreachable');
    isAway = false;
    await clock.pass(30_000);
    expect(steps).toEqual(['looked', 'wrote 2', 'looked', 'wrote 3']);
    expect(writer.state.kind).toBe('archiving');
    isAway = true;
    await writer.check();
    expect(writer.state.kind).toBe('unreachable');
    isAway = false;
    await clock.pass(30_000);
    expect(steps.at(-1)).toBe('looked');
    expect(writer.state.kind).toBe('archiving');
    await writer.close(0);
    expect(clock.timers).toEqual([]);
  });
});
