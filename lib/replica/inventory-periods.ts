/**
 * Writes the inventory periods of the own journal: one signed record for each sealed segment, appended to
 * `inventory/<journal>` and never rewritten. What is missing is appended at start, and nothing waits for it.
 */
import { z } from 'zod';
import { names } from '../documents/names.ts';
import type { RecordListRule } from '../documents/registry.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { isEntryHash, isHlc, isJournalKey, isSku, type JournalKey } from '../domain/ids.ts';
import type { Json } from '../journal/canonical-json.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { periodOf, type InventoryPeriod } from '../projections/inventory-period.ts';
import type { Journals } from './journals.ts';
import type { RecordLists } from './record-lists.ts';

const seq = z.int().min(1);
const seqs = z.record(z.string().refine(isJournalKey), z.int().min(0));
const hash = z.string().refine(isEntryHash);
const sku = z.string().refine(isSku);
const hlc = z.string().refine(isHlc);

/** What an inventory record says; loose, because later versions may say more. */
const periodFields = z.looseObject({
  firstSeq: seq,
  lastSeq: seq,
  prevHash: z.union([z.literal('-'), hash]),
  lastHash: hash,
  firstAt: hlc,
  lastAt: hlc,
  saw: seqs,
  movements: z.array(z.tuple([sku, z.string().max(64), z.int()])),
  counts: z.array(
    z.looseObject({
      sku,
      batch: z.string().exactOptional(),
      quantityMilli: z.int(),
      at: hlc,
      seq,
      hash,
      line: z.int().min(0),
      seen: seqs,
    }),
  ),
});

/** Undefined for a record that is no period: kept and passed on, never counted. */
export function readPeriod(fields: unknown): InventoryPeriod | undefined {
  const read = periodFields.safeParse(fields);
  return read.success && read.data.lastSeq >= read.data.firstSeq
    ? (read.data as InventoryPeriod)
    : undefined;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export type InventoryPeriodsOptions = {
  readonly journal: JournalKey;
  readonly journals: Journals;
  readonly records: RecordLists;
  /** Opens a list of records by its name. */
  readonly open: (name: string) => Promise<RecordListRule>;
  readonly onError: (error: unknown) => void;
};

export class InventoryPeriods {
  readonly #o: InventoryPeriodsOptions;
  #done = 1;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: InventoryPeriodsOptions) {
    this.#o = options;
  }

  /** Looks whether a segment was sealed since the last time: cheap, called after every own entry. */
  look(): void {
    const { segment } = this.#o.journals.tip(this.#o.journal);
    if (segment <= this.#done) return;
    this.#done = segment;
    void this.append();
  }

  /** Appends what is missing up to the last sealed segment. Never rejects. */
  append(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#append()).catch(this.#o.onError);
    return this.#turn;
  }

  /** Resolves when nothing more will be appended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#turn;
  }

  async #append(): Promise<void> {
    const { journal, journals, records, open } = this.#o;
    // In a fork the segments decide, and this life is about to end.
    if (journals.tip(journal).segment <= 1 || journals.isForked(journal)) return;
    // Whoever waits for the entry that began the new segment is answered first.
    await nextTurn();
    if (this.#stopped) return;
    const rule = await open(names.inventory(journal));
    let last = records
      .records(rule)
      .flatMap(({ fields }) => readPeriod(fields) ?? [])
      .sort((a, b) => a.lastSeq - b.lastSeq)
      .at(-1);
    const sealed = [...journals.entriesFrom(journal, (last?.lastSeq ?? 0) + 1)];
    // The last one is being written.
    sealed.pop();
    for (const entries of sealed) {
      if (this.#stopped) return;
      last = this.#appendOne(rule, entries, last);
      await nextTurn();
    }
  }

  /** Halves what does not fit into one record; the sums of two stand for one as well. */
  #appendOne(
    rule: RecordListRule,
    entries: readonly VerifiedEntry[],
    last: InventoryPeriod | undefined,
  ): InventoryPeriod {
    const period = periodOf(entries, last);
    try {
      this.#o.records.append(rule, period as unknown as Readonly<Record<string, Json>>);
      return period;
    } catch (error) {
      if (!isTillmeshError(error, 'OVER_LIMIT') || entries.length < 2) throw error;
      const half = entries.length >> 1;
      const before = this.#appendOne(rule, entries.slice(0, half), last);
      return this.#appendOne(rule, entries.slice(half), before);
    }
  }
}
