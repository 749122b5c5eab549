/**
 * What a register offers to its own screens beyond `RegisterServices`: who is signed in, the cart, documents to read,
 * stock cards, the mesh. Plain values only. `by` is always the operator of the session, never what a browser says.
 */
import type { MoneyDocument, ReceiptKey } from '../domain/bodies.ts';
import type { CashRounding } from '../domain/cash-rounding.ts';
import type { EntryHash, Sku } from '../domain/ids.ts';
import type { Permission, Role } from '../domain/operator.ts';
import type { Check, CheckName } from './checks/check.ts';
import type { ReleasesHere } from '../domain/releases.ts';
import type { LanView } from './lan-screens.ts';
import type { DialView, MeshEvent, RefusedView } from './mesh-news.ts';
import type { BarView, RegisterServices } from './services.ts';
import type { StartProgress } from './start-progress.ts';

// ---- Signing in

export type OperatorName = {
  readonly id: string;
  readonly name: string;
  readonly roles: readonly Role[];
};

export type SignIn =
  | { readonly outcome: 'done'; readonly operator: OperatorName }
  | {
      readonly outcome: 'refused';
      /**
       * `PIN_DELAYED`: too soon after wrong ones. `PIN_LOCKED`: ten wrong ones. `PIN_FILE_CHANGED`: how many there were is
       * not known, so everybody waits.
       */
      readonly code: 'PIN_WRONG' | PinWaiting['code'];
      readonly retryAfterMs?: number;
    };

/** Somebody who has to wait after wrong PINs at this till, or as everybody has to. */
export type PinWaiting = {
  readonly operator: string;
  readonly code: 'PIN_DELAYED' | 'PIN_LOCKED' | 'PIN_FILE_CHANGED';
  readonly retryAfterMs: number;
};

export interface SignInServices {
  /** Who may sign in here, by name. */
  operators(): readonly OperatorName[];
  /** Of these, who has to wait now. */
  pinWaits(): readonly PinWaiting[];
  /** Checks a PIN against HQ's hash, offline. The count of wrong ones survives a restart. */
  signIn(operator: string, pin: string): Promise<SignIn>;
  /** Lifts the wait of somebody else after wrong PINs. False where `by` may not, or nobody of that name is known. */
  unlock(operator: string, by: string): boolean;
  /** As the release in force says now: a session of somebody who was taken off the list is worth nothing. */
  operator(id: string): OperatorName | undefined;
  /** Somebody who is signed in asked for what he may not: it leaves a trace where there is a journal. */
  permissionRefused?(by: string, permission: Permission): void;
  /** Another one as soon as the id is another person's or the PIN another: sessions from before are over. Absent: never. */
  personMark?(id: string): string | undefined;
}

// ---- The cart, which lives in the store's `desk` document

export type CartLineView = {
  readonly id: string;
  readonly sku: Sku;
  readonly name: string;
  readonly quantityMilli: number;
  /** Sold by weight: the quantity has decimals. */
  readonly weighed: boolean;
  readonly unitPriceE4: number;
  readonly amountMinor: number;
  readonly discountMinor?: number;
  readonly batch?: string;
  readonly override?: string;
  /** Name of the operator who allowed what a cashier may not: with it any colleague can take the money. */
  readonly approvedBy?: string;
  /** Why it cannot be sold as it is (any more): it costs nothing here, and paying is refused until it is removed. */
  readonly problem?: { readonly code: string; readonly message: string; readonly about?: string };
};

export type CartView = {
  /** Pay's command id derives from it. */
  readonly cart: string;
  readonly currency: string;
  readonly lines: readonly CartLineView[];
  readonly taxes: readonly {
    readonly rate: string;
    readonly name: string;
    readonly percentE4: number;
    readonly netMinor: number;
    readonly taxMinor: number;
  }[];
  readonly netMinor: number;
  readonly totalMinor: number;
  /** What is due when all is paid in cash: rounded to coins. */
  readonly cashDueMinor: number;
  /** For the part that is paid in cash beside other tenders; absent: to the minor unit. */
  readonly cashRounding?: CashRounding;
  /** Ways to pay, `cash` first. */
  readonly tenders: readonly string[];
  /** How many carts of the store could be called up here instead; absent: none. */
  readonly others?: number;
};

