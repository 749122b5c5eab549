/**
 * Entries for the tests of the read models: whole ones, with real chains and hashes, signed by nobody.
 * Used by tests alone.
 */
import type { ActBodies, ActType } from '../domain/acts.ts';
import type { Bodies, DocumentLine, ReceiptKey } from '../domain/bodies.ts';
import type {
  EntryHash,
  Hlc,
  IncarnationId,
  JournalKey,
  Sku,
  StoreId,
  TerminalId,
} from '../domain/ids.ts';
import { journalKeyOf } from '../domain/ids.ts';
import type { SawTip, VerifiedEntry } from '../journal/envelope.ts';
import { hash8Of, sealEntry } from '../journal/entry.ts';
import { formatHlc } from '../journal/hybrid-clock.ts';

const noSignature = new Uint8Array(64);

export const sku = (code: string): Sku => code as Sku;

export type WriteOptions = {
  readonly command?: string;
  /** Other journals whose tips this entry names; only what changed since the one before. */
  readonly saw?: readonly SampleJournal[];
  /** Milliseconds since 1970; by default one more than the entry before. */
  readonly atMs?: number;
};

/** Writes one journal, entry after entry. `fork` makes the second life of it. */
export class SampleJournal {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly incarnation: IncarnationId;
  readonly key: JournalKey;
  readonly letter: string;
  readonly entries: VerifiedEntry[] = [];
  readonly #numbers = new Map<string, number>();
  #atMs: number;

  constructor(terminal: string, letter = 'A', startMs = 1_000_000) {
    this.store = 'S01' as StoreId;
    this.terminal = terminal as TerminalId;
    this.letter = letter;
    // The incarnation of `T1A` is 000…0141: readable in a failing test.
    const name = `${terminal.slice(1)}${letter.charCodeAt(0).toString(16)}`;
    this.incarnation = name.padStart(16, '0') as IncarnationId;
    this.key = journalKeyOf(this);
    this.#atMs = startMs;
  }

  get seq(): number {
    return this.entries.length;
  }

  get tip(): VerifiedEntry | undefined {
    return this.entries.at(-1);
  }

