/** What a replica needs of the world, and what it tells. */
import type { Clock } from '../domain/clock.ts';
import type { Hlc, JournalKey, Principal, SeriesLetter, StoreId } from '../domain/ids.ts';
import type { Signer, VerifiedEntry } from '../journal/envelope.ts';
import type { CheckedChange } from '../journal/segment-index.ts';
import type { BarStore } from '../mesh/bars.ts';
import type { MeshEvent } from '../mesh/mesh-events.ts';
import type { MeshTiming } from '../mesh/mesh-options.ts';
import type { DialTarget, ProvenPeer, Transport } from '../mesh/transport.ts';
import type { MachineIdentity } from '../storage/binding.ts';
import type { Disk } from '../storage/disk.ts';
import type { VerifiedChain } from '../trust/chain.ts';
import type { IdentityStore, LivingIncarnation } from '../trust/identity-store.ts';
import type { ArchivedWord, VoiceTiming } from './network-voice.ts';
import type { ListedRecord } from './list-changes.ts';

export type ReplicaEvent =
  | MeshEvent
  | { readonly kind: 'damaged'; readonly what: string; readonly detail: string }
  | { readonly kind: 'storage'; readonly detail: string }
  | { readonly kind: 'invalidRecord'; readonly list: string; readonly detail: string }
  /** A peer's wall clock has come to differ from ours by more than the doubt, or has come back. */
  | { readonly kind: 'clockOffset'; readonly peer: Principal; readonly offsetMs: number }
  | { readonly kind: 'clockTooFar'; readonly journal: JournalKey; readonly at: Hlc }
  | { readonly kind: 'forked'; readonly journal: JournalKey }
  /** Head office has revoked a terminal's key; `own`: this one's. */
  | {
      readonly kind: 'revoked';
      readonly terminal: string;
      readonly terminalKey: string;
      readonly reason: string;
      /** When, by head office's clock; said again at each start. */
      readonly at: Hlc;
      readonly own: boolean;
    };

export type ReplicaOptions = {
  readonly disk: Disk;
  readonly directory: string;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  readonly self: {
    readonly chain: readonly Uint8Array[];
    readonly letter: SeriesLetter;
    readonly sign: Signer;
  };
  readonly verifyChain: (ders: readonly Uint8Array[]) => VerifiedChain;
  readonly stores: readonly StoreId[];
  readonly version: string;
  readonly transport: Transport;
  readonly targets: () => readonly DialTarget[];
  readonly bars: BarStore;
  readonly admit: (peer: Principal) => boolean;
  readonly timing?: Partial<MeshTiming>;
  readonly ensureRoom: (bytes: number, purpose: 'ordinary' | 'closing') => void;
  readonly witness: { reserve(seq: number): void; used(seq: number): void };
  /** The gap-free tip of a journal in the read models: saves reading whole files at start. */
  readonly hint: (journal: JournalKey) => { seq: number; hash: string } | undefined;
  /** Entries that are on disk, in an order in which they can be folded. Must not throw. */
  readonly onEntries: (entries: readonly VerifiedEntry[]) => void;
  readonly onRecord: (record: ListedRecord) => void;
  /** `revokedJournals` of the store says something else than before; its records are on disk. */
  readonly onRevoked: (store: StoreId) => void;
  readonly release: () => number | undefined;
  /** Peers are to be asked for HQ's documents. A relay has them from nobody. */
  readonly wantsHqData: () => boolean;
  /** Relays: what the archive has taken in. */
  readonly archived?: () => ArchivedWord | undefined;
  readonly voiceTiming?: Partial<VoiceTiming>;
  /** The live journal is continued by another device: begin another incarnation. */
  readonly onContinuedElsewhere: (entries: readonly CheckedChange[]) => void;
  /** Entries of the own journal were lost: begin another incarnation. Relays write none. */
  readonly onOwnDamaged?: () => void;
  /** The disk said something final: the process must end. */
  readonly onFatal: (error: unknown) => void;
  readonly onEvent: (event: ReplicaEvent) => void;
  /** How far a peer's clock is ahead, after every word of it; what is worth an event is one beside. */
  readonly onClock?: (peer: Principal, offsetMs: number) => void;
  /** Something that `tips` or the links show has changed. */
  readonly onChange: () => void;
};

/** What a register and a relay alike need of the world to live one life of a terminal after the other. */
export type LifeParts = Pick<
  ReplicaOptions,
  'disk' | 'directory' | 'clock' | 'random' | 'version' | 'targets' | 'bars' | 'timing' | 'onFatal'
> & {
  readonly identity: IdentityStore;
  readonly machine: () => MachineIdentity;
  readonly transport: (
    living: LivingIncarnation,
    verifyPeer: (ders: readonly Uint8Array[]) => ProvenPeer,
  ) => Transport;
};