/** A cart that lies in the store and is nobody's at the moment. */
export type StoreCart = {
  readonly cart: string;
  /** `left`: it stood open at a till that is gone. */
  readonly state: 'parked' | 'left';
  /** Where it was last. */
  readonly terminal: string;
  readonly operator: string;
  /** Milliseconds since 1970. */
  readonly changedMs: number;
  /** Names of the first of its goods. */
  readonly goods: readonly string[];
  readonly lines: number;
  readonly totalMinor: number;
  readonly currency: string;
  /** Whether who asks may call it up. */
  readonly mayRecall: boolean;
};

export type CartChange =
  /** One more line, or more of the line that there is of the same goods at the same price: the till decides. */
  | {
      readonly kind: 'add';
      /** Made by the screen: the same line sent twice is one line. */
      readonly line: string;
      readonly sku: Sku;
      readonly quantityMilli: number;
    }
  /** A product code, GTIN or in-store barcode as scanned; added as above. */
  | {
      readonly kind: 'scan';
      readonly line: string;
      readonly code: string;
      readonly quantityMilli: number;
    }
  | { readonly kind: 'quantity'; readonly line: string; readonly quantityMilli: number }
  | {
      readonly kind: 'price';
      readonly line: string;
      readonly unitPriceE4: number;
      readonly override: string;
    }
  | { readonly kind: 'discount'; readonly line: string; readonly discountMinor: number }
  | { readonly kind: 'remove'; readonly line: string }
  /** Undoes a removal: the line comes back as it was. */
  | { readonly kind: 'restore'; readonly line: string }
  | { readonly kind: 'clear' };

export type Refused = {
  readonly outcome: 'refused';
  readonly code: string;
  readonly message: string;
  /** What it is about, in no language: screens say it by code and this. */
  readonly about?: string;
};
export type CartAnswer =
  | {
      readonly outcome: 'done';
      readonly cart: CartView;
      /** Where the goods of `add` and `scan` went. */
      readonly line?: string;
    }
  | Refused;

export type TenderGiven = {
  readonly kind: string;
  readonly amountMinor?: number;
  readonly givenMinor?: number;
};

export type Paid =
  | {
      readonly outcome: 'done' | 'repeated';
      readonly number: string;
      readonly key: ReceiptKey;
      readonly totalMinor: number;
      readonly changeMinor: number;
      readonly currency: string;
      /** The empty cart that the next sale begins with. */
      readonly cart: CartView;
    }
  | Refused;

export interface CartServices {
  cart(by: string): Promise<CartView>;
  /** `approver`: somebody else, whose PIN was checked for this one change; it is judged by what that one may do. */
  changeCart(by: string, change: CartChange, approver?: string): Promise<CartAnswer>;
  /**
   * One sale however often it is asked for: the command id derives from the cart's. `totalMinor` is what the screen
   * showed; CART_CHANGED where the cart costs something else by now.
   */
  pay(by: string, cart: string, totalMinor: number, tenders: readonly TenderGiven[]): Promise<Paid>;
  /** Parked carts of the store, and those that stood open at tills that are gone, the newest first. */
  storeCarts(by: string): Promise<readonly StoreCart[]>;
  /** Puts the open cart away, for any till. The answer has the cart that comes next. */
  parkCart(by: string, cart: string): Promise<CartAnswer>;
  /** Goes on with one of `storeCarts` here. Asking twice is once. */
  recallCart(by: string, cart: string): Promise<CartAnswer>;
}

// ---- Reading

/** P10 for one document. */
export type CopiesView = {
  readonly tills: number;
  readonly atHq: boolean;
  readonly archived: boolean;
};

