/**
 * The bodies of journal entries, by type. Money is in minor units of `currency`, quantities in thousandths,
 * unit prices in ten-thousandths of the major unit. Frozen as soon as written; new fields are optional.
 */
import type { ActBodies } from './acts.ts';
import type { FindingName } from './findings.ts';
import type { IncarnationId, JournalKey, SeriesLetter, Sku } from './ids.ts';

/** A line of a sale, return or ledger adjustment. In a return, quantity and amount are negative. */
export type DocumentLine = {
  readonly sku: Sku;
  readonly name: string;
  readonly quantityMilli: number;
  readonly unitPriceE4: number;
  /** Quantity × unit price − discount, rounded half away from zero. */
  readonly amountMinor: number;
  readonly discountMinor?: number;
  /** Id of the tax rate in `taxes`. */
  readonly tax?: string;
  readonly batch?: string;
  /** A kit: what leaves the shelf in place of `sku`, per one kit. */
  readonly components?: readonly { readonly sku: Sku; readonly quantityMilli: number }[];
  /** Price typed by the operator; `override` says why. */
  readonly override?: string;
  /** Id of the operator who allowed what the seller may not: a discount, a typed price, an inactive product. */
  readonly approvedBy?: string;
};

export type TaxTotal = {
  readonly rate: string;
  /** Percent in ten-thousandths: 20 % is 200_000. */
  readonly percentE4: number;
  readonly netMinor: number;
  readonly taxMinor: number;
};

export type TenderLine = {
  readonly kind: string;
  /** What this tender pays of the document; negative when money goes back. */
  readonly amountMinor: number;
  readonly givenMinor?: number;
  readonly changeMinor?: number;
};

/** Where a document came from when it was not keyed at this till: an import or a replay. */
export type ExternalReference = {
  readonly system: string;
  readonly id: string;
  readonly at?: string;
};

export type MoneyDocument = {
  readonly number: string;
  readonly businessDay: string;
  readonly currency: string;
  readonly lines: readonly DocumentLine[];
  readonly taxes: readonly TaxTotal[];
  readonly totalMinor: number;
  /** Cash rounding: what is paid is `totalMinor + roundingMinor`. */
  readonly roundingMinor: number;
  readonly tenders: readonly TenderLine[];
  readonly customer?: string;
  readonly external?: ExternalReference;
  /** The HQ release whose prices were in force. */
  readonly release?: number;
};

export type ReceiptKey = { readonly journal: JournalKey; readonly seq: number };

export type Bodies = ActBodies & {
  IncarnationBegun: {
    /** DER certificates, base64url: incarnation, terminal, and what leads from there to the CA's, which is known to all. */
    readonly chain: readonly string[];
    readonly letter: SeriesLetter;
    readonly reason: 'enrolled' | 'copied' | 'restored' | 'forked';
    /** What this life continues: its open shift and counters pass on. */
    readonly continues?: {
      readonly incarnation: IncarnationId;
      readonly seq: number;
      readonly hash: string;
    };
  };
  SaleCompleted: MoneyDocument;
  /**
   * `of` is the sale; absent: without receipt. `ofLine` indexes the sale's lines, one per line of this document.
   * `reason` is a word of the screens' list (`damaged`), or what a program said.
   */
  ReturnCompleted: MoneyDocument & {
    readonly of?: ReceiptKey;
    readonly ofLine?: readonly number[];
    readonly restock: boolean;
    readonly reason?: string;
  };
  StockAdjusted: {
    readonly number: string;
    readonly businessDay: string;
    readonly reason: string;
    readonly lines: readonly {
      readonly sku: Sku;
      readonly name: string;
      readonly quantityMilli: number;
      readonly batch?: string;
    }[];
    readonly external?: ExternalReference;
  };
  LedgerAdjusted: {
    readonly number: string;
    readonly businessDay: string;
    readonly reason: string;
    readonly currency: string;
    readonly lines: readonly DocumentLine[];
    readonly totalMinor: number;
    readonly external?: ExternalReference;
  };
  /** Per line: what was counted, and what had been seen when the shelf was read. */
  StockCounted: {
    readonly number: string;
    readonly businessDay: string;
    readonly lines: readonly {
      readonly sku: Sku;
      readonly batch?: string;
      readonly quantityMilli: number;
      /** Clock when the shelf was read. */
      readonly at: string;
      /** Tips at that moment, the own journal's included: journal → seq. */
      readonly seen: Readonly<Record<JournalKey, number>>;
    }[];
  };
  /** Closes the terminal's business day; the segment ends here. */
  DayClosed: {
    readonly number: string;
    readonly businessDay: string;
    readonly documents: number;
    readonly totalMinor: number;
    readonly currency: string;
    /** Other lives of the terminal that are counted in it: of a till that this one replaced, or of itself before a restore. */
    readonly lives?: readonly {
      readonly incarnation: IncarnationId;
      readonly documents: number;
      readonly totalMinor: number;
      /** Seq of its last entry that the closing knew; absent in closings of an older version. */
      readonly upTo?: number;
    }[];
  };
  /** A second life of one incarnation was met; both branches are kept. */
  ForkSeen: {
    readonly journal: JournalKey;
    readonly seq: number;
    /** What stands at the first seq that was used twice; empty where two devices were met before their branches. */
    readonly hashes: readonly string[];
    /** Two processes were awake under its name at one time. */
    readonly live?: true;
  };
  ForeignWriteRefused: {
    readonly peer: string;
    readonly code: string;
    readonly document?: string;
  };
  ClockOffsetSeen: { readonly peer: string; readonly offsetMs: number };
  /** A person has let a terminal back in that this one had barred. */
  PeerPardoned: {
    /** `S01-T3`: all lives of it. */
    readonly peer: string;
    /** What it was barred for. */
    readonly code: string;
  };
  /** The writer found its own directory edited, cut or set back. `code` is one of `findings.ts`, of this or a later version. */
  TamperingSeen: {
    readonly code: string;
    readonly where: string;
    readonly seq?: number;
    readonly what?: string;
  };
  /** A person has looked at all that the terminal had found until then, or at one finding of it. */
  TamperingChecked: {
    readonly findings: number;
    /** That finding, as `TamperingSeen` names it; absent: all. */
    readonly only?: FindingName;
    /** With `only`: how many are open after it. With none all that stood until then is settled, what this till forgot too. */
    readonly left?: number;
    /** What the person says of it. */
    readonly note?: string;
  };
};

export type EntryType = keyof Bodies;
export type DocumentType =
  | 'SaleCompleted'
  | 'ReturnCompleted'
  | 'StockAdjusted'
  | 'LedgerAdjusted'
  | 'StockCounted'
  | 'DayClosed';

/** The letter in a document number: `S01-T1A-S-17`. One gap-free series per terminal, series letter and code. */
export const documentCodes: Readonly<Record<DocumentType, string>> = {
  SaleCompleted: 'S',
  ReturnCompleted: 'R',
  StockAdjusted: 'A',
  LedgerAdjusted: 'L',
  StockCounted: 'C',
  DayClosed: 'Z',
};
