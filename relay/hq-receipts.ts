/**
 * One document with the story of where it is kept: out of this relay's read models, or, for what this relay lost, out of
 * the archive. While the database is away the story says what the relay knows by itself.
 */
import { documentOf } from '../lib/domain/document-summary.ts';
import {
  parseJournalKey,
  principalOf,
  type EntryHash,
  type JournalKey,
  type Principal,
  type StoreId,
} from '../lib/domain/ids.ts';
import type { Custody, HqDocument, HqReceipt, PostingView } from '../lib/host/hq-services.ts';
import { returnsInParts } from '../lib/domain/return-quantity.ts';
import { terminalOf } from '../lib/host/peer-list.ts';
import type { DocumentView, Receipt } from '../lib/host/till-services.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import { moneyBody, receiptOf } from '../lib/replica/document-view.ts';
import {
  readArchivedEntry,
  readDocumentsByNumber,
  type ArchivedDocument,
} from './archived-documents.ts';
import type { AskArchive } from './hq-services.ts';
import type { Relay } from './relay.ts';

type Known = Omit<Receipt, 'copies'>;

export type HqReceiptsParts = {
  readonly relay: Relay;
  /** Of the store, for documents that are not about money. */
  readonly currency: string;
  readonly askArchive: AskArchive;
};

export async function hqReceipt(
  parts: HqReceiptsParts,
  store: StoreId,
  number: string,
  hash: EntryHash | undefined,
): Promise<HqReceipt | undefined> {
  const models = parts.relay.readSide(store)?.models;
  const { currency } = parts;
  const local = models && receiptOf(models, currency, number, hash);
  const kept = await parts.askArchive((database) =>
    readDocumentsByNumber(database, store, number.trim().toUpperCase()),
  );
  const known = local ?? fromArchive(kept ?? [], currency, hash);
  if (!known) return undefined;
  const { others: localOthers, ...document } = known;
  const others = new Map<string, DocumentView>(localOthers?.map((one) => [one.hash, one]));
  for (const { read } of kept ?? []) {
    const view = documentOfEntry(read);
    if (view && view.hash !== known.hash && !others.has(view.hash)) others.set(view.hash, view);
  }
  const custody = await custodyOf(parts, known, {
    isHere: local !== undefined,
    isArchiveAsked: kept !== undefined,
    kept: kept?.find(({ read }) => read.hash === known.hash),
  });
  return {
    ...document,
    store,
    ...(others.size > 0 && { others: [...others.values()].map((one) => inStore(one)) }),
    copies: { tills: custody.holders.length, atHq: true, archived: custody.archived },
    custody,
  };
}

function fromArchive(
  kept: readonly ArchivedDocument[],
  currency: string,
  hash: EntryHash | undefined,
): Known | undefined {
  const found = hash === undefined ? kept[0] : kept.find(({ read }) => read.hash === hash);
  const view = found && documentOfEntry(found.read);
  if (!view) return undefined;
  const body = moneyBody(view.type, found.read.entry.body, currency);
  // What came back of it stands in entries that this relay does not have either.
  return {
    ...view,
    body,
    returnedMilli: body.lines.map(() => 0),
    weighed: body.lines.map(({ quantityMilli }) => returnsInParts(undefined, quantityMilli)),
  };
}

/** An archived entry as a row of a list; undefined for one that is no document. */
export function documentOfEntry({ journal, hash, entry }: VerifiedEntry): DocumentView | undefined {
  const summary = documentOf(entry.type, entry.body);
  if (!summary) return undefined;
  const { number, businessDay, totalMinor, currency, lines } = summary;
  return {
    key: { journal, seq: entry.seq },
    hash,
    type: entry.type,
    number,
    businessDay,
    wallMs: entry.wall,
    zone: entry.zone,
    terminal: entry.terminal,
    operator: entry.by,
    totalMinor,
    ...(currency !== undefined && { currency }),
    lines,
  };
}

export const inStore = (view: DocumentView): HqDocument => ({
  ...view,
  store: parseJournalKey(view.key.journal).store,
});

async function custodyOf(
  { relay, askArchive }: HqReceiptsParts,
  { key, hash }: Known,
  known: {
    readonly isHere: boolean;
    readonly isArchiveAsked: boolean;
    readonly kept: ArchivedDocument | undefined;
  },
): Promise<Custody> {
  const { journal, seq } = key;
  const identity = parseJournalKey(journal);
  const { store, terminal, incarnation } = identity;
  const { keyring, journals } = relay.replica;
  const principal = principalOf(identity);
  const letter = keyring.member(principal)?.letter;
  // A document whose posting was refused has no rows, and its entry is archived all the same.
  const kept =
    known.kept ??
    (known.isArchiveAsked
      ? await askArchive((database) =>
          readArchivedEntry(database, { store_id: store, terminal, incarnation, seq, hash }),
        )
      : undefined);
  const arrivedAtMs = known.isHere ? relay.arrivedAtMs(journal, seq) : undefined;
  const tip = relay.archivedWord?.tips[journal];
  const holders = new Set(
    keyring
      .members()
      .filter((member) => member.identity.store === store)
      .filter((member) => holds(relay, member.principal, journal, seq))
      .map((member) => terminalOf(member.principal)),
  );
  return {
    journal,
    seq,
    hash,
    ...(kept && { prev: kept.read.entry.prev, archivedAtMs: kept.archivedAtMs }),
    principal,
    ...(letter !== undefined && { letter }),
    isHere: known.isHere,
    ...(arrivedAtMs !== undefined && { arrivedAtMs }),
    archived: kept !== undefined || (tip !== undefined && tip.seq >= seq),
    ...(kept?.posting && { posting: kept.posting as PostingView }),
    isArchiveAsked: known.isArchiveAsked,
    holders: [...holders].sort(),
    forked: journals.isForked(journal),
  };
}

/** A till confirms what others wrote; of its own journal its presence speaks, which names only what is on its disk. */
function holds({ replica }: Relay, peer: Principal, journal: JournalKey, seq: number): boolean {
  const { voice, journals } = replica;
  if (voice.confirmedBy(peer, journal) >= seq) return true;
  const tip = voice.presence.of(peer)?.tips[journal];
  return (
    tip !== undefined && tip.seq >= seq && journals.reader.hashAt(journal, tip.seq) === tip.hash
  );
}