export type DocumentView = {
  readonly key: ReceiptKey;
  readonly hash: EntryHash;
  readonly type: string;
  readonly number: string;
  readonly businessDay: string;
  /** Milliseconds since 1970 by the writer's clock, and its zone: for people, never for order. */
  readonly wallMs: number;
  readonly zone: string;
  readonly terminal: string;
  readonly operator: string;
  readonly totalMinor: number;
  readonly currency?: string;
  readonly lines: number;
};

/** One entry of a journal: a document, an act, or what a replica noticed. */
export type JournalLine = {
  readonly key: ReceiptKey;
  readonly hash: EntryHash;
  readonly type: string;
  /** `unknown`: of a later version; `refused`: its body is not what its type says. Both are kept and do not count. */
  readonly state: 'folded' | 'unknown' | 'refused';
  /** Of a document its number, else that of the entry in its journal: `S01-T1A-J-17`. */
  readonly number: string;
  readonly isDocument: boolean;
  readonly wallMs: number;
  readonly zone: string;
  readonly terminal: string;
  /** Operator id, or `system`. */
  readonly operator: string;
  readonly businessDay?: string;
  readonly currency?: string;
  readonly totalMinor?: number;
  /** What it says, for those that are no document; of lines their number and the first names. */
  readonly detail: Readonly<Record<string, unknown>>;
};

/** What is left out is not asked for. */
export type JournalFilter = {
  readonly terminal?: string;
  readonly operator?: string;
  readonly type?: string;
  readonly businessDay?: string;
};

/** How often an operator did something on a business day beside documents, over all tills. */
export type ActCount = { readonly operator: string; readonly type: string; readonly count: number };

export type JournalPage = {
  readonly entries: readonly JournalLine[];
  /** Of the day that is asked for, else of the open one. */
  readonly counts: readonly ActCount[];
  readonly businessDay: string;
};

/** `copy` 0: this printout is the receipt; else the copy of that number. */
export type Printed = { readonly outcome: 'done'; readonly copy: number } | Refused;

export type Receipt = DocumentView & {
  readonly body: MoneyDocument;
  /** Per line, what came back so far; in thousandths, positive. */
  readonly returnedMilli: readonly number[];
  /** Per line, whether it is weighed: parts of a piece can come back. */
  readonly weighed: readonly boolean[];
  /** Of a return: the number of the sale, where this till has it. */
  readonly ofNumber?: string;
  /** Other documents with this number (a fork): a person has to say which one is meant. */
  readonly others?: readonly DocumentView[];
  readonly copies: CopiesView;
  /** How many copies were printed, at all tills that are known here. */
  readonly copiesPrinted?: number;
  /** The next printout here is the receipt, not a copy. */
  readonly isUnprinted?: boolean;
};

export type TileRow = {
  readonly sku: Sku;
  readonly name: string;
  readonly department?: string;
  readonly weighed: boolean;
  readonly unitPriceE4?: number;
  readonly quantityMilli: number;
  readonly barcodes: readonly string[];
};

export type Movement = {
  readonly document?: string;
  readonly key: ReceiptKey;
  readonly type: string;
  readonly terminal: string;
  readonly operator: string;
  readonly wallMs: number;
  readonly zone?: string;
  readonly batch?: string;
  /** What moved; of a count (`StockCounted`) what it changed. */
  readonly quantityMilli: number;
  /** After it, in the order of the hybrid clock. */
  readonly balanceMilli: number;
  /** Of a count: what was on the shelf. */
  readonly countedMilli?: number;
  /** The count that stood then had it in already: the balance stayed. */
  readonly inCount?: true;
};

export type StockCard = TileRow & {
  readonly batches: readonly { readonly batch: string; readonly quantityMilli: number }[];
  /** The newest first. */
  readonly movements: readonly Movement[];
  readonly next?: string;
};

/** What is left out is not asked for. */
export type DocumentsFilter = {
  readonly terminal?: string;
  readonly businessDay?: string;
  /** Of the total, whichever way the money went. */
  readonly amountMinor?: number;
};

