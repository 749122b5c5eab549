/**
 * What head office offers to its screens beyond `StatusServices`: stores with their tills and their sales, documents
 * down to who signed them, terminals and codes to enrol more. Plain values only. `by` is always the person of the
 * session, and nobody is told of a store that this person does not manage.
 */
import type { ErrorCode } from '../domain/errors.ts';
import type { EntryHash, JournalKey, Principal, StoreId, TerminalId } from '../domain/ids.ts';
import type { RevocationReason } from '../domain/revocation-reason.ts';
import type {
  GrantAsk,
  Granting,
  HqReplacing,
  HqTerminal,
  RevokedDevice,
  Withdrawing,
} from './hq-terminals.ts';
import type { HqReleases } from './releases.ts';
import type { Archiving, BarView, StatusServices } from './services.ts';
import type { DocumentView, Receipt, Refused, SignInServices } from './till-services.ts';

// ---- Stores and tills

/** A terminal of a store by its last life, as this relay knows it. */
export type TillHealth = {
  readonly terminal: TerminalId;
  readonly principal: Principal;
  readonly letter: string;
  /** Hex SHA-256 of its public key: which device is meant, where two have had one name. */
  readonly terminalKey?: string;
  /** Head office has revoked it: when, by head office's clock, and why. */
  readonly revoked?: { readonly reason: string; readonly atMs: number };
  /** How many lives it has had, this one included. */
  readonly lives: number;
  readonly linked: boolean;
  /** Its last word by this relay's clock, milliseconds since 1970; absent where there was none since the relay began. */
  readonly heardAtMs?: number;
  readonly version?: string;
  readonly latencyMs?: number;
  /** How far its clock is ahead of this relay's. */
  readonly clockOffsetMs?: number;
  /** Entries that it has by its own word and that are not here; absent while it is not linked. */
  readonly notHere?: number;
  /** Entries that are here, of all its lives, and that the archive has not confirmed. */
  readonly notArchived: number;
  /** Another device goes on with its journal: see the flag. */
  readonly forked: boolean;
  /** What it said of its own files and nobody has looked at there yet; absent for nothing. */
  readonly filesChanged?: number;
  /** How many devices of this name stand, where it is more than one. */
  readonly devices?: number;
};

/** Sales and returns of one currency. */
export type SalesTotal = {
  readonly currency: string;
  readonly sales: number;
  readonly returns: number;
  /** Sales less returns. */
  readonly totalMinor: number;
};

/** A store's calendar day in its own time zone, by the clocks of its tills. */
export type SalesToday = {
  readonly day: string;
  readonly zone: string;
  readonly totals: readonly SalesTotal[];
  /** Hours in which something was sold or taken back, in order. A change of clocks makes an hour come twice: they are one. */
  readonly hours: readonly { readonly hour: number; readonly totals: readonly SalesTotal[] }[];
};

export type StoreHealth = {
  readonly store: StoreId;
  /** As head office calls it; absent where nobody has described it. */
  readonly name?: string;
  readonly tills: readonly TillHealth[];
  /** Open flags of all kinds. */
  readonly flags: number;
  readonly notArchived: number;
  readonly today: SalesToday;
};

type Now = {
  /** This relay's clock. */
  readonly nowMs: number;
  readonly archiving: Archiving;
};

export type HqStore = Now & { readonly store: StoreHealth };

export type HqOverview = Now & {
  /** By their codes. */
  readonly stores: readonly StoreHealth[];
};

// ---- Documents

export type HqDocument = DocumentView & {
  readonly store: StoreId;
  /** Of `operator`, as the store calls this person now; absent for one who left the list, and while the database is away. */
  readonly operatorName?: string;
};

export type HqDocumentsAsk = {
  readonly store?: StoreId;
  readonly terminal?: TerminalId;
  readonly type?: string;
  /** The `next` of the page before. */
  readonly after?: string;
  readonly limit: number;
};

export type HqDocuments = {
  /** `relay`: the database does not answer, and these are the newest of this relay's own read models. */
  readonly source: 'archive' | 'relay';
  /** The newest first. */
  readonly documents: readonly HqDocument[];
  readonly next?: string;
};

/** Why a document has no rows in the archive, though its bytes are there. */
export type PostingView = {
  readonly state: 'refused' | 'parked' | 'posted';
  readonly attempts: number;
  readonly message: string;
};

/** Who made a document, and where it went from there. */
export type Custody = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
  /** The entry before it; `-` for the first. Absent where only the archive could say and does not answer. */
  readonly prev?: string;
  /** Whose key signed it. */
  readonly principal: Principal;
  readonly letter?: string;
  /** On this relay's own disk. */
  readonly isHere: boolean;
  /** When it came to this relay; absent where that was before the process began. */
  readonly arrivedAtMs?: number;
  readonly archived: boolean;
  /** Absent while the database does not answer. */
  readonly archivedAtMs?: number;
  readonly posting?: PostingView;
  /** False: when it was archived is not known now, because the database does not answer. */
  readonly isArchiveAsked: boolean;
  /** Tills that have said it is on their disks, the writer included: `S01-T2`. */
  readonly holders: readonly string[];
  /** Two devices wrote in this journal. */
  readonly forked: boolean;
};

