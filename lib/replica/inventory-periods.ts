/**
 * Writes the inventory periods of the own journal: one signed record for each sealed segment, appended to
 * `inventory/<journal>` and never rewritten. What is missing is appended at start, and nothing waits for it.
 */
import { z } from 'zod';
import { names } from '../documents/names.ts';
import type { RecordListRule } from '../documents/registry.ts';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { isEntryHash, isHlc, isJournalKey, isSku, type JournalKey } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import { joinPeriods, periodOf, type InventoryPeriod } from '../projections/inventory-period.ts';
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
  return read.success && read.data.lastSeq >= read.data.firstSeq ? read.data : undefined;
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

/** A turn of the loop takes so many entries: 3 ms. A whole segment at once would be felt by the next sale. */
const entriesPerTurn = 50;
const settlingMs = 5_000;
/** Own entries kept in memory until their segment ends; what is more is read from its file again. */
const keptBytes = 8 * 1024 * 1024;

/** Entries in a row, and their period. */
type Piece = { readonly entries: readonly VerifiedEntry[]; readonly period: InventoryPeriod };

export class InventoryPeriods {
  readonly #o: InventoryPeriodsOptions;
  #kept: { readonly segment: number; readonly read: VerifiedEntry }[] = [];
  #keptBytes = 0;
  #done = 1;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;
  #begin: { cancel(): void } | undefined;

  constructor(options: InventoryPeriodsOptions) {
    this.#o = options;
  }

  /** Catches up with what an earlier run left undone, when the first sales and searches after the start are through. */
  begin(clock: Clock): void {
    this.#begin = clock.setTimer(() => this.look(), settlingMs);
  }

  /** An own entry is on disk: looks whether a segment ended before it. Cheap, because its sale waits. */
  follow(read: VerifiedEntry): void {
    const { segment } = this.#o.journals.tip(this.#o.journal);
    this.#keptBytes += read.bytes.length;
    if (this.#keptBytes <= keptBytes) this.#kept.push({ segment, read });
    this.look();
  }

  /** Appends what is missing, in turns of its own, where a segment was sealed since the last time. */
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
    this.#begin?.cancel();
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
    const from = (last?.lastSeq ?? 0) + 1;
    if (journals.segments.holding(journal, from) === journals.tip(journal).segment) return;
    for (const entries of this.#sealed(from)) {
      const pieces = await this.#pieces(entries, last);
      if (this.#stopped) return;
      last = this.#record(rule, pieces, last);
    }
  }

  /** Entries from a seq on, by segment; the segment that is being written is not among them. */
  #sealed(from: number): VerifiedEntry[][] {
    const { journal, journals } = this.#o;
    const tip = journals.tip(journal);
    const kept = this.#kept;
    this.#kept = kept.filter(({ segment }) => segment === tip.segment);
    this.#keptBytes = this.#kept.reduce((sum, { read }) => sum + read.bytes.length, 0);
    const isWhole = kept[0]?.read.entry.seq === from && kept.length === tip.seq - from + 1;
    if (!isWhole) return [...journals.reader.entriesFrom(journal, from, tip.segment - 1)];
    const segments = Map.groupBy(kept, ({ segment }) => segment);
    segments.delete(tip.segment);
    return [...segments.values()].map((group) => group.map(({ read }) => read));
  }

  async #pieces(
    entries: readonly VerifiedEntry[],
    before: InventoryPeriod | undefined,
  ): Promise<Piece[]> {
    const pieces: Piece[] = [];
    for (let at = 0; at < entries.length && !this.#stopped; at += entriesPerTurn) {
      const some = entries.slice(at, at + entriesPerTurn);
      pieces.push({ entries: some, period: periodOf(some, pieces.at(-1)?.period ?? before) });
      await nextTurn();
    }
    return pieces;
  }

  /** Appends the period of these pieces; as two, where one record cannot hold it. Gives the last one appended. */
  #record(
    rule: RecordListRule,
    pieces: readonly Piece[],
    before: InventoryPeriod | undefined,
  ): InventoryPeriod | undefined {
    const [first, ...others] = pieces;
    if (!first) return before;
    const period = others.reduce((sum, one) => joinPeriods(sum, one.period), first.period);
    try {
      this.#o.records.append(rule, { ...period });
      return period;
    } catch (error) {
      const halves = halvesOf(pieces, before);
      if (!isTillmeshError(error, 'OVER_LIMIT') || !halves) throw error;
      return this.#record(rule, halves[1], this.#record(rule, halves[0], before));
    }
  }
}

function halvesOf(
  pieces: readonly Piece[],
  before: InventoryPeriod | undefined,
): [Piece[], Piece[]] | undefined {
  const half = pieces.length >> 1;
  if (half > 0) return [pieces.slice(0, half), pieces.slice(half)];
  const entries = pieces[0]?.entries ?? [];
  const middle = entries.length >> 1;
  if (middle === 0) return undefined;
  const [a, b] = [entries.slice(0, middle), entries.slice(middle)];
  const first = { entries: a, period: periodOf(a, before) };
  return [[first], [{ entries: b, period: periodOf(b, first.period) }]];
}