export interface ReadingServices {
  departments(): readonly { readonly id: string; readonly products: number }[];
  /** Products of a department in the order of what sold most here, or of a search. */
  tiles(ask: {
    readonly department?: string;
    readonly query?: string;
    readonly limit: number;
  }): readonly TileRow[];
  stockCard(
    sku: Sku,
    page: { readonly after?: string; readonly limit: number },
  ): StockCard | undefined;
  /** The newest first; with a filter, of the newest `limits.documentsSearched` those that are as asked for. */
  recentDocuments(limit: number, filter?: DocumentsFilter): readonly DocumentView[];
  /**
   * Sale, return, adjustment or any other document by its number, of any till. Of several with one number the first by
   * clock, or the one of this hash.
   */
  receipt(number: string, hash?: EntryHash): Receipt | undefined;
  /** Entries of all journals, the newest first; filtered as documents are. */
  journal(limit: number, filter?: JournalFilter): JournalPage;
}

export interface PrintServices {
  /** Before a document is printed; the same `command` again is the same copy. */
  print(by: string, of: ReceiptKey, command: string): Printed;
}

// ---- The mesh

export type PeerView = {
  readonly principal: string;
  readonly terminal: string;
  readonly isRelay: boolean;
  readonly linked: boolean;
  /** When its last link ended, milliseconds since 1970; absent while linked, and where there never was one. */
  readonly goneAtMs?: number;
  readonly cut: boolean;
  /** Name of who cut it by hand, and when; absent where this process does not know (any more). */
  readonly cutBy?: { readonly name: string; readonly wallMs: number };
  /** Why it gets no link from this till; absent where it would. */
  readonly refused?: RefusedView;
  /** Its addresses, and how dialling them goes; empty while it is linked, and where none is known. */
  readonly dials: readonly DialView[];
  readonly version?: string;
  readonly latencyMs?: number;
  readonly clockOffsetMs?: number;
  /** Its clock is against most others; `unclear`: it differs, and nobody can say which one is wrong. */
  readonly clockState?: 'wrong' | 'unclear';
  /** Own documents that it has not confirmed. */
  readonly waiting: number;
  /** The release that is in force there, by its own word; absent while it is not linked. */
  readonly release?: number;
};

export type MeshView = {
  readonly terminal: string;
  readonly version: string;
  readonly peers: readonly PeerView[];
  /** Addresses that were given to this till and do not answer: whose they are is not known yet. */
  readonly addresses: readonly DialView[];
  readonly barred: readonly BarView[];
  /** Own documents that exist on this till only. */
  readonly onlyHere: number;
  readonly waitingForHq: number;
  readonly waitingForArchive: number;
  /** The newest first. */
  readonly events: readonly MeshEvent[];
  /** Of head office's data. */
  readonly releases: ReleasesHere;
};

export interface MeshServices {
  meshView(): MeshView;
}

// ---- Phones and tablets

export interface LanServices {
  /** The screens on the shop's network; undefined: this till was not started with any. */
  lanView(): LanView | undefined;
}

// ---- The self-test

export type SelfTestView = {
  readonly startedAtMs: number;
  readonly running: boolean;
  /** `checks` is absent while the step is under way. */
  readonly steps: readonly { readonly check: CheckName; readonly checks?: readonly Check[] }[];
};

export interface SelfTestServices {
  /** The last one, running or not; undefined before the first. */
  selfTest(): SelfTestView | undefined;
  /** Begins one, or joins the one that runs. */
  startSelfTest(): SelfTestView;
}

export interface ProgressServices {
  /** What is here of what the others have; asked before signing in, too. */
  progress(): StartProgress;
}

export interface TillServices
  extends
    RegisterServices,
    SignInServices,
    CartServices,
    ReadingServices,
    PrintServices,
    MeshServices,
    ProgressServices,
    LanServices,
    SelfTestServices {}

/** What an operator may do, for the buttons of a screen. */
export type Allowed = Readonly<Partial<Record<Permission, boolean>>>;
