/** At the start of a relay: does the database still hold what the last signed status said? If not, it takes everything in again. */
import { z } from 'zod';
import { documentIdOf, names } from '../lib/documents/names.ts';
import { isEntryHash, isJournalKey, type EntryHash, type JournalKey } from '../lib/domain/ids.ts';
import type { ArchiveContract, ArchivedTip, ArchiveIdentity } from './archive-contract.ts';
import { assessGeneration } from './generation.ts';
import type { Relay } from './relay.ts';

const statusFields = z.looseObject({
  archive: z.string().max(64),
  generation: z.int().min(0),
  tips: z.record(
    z.custom<JournalKey>(isJournalKey),
    z.looseObject({ seq: z.int().min(1), hash: z.custom<EntryHash>(isEntryHash) }),
  ),
});

/** The identity under which this archive confirms from now on. */
export async function settleGeneration(
  relay: Relay,
  archive: ArchiveContract,
  identity: ArchiveIdentity,
): Promise<ArchiveIdentity> {
  const confirmed = new Map<JournalKey, ArchivedTip>();
  let highest = 0;
  for (const store of relay.stores) {
    const rule = relay.replica.registry.rule(documentIdOf(names.status(store)));
    if (rule?.kind !== 'records') continue;
    for (const { fields } of relay.replica.records.records(rule)) {
      const read = statusFields.safeParse(fields);
      if (!read.success || read.data.archive !== identity.archive) continue;
      highest = Math.max(highest, read.data.generation);
      if (read.data.generation < identity.generation) continue;
      for (const [journal, tip] of Object.entries(read.data.tips) as [JournalKey, ArchivedTip][])
        if ((confirmed.get(journal)?.seq ?? 0) < tip.seq) confirmed.set(journal, tip);
    }
  }
  const isBehind =
    assessGeneration(confirmed, await archive.tips()).kind === 'behind' ||
    highest > identity.generation;
  if (!isBehind) return identity;
  const next = await archive.beginGeneration(highest);
  relay.archivedMore(next, await archive.tips());
  await relay.refeed();
  return next;
}
