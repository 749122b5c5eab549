import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../lib/host/log.ts';
import { machineClock } from '../lib/host/machine-clock.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { Archive } from './archive.ts';
import { openDatabase } from './database.ts';
import { EmbeddedDatabase } from './embedded-database.ts';
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

  it('S2: the relay is killed in the middle of ingest; what it confirmed is there, and the rest comes again', async () => {
    const directory = mkdtempSync(path.join(tmpdir(), 'tillmesh-killed-'));
    const { child, confirmed } = await startIngesting(directory, 3);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    const embedded = await EmbeddedDatabase.start({
      directory,
      clock: machineClock,
      random: randomBytes,
      log: silentLogger(),
    });
    const database = await openDatabase({ embedded });
    const archive = new Archive(database, { clock: machineClock });
    const journal = new SampleJournal();
    const held = (await archive.tips()).get(journal.key)?.seq ?? 0;
    expect(confirmed()).toBeGreaterThanOrEqual(1_000);
    expect(held).toBeGreaterThanOrEqual(confirmed());
    expect(await archive.summary()).toMatchObject({ sale: held, lines: held * 2 });

    const entries = journal.sales(held + 700);
    for (let at = 0; at < entries.length; at += 500) {
      await archive.ingest(entries.slice(at, at + 500));
    }
    expect(await archive.summary()).toMatchObject({ sale: held + 700, lines: (held + 700) * 2 });
    const rows = await database.sql.selectFrom('entries').select('hash').orderBy('seq').execute();
    expect(rows.map((row) => row.hash)).toEqual(entries.map((read) => read.hash));
    await database.close();
    await embedded.close();
    rmSync(directory, { recursive: true, force: true });
  });
});

/** Resolves when it has confirmed so many times. */
async function startIngesting(
  directory: string,
  times: number,
): Promise<{ child: ChildProcess; confirmed: () => number }> {
  const program = path.join(import.meta.dirname, 'testing', 'ingesting-relay.ts');
  const node = path.join(import.meta.dirname, '../node_modules/.bin/node');
  const child = spawn(node, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  const whole = (): string[] => text.split('\n').slice(0, -1);
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (whole().length >= times) resolve();
    });
    child.once('exit', (code) => reject(new Error(`it ended: ${code}`)));
  });
  return { child, confirmed: () => Number(whole().at(-1)) };
}
