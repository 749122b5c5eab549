/** The contiguous tip of each journal in the database, advanced in the transaction that archives the entries. */
import { sql, type Transaction } from 'kysely';
import {
  parseJournalKey,
  journalKeyOf,
  type EntryHash,
  type JournalKey,
  type StoreId,
  type TerminalId,
  type IncarnationId,
} from '../lib/domain/ids.ts';
import type { VerifiedEntry } from '../lib/journal/envelope.ts';
import type { ArchivedTips } from './archive-contract.ts';
import { encodeArray } from './binary-arrays.ts';
import { beginning, contiguousTip, hasFork } from './contiguous-tip.ts';
import type { ChainLink, ChainPoint } from './contiguous-tip.ts';
import type { ArchiveSchema } from './schema.ts';

type JournalRow = {
  store_id: string;
  terminal: string;
  incarnation: string;
  seq: number;
  hash: string;
  highest_seq: number;
  forked: boolean;
};

type Advance = {
  readonly key: JournalKey;
  readonly tip: ChainPoint;
  readonly highestSeq: number;
  readonly forked: boolean;
};

/** @param fresh what this transaction has added, of any of these journals */
export async function advanceTips(
  trx: Transaction<ArchiveSchema>,
  journals: readonly JournalKey[],
  fresh: readonly VerifiedEntry[],
): Promise<ArchivedTips> {
  const links = Map.groupBy(fresh, (read) => read.journal);
  const rows = await lockJournals(trx, journals);
  const advances: Advance[] = [];
  const tips = new Map<JournalKey, { seq: number; hash: EntryHash }>();
  for (const row of rows) {
    const key = keyOf(row);
    const added = (links.get(key) ?? []).map(linkOf);
    const advance = added.length === 0 ? undefined : await advanceOf(trx, key, row, added);
    if (advance) advances.push(advance);
    const tip = advance?.tip ?? { seq: row.seq, hash: row.hash as EntryHash };
    if (tip.hash !== '-') tips.set(key, { seq: tip.seq, hash: tip.hash });
  }
  if (advances.length > 0) await store(trx, advances);
  return tips;
}

export const keyOf = (row: Pick<JournalRow, 'store_id' | 'terminal' | 'incarnation'>): JournalKey =>
  journalKeyOf({
    store: row.store_id as StoreId,
    terminal: row.terminal as TerminalId,
    incarnation: row.incarnation as IncarnationId,
  });

const linkOf = (read: VerifiedEntry): ChainLink => ({
  seq: read.entry.seq,
  hash: read.hash,
  prev: read.entry.prev,
});

async function advanceOf(
  trx: Transaction<ArchiveSchema>,
  key: JournalKey,
  row: JournalRow,
  added: readonly ChainLink[],
): Promise<Advance> {
  const tip: ChainPoint = { seq: row.seq, hash: row.hash as EntryHash | '-' };
  const seqs = added.map((link) => link.seq);
  const highestSeq = seqs.reduce((highest, seq) => Math.max(highest, seq), row.highest_seq);
  const behind = seqs.some((seq) => seq <= row.seq);
  const forked = row.forked || behind || hasFork(added);
  // Nothing waits beyond the tip: what has come is all there is to look at.
  if (!forked && row.highest_seq === row.seq) {
    return { key, tip: contiguousTip(tip, added), highestSeq, forked };
  }
  const from = forked ? beginning : tip;
  const links = await linksAfter(trx, key, from.seq);
  // A second branch that waited beyond a hole shows only now: then the walk begins at the beginning, as for any fork.
  if (!forked && hasFork(links)) {
    const all = await linksAfter(trx, key, 0);
    return { key, tip: contiguousTip(beginning, all), highestSeq, forked: true };
  }
  return { key, tip: contiguousTip(from, links), highestSeq, forked };
}

/** Makes the rows where absent and locks them, in one order for all relays: two of them never wait for each other. */
async function lockJournals(
  trx: Transaction<ArchiveSchema>,
  journals: readonly JournalKey[],
): Promise<JournalRow[]> {
  const ids = [...new Set(journals)].sort().map(parseJournalKey);
  const result = await sql<JournalRow>`
    insert into journals (store_id, terminal, incarnation)
    select * from unnest(
      ${encodeArray(
        'text',
        ids.map((id) => id.store),
      )}::text[],
      ${encodeArray(
        'text',
        ids.map((id) => id.terminal),
      )}::text[],
      ${encodeArray(
        'text',
        ids.map((id) => id.incarnation),
      )}::text[])
    on conflict (store_id, terminal, incarnation) do update set seq = journals.seq
    returning store_id, terminal, incarnation, seq, hash, highest_seq, forked`.execute(trx);
  return result.rows;
}

async function linksAfter(
  trx: Transaction<ArchiveSchema>,
  key: JournalKey,
  seq: number,
): Promise<ChainLink[]> {
  const { store, terminal, incarnation } = parseJournalKey(key);
  const rows = await trx
    .selectFrom('entries')
    .select(['seq', 'hash', 'prev'])
    .where('store_id', '=', store)
    .where('terminal', '=', terminal)
    .where('incarnation', '=', incarnation)
    .where('seq', '>', seq)
    .execute();
  return rows as ChainLink[];
}

async function store(trx: Transaction<ArchiveSchema>, advances: readonly Advance[]): Promise<void> {
  const ids = advances.map(({ key }) => parseJournalKey(key));
  await sql`
    update journals set seq = given.seq, hash = given.hash, highest_seq = given.highest_seq,
      forked = given.forked::boolean, changed_at = now()
    from unnest(
      ${encodeArray(
        'text',
        ids.map((id) => id.store),
      )}::text[],
      ${encodeArray(
        'text',
        ids.map((id) => id.terminal),
      )}::text[],
      ${encodeArray(
        'text',
        ids.map((id) => id.incarnation),
      )}::text[],
      ${encodeArray(
        'int8',
        advances.map(({ tip }) => tip.seq),
      )}::int8[],
      ${encodeArray(
        'text',
        advances.map(({ tip }) => tip.hash),
      )}::text[],
      ${encodeArray(
        'int8',
        advances.map(({ highestSeq }) => highestSeq),
      )}::int8[],
      ${encodeArray(
        'text',
        advances.map(({ forked }) => String(forked)),
      )}::text[]
    ) as given (store_id, terminal, incarnation, seq, hash, highest_seq, forked)
    where journals.store_id = given.store_id and journals.terminal = given.terminal
      and journals.incarnation = given.incarnation`.execute(trx);
}
