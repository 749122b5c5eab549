import { describe, expect, it } from 'vitest';
import { InMemoryArchive } from './in-memory-archive.ts';
import { archiveContractSuite } from './testing/archive-contract-suite.ts';
import { SampleJournal } from './testing/sample-entries.ts';

const identity = { archive: '6a0b1d5e-0000-4000-8000-000000000000', generation: 1 };

describe('archive in memory', () => {
  archiveContractSuite((options) => Promise.resolve(new InMemoryArchive({ identity, ...options })));

  it('begins with the entries of a backup', async () => {
    const entries = new SampleJournal().sales(5);
    const clock = { wallMs: () => 0 };
    const archive = new InMemoryArchive({ identity, clock, entries });
    expect((await archive.summary()).sale).toBe(5);
    expect(await archive.ingest(entries)).toMatchObject({ archived: 0 });
    expect(archive.entries()).toHaveLength(5);
  });
});
