/**
 * What happens at a till without being a document: acts. Each is a signed entry of the till's journal, so that nobody
 * opens a drawer, clears a cart or prints a receipt twice without a trace. Acts move no goods and no money.
 */
import type { JournalKey, Sku } from './ids.ts';

/** A line as it stood in a cart. */
export type CancelledLine = {
  readonly sku: Sku;
  readonly name: string;
  readonly quantityMilli: number;
  readonly amountMinor: number;
  /** Id of the operator who had allowed what the seller may not. */
  readonly approvedBy?: string;
};

export type ActBodies = {
  /** The drawer was opened without a sale. `reason` is a word of the screens' list (`change`), or what somebody typed. */
  DrawerOpened: { readonly businessDay: string; readonly reason: string };
  /** A whole cart was cleared before it was paid. Carts that were empty leave none. */
  CartCancelled: {
    readonly businessDay: string;
    readonly cart: string;
    readonly currency: string;
    readonly lines: readonly CancelledLine[];
    /** What the customer would have paid. */
    readonly totalMinor: number;
  };
  /** Goods left an open cart; where quantity and amount are negative, they came back by "undo". */
  CartLineVoided: CancelledLine & {
    readonly businessDay: string;
    readonly cart: string;
    /** Id of the line in the cart. */
    readonly line: string;
    readonly currency: string;
  };
  /** A document was printed once more; its first printout is none of these. */
  ReceiptReprinted: {
    readonly businessDay: string;
    readonly of: { readonly journal: JournalKey; readonly seq: number };
    /** Of the document that was printed. */
    readonly number: string;
    /** 1 for the first copy, as far as this till knew. */
    readonly copy: number;
  };
  /** The wall clock stepped: it should have shown the first value and showed the second. */
  ClockChanged: {
    readonly fromMs: number;
    readonly toMs: number;
    /** While the process ran, or between its last entry and its start. */
    readonly while: 'running' | 'stopped';
  };
  /** `by` asked for what he may not: `times` since the last such entry of the same operator and permission. */
  PermissionRefused: {
    readonly businessDay: string;
    readonly permission: string;
    readonly times: number;
  };
  /** Ten wrong PINs in a row were typed for this operator. */
  OperatorLocked: { readonly businessDay: string; readonly operator: string };
  /** Somebody senior (`by`) lifted the wait after wrong PINs. */
  OperatorUnlocked: { readonly businessDay: string; readonly operator: string };
};

export type ActType = keyof ActBodies;
/** Those that somebody asks for; the others are what the till notices by itself. */
export type AskedAct = 'DrawerOpened' | 'CartCancelled' | 'CartLineVoided' | 'ReceiptReprinted';

const acts: Readonly<Record<ActType, true>> = {
  DrawerOpened: true,
  CartCancelled: true,
  CartLineVoided: true,
  ReceiptReprinted: true,
  ClockChanged: true,
  PermissionRefused: true,
  OperatorLocked: true,
  OperatorUnlocked: true,
};
export const actTypes = Object.keys(acts) as ActType[];
export const isActType = (type: string): type is ActType => Object.hasOwn(acts, type);

/** Why a drawer is opened without a sale, as the screens offer it; anything else is said in words. */
export const drawerReasons = ['change', 'count', 'payOut', 'mistake'] as const;
