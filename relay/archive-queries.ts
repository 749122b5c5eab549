/** Questions to the archive, in plain SQL that anyone can put to it with psql (`docs/guides/replay.md` shows it). */
import { sql, type Kysely, type Transaction } from 'kysely';
import { digitsOf, isCurrencyCode } from '../lib/domain/currency.ts';
import { assert, TillmeshError } from '../lib/domain/errors.ts';
import type { EntryHash } from '../lib/domain/ids.ts';
import { formatScaled } from '../lib/domain/money.ts';
import type {
  ArchivedTips,
  ArchiveIdentity,
  ArchiveSummary,
  CurrencyTotal,
} from './archive-contract.ts';
import { keyOf } from './archive-tips.ts';
import type { ArchiveSchema } from './schema.ts';

/**
 * Documents, lines and total by type and currency. `lines` is counted from the lines themselves, `total_minor` is summed from
 * the documents: the two cannot agree by accident. In psql: `set search_path to tillmesh;` first.
 */
export const summarySql = `select d.type, d.currency, count(*) as documents,
  coalesce(sum(l.lines), 0)::bigint as lines, sum(d.total_minor)::bigint as total_minor
from documents d
left join (
  select store_id, terminal, incarnation, seq, hash, count(*) as lines
  from lines group by store_id, terminal, incarnation, seq, hash
) l using (store_id, terminal, incarnation, seq, hash)
where d.type in ('SaleCompleted', 'ReturnCompleted', 'StockAdjusted', 'LedgerAdjusted')
group by d.type, d.currency order by d.type, d.currency`;

type SummaryRow = {
  readonly type: string;
  readonly currency: string | null;
  readonly documents: number;
  readonly lines: number;
  readonly total_minor: number;
};

export async function readSummary(db: Kysely<ArchiveSchema>): Promise<ArchiveSummary> {
  return summarise((await sql.raw<SummaryRow>(summarySql).execute(db)).rows);
}

/** Also what the archive in memory answers with. */
export function summarise(rows: readonly SummaryRow[]): ArchiveSummary {
  const documentsOf = (type: string): number =>
    rows.reduce((sum, row) => sum + (row.type === type ? row.documents : 0), 0);
  const totals = new Map<string, number>();
  for (const { currency, total_minor: minor } of rows) {
    if (currency !== null) totals.set(currency, (totals.get(currency) ?? 0) + minor);
  }
  const currencies: CurrencyTotal[] = [...totals].map(([currency, totalMinor]) => ({
    currency,
    totalMinor,
    total: formatScaled(totalMinor, isCurrencyCode(currency) ? digitsOf(currency) : 2),
  }));
  const [only] = currencies;
  const single = currencies.length === 1 ? only : undefined;
  return {
    documents: rows.reduce((sum, row) => sum + row.documents, 0),
    lines: rows.reduce((sum, row) => sum + row.lines, 0),
    sale: documentsOf('SaleCompleted'),
    return: documentsOf('ReturnCompleted'),
    stockAdjustment: documentsOf('StockAdjusted'),
    ledgerAdjustment: documentsOf('LedgerAdjusted'),
    total: single?.total ?? (currencies.length === 0 ? '0.00' : 'mixed'),
    totalMinor: single?.totalMinor ?? 0,
    currencies,
  };
}

export async function readTips(db: Kysely<ArchiveSchema>): Promise<ArchivedTips> {
  const rows = await db
    .selectFrom('journals')
    .select(['store_id', 'terminal', 'incarnation', 'seq', 'hash'])
    .where('seq', '>', 0)
    .execute();
  return new Map(rows.map((row) => [keyOf(row), { seq: row.seq, hash: row.hash as EntryHash }]));
}

export async function readIdentity(db: Kysely<ArchiveSchema>): Promise<ArchiveIdentity> {
  const row = await db.selectFrom('archive').select(['id', 'generation']).executeTakeFirst();
  assert(row !== undefined, 'the archive has no identity');
  return { archive: row.id, generation: row.generation };
}

/** The first company that comes has the database; another one would fill it with its own prices and sales. @throws DATABASE_FOREIGN */
export async function claimDatabase(db: Kysely<ArchiveSchema>, company: string): Promise<void> {
  await db.updateTable('archive').set({ company }).where('company', 'is', null).execute();
  const row = await db.selectFrom('archive').select('company').executeTakeFirst();
  if (row?.company !== company)
    throw new TillmeshError('DATABASE_FOREIGN', `${row?.company ?? 'nobody'}, not ${company}`);
}

export async function writeGeneration(
  trx: Transaction<ArchiveSchema>,
  above: number,
): Promise<ArchiveIdentity> {
  const row = await trx
    .updateTable('archive')
    .set({ generation: sql<number>`greatest(generation, ${above}::integer) + 1` })
    .returning(['id', 'generation'])
    .executeTakeFirst();
  assert(row !== undefined, 'the archive has no identity');
  return { archive: row.id, generation: row.generation };
}
