/**
 * One terminal as head office's pages show it: every device that has had its name, who let it in, what it may give to
 * others, and what head office has said of it. Plain values only; the rest of the seam is in `hq-services.ts`.
 */
import type { FindingName } from '../domain/findings.ts';
import type { Principal, StoreId, TerminalId } from '../domain/ids.ts';
import type { OpenJoinCode, Replacing, TillHealth } from './hq-services.ts';
import type { Archiving } from './services.ts';
import type { Refused } from './till-services.ts';

/** Who signed a terminal's certificate. */
export type LetInBy =
  | {
      readonly kind: 'headOffice';
      /** Hex SHA-256 of the issuing key; absent where the company's root signed by itself. */
      readonly issuerKey?: string;
    }
  | {
      readonly kind: 'till';
      /** As in `S01-T1`; absent where nobody knows that key any more. */
      readonly till?: string;
      readonly tillKey: string;
      readonly issuerKey?: string;
    };

export type TerminalLife = {
  readonly principal: Principal;
  readonly letter: string;
  /** Of its journal, as far as it is here. */
  readonly entries: number;
  readonly documents: number;
};

/** Numbers that a till may give to others. */
export type GrantedRange = {
  readonly first: number;
  readonly last: number;
  /** Those of them that are somebody's. */
  readonly used: readonly TerminalId[];
  /** False: it was given to an earlier life or to a device that is kept out, and nobody can use it up. */
  readonly counts: boolean;
};

/** What head office has said for good about a device. */
export type DeviceRevocation = {
  readonly reason: string;
  readonly atMs: number;
  /** The key that head office named: its own, or that of the till which had let it in. */
  readonly ofKey: string;
  /** `S01-T1`: that till was revoked, and this one was let in by it. */
  readonly with?: string;
  /** Who asked: an operator's id, or `api`; absent where it is not known (any more). */
  readonly by?: string;
  readonly byName?: string;
  /** Entries beyond what head office knew then, and the documents among them, the newest first. */
  readonly beyond: number;
  readonly beyondDocuments: readonly string[];
};

/** What a till found wrong with its own files, by its own word; it stays readable when it was looked at. */
export type DeviceFinding = FindingName & {
  readonly what?: string;
  /** By the till's clock. */
  readonly wallMs: number;
  /** Who looked at it there, and when by the till's clock; absent: nobody yet. */
  readonly checked?: {
    readonly by: string;
    readonly byName?: string;
    readonly wallMs: number;
    readonly note?: string;
  };
};

export type TerminalDevice = TillHealth & {
  readonly terminalKey: string;
  /** By the clock of whoever let it in. */
  readonly enrolledAtMs: number;
  readonly letInBy: LetInBy;
  /** The last one first. */
  readonly lifeList: readonly TerminalLife[];
  /** Terminals that it has let in and that stand. */
  readonly letIn: readonly TerminalId[];
  readonly ranges: readonly GrantedRange[];
  /** Entries of the store that are here and that it does not have yet, by its own word; absent while it is not linked. */
  readonly missingThere?: number;
  readonly revocation?: DeviceRevocation;
  /** The open ones first, of each the last one; at most `limits.findingsShown`. */
  readonly findings: readonly DeviceFinding[];
};

export type HqTerminal = {
  readonly nowMs: number;
  readonly archiving: Archiving;
  readonly store: StoreId;
  readonly name?: string;
  readonly terminal: TerminalId;
  /** Those that stand first, then the revoked; of each the last that came first. */
  readonly devices: readonly TerminalDevice[];
  /** Keys that joined under this name by a code, stand, and of which nobody here has heard since; absent: none. */
  readonly unheard?: readonly string[];
  /** Entries of the store that are here: what a new till of it fetches. */
  readonly entriesHere: number;
  /** Codes for it that can still be used; absent while the database does not answer. */
  readonly codes?: readonly OpenJoinCode[];
  /** A range that nobody has, as far as it is known here. */
  readonly freeRange: { readonly first: number; readonly last: number };
};

/** A device that is kept out, in the list of all. */
export type RevokedDevice = DeviceRevocation & {
  readonly terminal: TerminalId;
  readonly terminalKey: string;
};

export type GrantAsk = {
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly first: number;
  readonly last: number;
};

export type Granting = ({ readonly outcome: 'done' } & GrantAsk) | Refused;

export type Withdrawing = { readonly outcome: 'done' } | Refused;

/** `syncPort`: where tills reach this relay, under the name that its screens are reached by. */
export type HqReplacing = (Exclude<Replacing, Refused> & { readonly syncPort: number }) | Refused;
