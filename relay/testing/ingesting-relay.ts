/**
 * A relay that archives until it is killed: `ingesting-relay.ts DIRECTORY`. Each line it prints is the number of
 * sales whose archiving it had confirmed by then.
 */
import { randomBytes } from 'node:crypto';
import { silentLogger } from '../../lib/host/log.ts';
import { machineClock } from '../../lib/host/machine-clock.ts';
import { Archive } from '../archive.ts';
import { ArchiveWriter } from '../archive-writer.ts';
import { openDatabase } from '../database.ts';
import { EmbeddedDatabase } from '../embedded-database.ts';
import { SampleJournal } from './sample-entries.ts';

const directory = process.argv[2];
if (directory === undefined) throw new Error('ingesting-relay.ts DIRECTORY');
const embedded = await EmbeddedDatabase.start({
  directory,
  clock: machineClock,
  random: randomBytes,
  log: silentLogger(),
});
const journal = new SampleJournal();
const writer = new ArchiveWriter({
  archive: new Archive(await openDatabase({ embedded }), { clock: machineClock }),
  clock: machineClock,
  onArchived: (tips) => process.stdout.write(`${tips.get(journal.key)?.seq}\n`),
});
for (;;) await writer.push(journal.sales(1_000));
