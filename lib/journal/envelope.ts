/**
 * What a journal entry is. Frozen: bytes written by any version must stay readable (docs/spec.md, J rules).
 * `v` is the version of this envelope; unknown entry types and unknown fields are kept and passed on.
 */
import type {
  EntryHash,
  Hlc,
  IncarnationId,
  JournalKey,
  StoreId,
  TerminalId,
} from '../domain/ids.ts';

/** A journal's tip as another journal's entry remembers it: seq, and 8 bytes of the entry's hash in base64url (11 characters). */
export type SawTip = readonly [seq: number, hash8: string];

export type UnsignedEntry = {
  readonly v: 1;
  readonly store: StoreId;
  readonly terminal: TerminalId;
  readonly incarnation: IncarnationId;
  /** 1, 2, 3, … without gaps per incarnation. */
  readonly seq: number;
  /** Hash of the entry before; `-` in the first. */
  readonly prev: EntryHash | '-';
  /** Tips of other journals that changed since the own previous entry. */
  readonly saw: Readonly<Record<JournalKey, SawTip>>;
  readonly at: Hlc;
  /** The terminal's wall clock in milliseconds since 1970, for people; nothing is ordered by it. */
  readonly wall: number;
  /** IANA name of the terminal's time zone. */
  readonly zone: string;
  /** Id of the command that asked for this entry; the same command twice gives one entry. */
  readonly command: string;
  /** `SaleCompleted`, … see `lib/domain/bodies.ts`; others are kept as they are. */
  readonly type: string;
  /** Operator id; `system` for what the terminal does by itself. */
  readonly by: string;
  /** By type. Integers, strings, booleans, null, arrays and objects of them: never a fraction. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Automerge actor of the change that holds this entry: 32 hex digits, the first 16 fixed by the principal. */
  readonly actor: string;
  /** Hash of the change before in the same segment (64 hex digits); the genesis in a segment's first. */
  readonly dep: string;
};

/** `sig`: Ed25519 over the canonical JSON of everything else, base64url (86 characters). */
export type Entry = UnsignedEntry & { readonly sig: string };

/** An entry that was read, with what identifies it. Verified: form, chain to what is known, signature of it or a successor. */
export type VerifiedEntry = {
  readonly journal: JournalKey;
  readonly hash: EntryHash;
  readonly bytes: Uint8Array;
  readonly entry: Entry;
};

/** Signs as one incarnation; the private key never leaves it. Synchronous: it is inside the durable write. */
export type Signer = (message: Uint8Array) => Uint8Array;
/** Checks one principal's signature. */
export type Verifier = (message: Uint8Array, signature: Uint8Array) => boolean;
