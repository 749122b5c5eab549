/**
 * Does the archive still hold what it confirmed? Asked before anything goes there: at the start of a relay, after an
 * outage, when a tip is lower than one that was told, and from time to time. One that went back takes everything in again.
 */
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

type Word = ArchiveIdentity & { readonly tips: Readonly<Record<JournalKey, ArchivedTip>> };

/** The relay speaks of the archive as it is from here on, under an identity that voids what it does not hold. */
export async function settleGeneration(
  relay: Relay,
  archive: Pick<ArchiveContract, 'identity' | 'tips' | 'beginGeneration'>,
): Promise<void> {
  const identity = await archive.identity();
  const held = await archive.tips();
  // What this process has told since its first look says more than what it signed.
  const told = relay.archivedWord;
  const words = (told ? [told as Word] : signedWords(relay)).filter(
    (word) => word.archive === identity.archive,
  );
  const confirmed = new Map<JournalKey, ArchivedTip>();
  for (const { generation, tips } of words) {
    if (generation < identity.generation) continue;
    for (const [journal, tip] of Object.entries(tips) as [JournalKey, ArchivedTip][])
      if ((confirmed.get(journal)?.seq ?? 0) < tip.seq) confirmed.set(journal, tip);
  }
  const highest = Math.max(0, ...words.map(({ generation }) => generation));
  const isBehind =
    assessGeneration(confirmed, held).kind === 'behind' || highest > identity.generation;
  if (isBehind) await relay.archiveWentBack(await archive.beginGeneration(highest), held);
  else relay.archiveIs(identity, held);
}

function signedWords(relay: Relay): Word[] {
  return relay.stores.flatMap((store) => {
    const rule = relay.replica.registry.rule(documentIdOf(names.status(store)));
    if (rule?.kind !== 'records') return [];
    return relay.replica.records.records(rule).flatMap(({ fields }) => {
      const read = statusFields.safeParse(fields);
      return read.success ? [read.data] : [];
    });
  });
}
