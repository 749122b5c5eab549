/** What a register needs of the world, what it tells, and what it answers to a command. */
import type { Clock } from '../domain/clock.ts';
import type { JournalKey, Principal } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { BarStore } from '../mesh/bars.ts';
import type { MeshTiming } from '../mesh/mesh-options.ts';
import type { DialTarget, Transport } from '../mesh/transport.ts';
import type { BeginReason } from '../replica/incarnation.ts';
import type { ReplicaEvent } from '../replica/replica-options.ts';
import type { MachineIdentity } from '../storage/binding.ts';
import type { Disk } from '../storage/disk.ts';
import type { IdentityStore, LivingIncarnation } from '../trust/identity-store.ts';

export type RegisterEvent =
  | ReplicaEvent
  | {
      readonly kind: 'incarnationBegun';
      readonly principal: Principal;
      readonly reason: BeginReason;
    }
  | { readonly kind: 'release'; readonly n: number; readonly products: number }
  | { readonly kind: 'error'; readonly error: unknown };

export type RegisterParts = {
  readonly disk: Disk;
  readonly directory: string;
  /** File of the read models, or `:memory:`. */
  readonly projections: string;
  readonly identity: IdentityStore;
  readonly machine: () => MachineIdentity;
  readonly witnessDirectory: string;
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array;
  readonly version: string;
  readonly transport: (
    living: LivingIncarnation,
    verifyPeer: (ders: readonly Uint8Array[]) => Principal,
  ) => Transport;
  readonly targets: () => readonly DialTarget[];
  readonly bars: BarStore;
  readonly timing?: Partial<MeshTiming>;
  readonly onEvent: (event: RegisterEvent) => void;
  /** The disk said something final: end the process. */
  readonly onFatal: (error: unknown) => void;
};

export type Executed =
  | {
      readonly outcome: 'done' | 'repeated';
      readonly number: string;
      readonly journal: JournalKey;
      readonly seq: number;
      readonly hash: VerifiedEntry['hash'];
      readonly ackMs: number;
    }
  | { readonly outcome: 'refused'; readonly code: string; readonly message: string }
  | { readonly outcome: 'invalid'; readonly problems: readonly string[] };
