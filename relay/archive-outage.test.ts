import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machineClock } from '../lib/host/machine-clock.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { Archive } from './archive.ts';
import { SampleJournal } from './testing/sample-entries.ts';
import { startTestDatabase, type TestDatabase } from './testing/test-database.ts';

let tests: TestDatabase;
beforeAll(async () => {
  tests = await startTestDatabase();
});
afterAll(() => tests.close());

describe('archive writer on a database that dies', () => {
  it('S2: the server is killed in the middle of ingest, twice; everything arrives once', async () => {
    const archive = new Archive(await tests.open(), { clock: machineClock });
    const states: string[] = [];
    let kills = 0;
    const writer = new ArchiveWriter({
      archive,
      clock: machineClock,
      onState: (state) => states.push(state.kind),
      onIngested: () => {
        const { pid } = tests.embedded;
        if (pid === undefined || kills >= 2) return;
        kills += 1;
        process.kill(pid, 'SIGKILL');
      },
    });
    const journals = [new SampleJournal('T1'), new SampleJournal('T2'), new SampleJournal('T3')];
    const entries = journals.flatMap((journal) => journal.sales(1_500));
    await writer.push(entries);
    await writer.idle();
    await writer.close(10_000);
    expect(kills).toBe(2);
    expect(states).toContain('unreachable');
    expect(states.at(-1)).toBe('archiving');
    expect(await archive.summary()).toMatchObject({ sale: 4_500, lines: 9_000 });
    const tips = await archive.tips();
    expect(journals.map((journal) => tips.get(journal.key)?.seq)).toEqual([1_500, 1_500, 1_500]);
    expect(await archive.ingest(entries.slice(0, 500))).toMatchObject({ archived: 0 });
  });
});