  fork(): SampleJournal {
    const other = new SampleJournal(this.terminal, this.letter, this.#atMs);
    other.entries.push(...this.entries);
    for (const [code, n] of this.#numbers) other.#numbers.set(code, n);
    return other;
  }

  number(code: string): string {
    const n = (this.#numbers.get(code) ?? 0) + 1;
    this.#numbers.set(code, n);
    return `${this.store}-${this.terminal}${this.letter}-${code}-${n}`;
  }

  write(type: string, body: Record<string, unknown>, options: WriteOptions = {}): VerifiedEntry {
    this.#atMs = options.atMs ?? this.#atMs + 1;
    const saw: Record<JournalKey, SawTip> = {};
    for (const other of options.saw ?? [])
      if (other.tip) saw[other.key] = [other.seq, hash8Of(other.tip.hash)];
    const entry = sealEntry(
      {
        v: 1,
        store: this.store,
        terminal: this.terminal,
        incarnation: this.incarnation,
        seq: this.seq + 1,
        prev: this.tip?.hash ?? '-',
        saw,
        at: formatHlc(this.#atMs, 0),
        wall: this.#atMs,
        zone: 'Europe/London',
        command: options.command ?? `${this.terminal}-${this.letter}-${this.seq + 1}-command`,
        type,
        by: 'ann',
        body,
        actor: '0'.repeat(32),
        dep: '0'.repeat(64),
      },
      () => noSignature,
    );
    this.entries.push(entry);
    return entry;
  }

  begin(): VerifiedEntry {
    return this.write('IncarnationBegun', { chain: [], letter: this.letter, reason: 'enrolled' });
  }

  sell(lines: readonly SampleLine[], options: WriteOptions & { number?: string } = {}) {
    const body = moneyBody(options.number ?? this.number('S'), lines, 1);
    return this.write('SaleCompleted', body, options);
  }

  giveBack(
    of: ReceiptKey | undefined,
    lines: readonly (SampleLine & { ofLine: number })[],
    options: WriteOptions = {},
  ): VerifiedEntry {
    const body = {
      ...moneyBody(this.number('R'), lines, -1),
      restock: true,
      ...(of && { of, ofLine: lines.map((line) => line.ofLine) }),
    };
    return this.write('ReturnCompleted', body, options);
  }

  adjust(lines: readonly SampleLine[], options: WriteOptions = {}): VerifiedEntry {
    const body: Bodies['StockAdjusted'] = {
      number: this.number('A'),
      businessDay,
      reason: 'delivery',
      lines: lines.map(({ code, milli, batch }) => ({
        sku: sku(code),
        name: code,
        quantityMilli: milli,
        ...(batch !== undefined && { batch }),
      })),
    };
    return this.write('StockAdjusted', body, options);
  }

  /** `about`: the journal whose first document is reprinted. */
  act<Type extends ActType>(
    type: Type,
    about: { readonly key: JournalKey } = this,
    options: WriteOptions & Partial<ActBodies[Type]> = {},
  ): VerifiedEntry {
    const { command, saw, atMs, ...more } = options;
    return this.write(
      type,
      { ...sampleActs(about.key)[type], ...more },
      {
        ...(command !== undefined && { command }),
        ...(saw !== undefined && { saw }),
        ...(atMs !== undefined && { atMs }),
      },
    );
  }

  count(
    lines: readonly {
      code: string;
      milli: number;
      seen: readonly SampleJournal[];
      atMs?: number;
      batch?: string;
    }[],
    options: WriteOptions = {},
  ): VerifiedEntry {
    const body: Bodies['StockCounted'] = {
      number: this.number('C'),
      businessDay,
      lines: lines.map(({ code, milli, seen, atMs, batch }) => ({
        sku: sku(code),
        ...(batch !== undefined && { batch }),
        quantityMilli: milli,
        at: formatHlc(atMs ?? this.#atMs, 1),
        seen: seenOf(seen),
      })),
    };
    return this.write('StockCounted', body, options);
  }
}

/** One of each kind, with what the tests of this room look at. */
const sampleActs = (about: JournalKey): ActBodies => ({
  DrawerOpened: { businessDay, reason: 'change' },
  CartCancelled: {
    businessDay,
    cart: 'T1-0123456789abcdef',
    currency: 'GBP',
    lines: [{ sku: sku('P1'), name: 'Product P1', quantityMilli: 2_000, amountMinor: 200 }],
    totalMinor: 200,
  },
  CartLineVoided: {
    businessDay,
    cart: 'T1-0123456789abcdef',
    line: 'l1',
    currency: 'GBP',
    sku: sku('P1'),
    name: 'Product P1',
    quantityMilli: 1_000,
    amountMinor: 100,
  },
  ReceiptReprinted: {
    businessDay,
    of: { journal: about, seq: 1 },
    number: 'S01-T1A-S-1',
    copy: 1,
  },
  ClockChanged: { fromMs: 2_000_000, toMs: 1_000_000, while: 'running' },
  PermissionRefused: { businessDay, permission: 'adjustStock', times: 3 },
  OperatorLocked: { businessDay, operator: 'omar' },
  OperatorUnlocked: { businessDay, operator: 'omar' },
});

export const businessDay = '2011-01-05';

export type SampleLine = {
  readonly code: string;
  readonly milli: number;
  readonly minor?: number;
  readonly batch?: string;
};

const seenOf = (journals: readonly SampleJournal[]): Record<JournalKey, number> =>
  Object.fromEntries(journals.filter(({ seq }) => seq > 0).map(({ key, seq }) => [key, seq]));

function moneyBody(number: string, samples: readonly SampleLine[], sign: 1 | -1) {
  const lines = samples.map(({ code, milli, minor = 100, batch }): DocumentLine => ({
    sku: sku(code),
    name: `Product ${code}`,
    quantityMilli: sign * milli,
    unitPriceE4: 10_000,
    amountMinor: sign * minor,
    ...(batch !== undefined && { batch }),
  }));
  const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  return {
    number,
    businessDay,
    currency: 'GBP',
    lines,
    taxes: [],
    totalMinor,
    roundingMinor: 0,
    tenders: [{ kind: 'cash', amountMinor: totalMinor }],
  };
}

export const hashOf = (entry: VerifiedEntry | undefined): EntryHash | undefined => entry?.hash;
export const hlcAt = (ms: number): Hlc => formatHlc(ms, 0);