export type HqReceipt = Omit<Receipt, 'others'> & {
  readonly store: StoreId;
  readonly operatorName?: string;
  readonly others?: readonly HqDocument[];
  readonly custody: Custody;
};

// ---- Terminals

export type OpenJoinCode = {
  /** Names the code, and is no secret. */
  readonly id: string;
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly expiresAtMs: number;
};

export type HqTerminals = {
  readonly nowMs: number;
  readonly stores: readonly {
    readonly store: StoreId;
    readonly name?: string;
    readonly tills: readonly TillHealth[];
    /** Devices that head office keeps out, the last one first. */
    readonly revoked: readonly RevokedDevice[];
    /** The first terminal number that is free. */
    readonly next: TerminalId;
  }[];
  /** Codes that were given out and can still be used; absent while the database does not answer. */
  readonly codes?: readonly OpenJoinCode[];
};

export type Enrolling =
  | {
      readonly outcome: 'done';
      readonly store: StoreId;
      readonly terminal: TerminalId;
      /** One-time: told once, kept nowhere. */
      readonly code: string;
      readonly expiresAtMs: number;
      /** Where tills reach this relay, under the name that its screens are reached by. */
      readonly syncPort: number;
    }
  | Refused;

/** Who is to be kept out for good. */
export type RevokeAsk = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly reason: RevocationReason;
  /** At least its first 8 characters; needed where two tills have one name. */
  readonly terminalKey?: string;
};

export type Revoking =
  | {
      /** `repeated`: it was revoked before, as it says here. */
      readonly outcome: 'done' | 'repeated';
      readonly store: StoreId;
      readonly terminal: TerminalId;
      readonly terminalKey: string;
      readonly reason: string;
      readonly atMs: number;
    }
  | Refused;

/** Which device gives its name to another one, and why it is kept out. */
export type ReplaceAsk = RevokeAsk;

export type Replacing =
  | ({
      /** `repeated`: it was revoked before; the code is new, and those of before are void. */
      readonly outcome: 'done' | 'repeated';
      /** One-time: told once, kept nowhere. */
      readonly code: string;
      readonly expiresAtMs: number;
    } & Replaced)
  | ({
      /** Nothing is left to do: another device has the name. */
      readonly outcome: 'joined';
      readonly joinedKey: string;
    } & Replaced)
  | ({
      /** It is kept out, and there is no code: to be asked once more. */
      readonly outcome: 'revokedOnly';
      readonly problem: ErrorCode;
    } & Replaced)
  | Refused;

/** The device that is kept out; reason and time are those that stand. */
type Replaced = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly terminalKey: string;
  readonly reason: string;
  readonly atMs: number;
};

export interface HqServices extends StatusServices, SignInServices {
  overview(by: string): HqOverview;
  /** Undefined for a store that there is not, or that is not this person's. */
  store(by: string, store: StoreId): HqStore | undefined;
  documents(by: string, ask: HqDocumentsAsk): Promise<HqDocuments>;
  /** Of several with one number the first by clock, or the one of this hash. */
  receipt(
    by: string,
    store: StoreId,
    number: string,
    hash?: EntryHash,
  ): Promise<HqReceipt | undefined>;
  terminals(by: string): Promise<HqTerminals>;
  /** @throws DATABASE_UNREACHABLE: a code that is kept nowhere would let nobody in. */
  enrol(by: string, store: StoreId, terminal: TerminalId): Promise<Enrolling>;
  /** @throws DATABASE_UNREACHABLE: one that is kept nowhere would be forgotten. */
  revoke(by: string, ask: RevokeAsk): Promise<Revoking>;
  releases(by: string): HqReleases;
  /** Undefined for one that never joined, or that is not this person's. */
  terminal(by: string, store: StoreId, terminal: TerminalId): Promise<HqTerminal | undefined>;
  /** @throws DATABASE_UNREACHABLE: who has which number is asked there. */
  grant(by: string, range: GrantAsk): Promise<Granting>;
  /** @throws DATABASE_UNREACHABLE */
  withdrawCode(by: string, store: StoreId, id: string): Promise<Withdrawing>;
  /** Revokes, then makes the code for the new one; safe to repeat. @throws DATABASE_UNREACHABLE where nothing was done. */
  replace(by: string, ask: ReplaceAsk): Promise<HqReplacing>;
  /** Terminals of the asking person's stores that this relay has barred, the latest first. */
  barredHere(by: string): readonly BarView[];
  /** Lets one back in, here: tills that barred it decide for themselves. PEER_UNKNOWN where it is not barred. */
  pardonHere(by: string, terminal: string): { readonly outcome: 'done' } | Refused;
}
