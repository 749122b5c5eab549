/**
 * What `decide` reads and what it answers. The state is an interface: projections and register implement it,
 * tests with plain values. Reading it must have no effect.
 */
import type { AskedAct } from './acts.ts';
import type { Bodies, DocumentType, MoneyDocument, ReceiptKey } from './bodies.ts';
import type {
  Hlc,
  IncarnationId,
  JournalKey,
  SeriesLetter,
  Sku,
  StoreId,
  TerminalId,
} from './ids.ts';
import type { Role } from './operator.ts';
import type { Product } from './product.ts';
import type { Outcome, Refusal } from './refusals.ts';
import type { StoreSettings } from './settings.ts';

/**
 * What no closing has counted of another life of this terminal. Negative where two closings that did not know of each
 * other have counted more than there is.
 */
export type DayOfLife = {
  readonly incarnation: IncarnationId;
  readonly documents: number;
  readonly totalMinor: number;
  /** Seq of the last entry of it that was there. */
  readonly upTo: number;
};

export interface DecisionState {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly letter: SeriesLetter;
  readonly journal: JournalKey;
  readonly settings: StoreSettings;
  /** The open business day. */
  readonly businessDay: string;
  /** The HQ release in force; undefined before the first. */
  readonly release: number | undefined;
  /** Last number of a series of the own incarnation by document code; 0 when none. */
  lastNumber(code: string): number;
  /** The document or act that a command made before. */
  commandSeen(command: string):
    | {
        readonly seq: number;
        readonly number: string;
        readonly type: string;
        readonly body: unknown;
      }
    | undefined;
  operator(id: string): { readonly roles: readonly Role[] } | undefined;
  product(sku: Sku): Product | undefined;
  /** A sale that this replica knows, and per line what came back of it so far over all journals (≥ 0). */
  receipt(
    of: ReceiptKey,
  ): { readonly body: MoneyDocument; readonly returnedMilli: readonly number[] } | undefined;
  /** The document that stands there, whatever its type, and how many copies of it were printed. */
  printed(of: ReceiptKey): { readonly number: string; readonly copies: number } | undefined;
  /** The documents that no closing has counted: of this life of the terminal, and of others that are over. */
  toClose(): {
    readonly documents: number;
    readonly totalMinor: number;
    readonly lives?: readonly DayOfLife[];
  };
  /** Last known seq per journal, the own included. */
  tips(): Readonly<Record<JournalKey, number>>;
  hlcNow(): Hlc;
}

/** A document's body before it has its number and day. */
type DocumentDraft = {
  [Type in DocumentType]: {
    readonly type: Type;
    readonly body: Omit<Bodies[Type], 'number' | 'businessDay'>;
  };
}[DocumentType];
/** The same of an act, which has no number of its own. */
type ActDraft = {
  [Type in AskedAct]: { readonly type: Type; readonly body: Omit<Bodies[Type], 'businessDay'> };
}[AskedAct];
export type Draft = DocumentDraft | ActDraft;

export type Recorded = {
  [Type in DocumentType | AskedAct]: {
    readonly kind: 'record';
    readonly type: Type;
    readonly body: Bodies[Type];
  };
}[DocumentType | AskedAct];

export type Decision =
  | Recorded
  /** The command was done before: this is its document or act. */
  | { readonly kind: 'repeated'; readonly seq: number; readonly number: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

export type DraftOutcome = Outcome<Draft>;

export type Operator = { readonly roles: readonly Role[] };

/**
 * Who allowed each line of a sale, by operator id, as the till itself knows it: never taken from a command, which a
 * screen or a program makes.
 */
export type Approvals = readonly (string | undefined)[];
