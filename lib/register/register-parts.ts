/** What a register needs of the world, what it tells, and what it answers to a command. */
import type { JournalKey, Principal } from '../domain/ids.ts';
import type { VerifiedEntry } from '../journal/envelope.ts';
import type { GoneFromDisk } from '../replica/read-side.ts';
import type { BeginReason } from '../replica/incarnation.ts';
import type { LifeParts, ReplicaEvent } from '../replica/replica-options.ts';

export type RegisterEvent =
  | ReplicaEvent
  | {
      readonly kind: 'incarnationBegun';
      readonly principal: Principal;
      readonly reason: BeginReason;
    }
  | GoneFromDisk
  /** The read models did not know the last numbers of the own journal: they were folded anew. */
  | { readonly kind: 'numbersSetBack' }
  | { readonly kind: 'release'; readonly n: number; readonly products: number }
  | { readonly kind: 'error'; readonly error: unknown };

export type RegisterParts = LifeParts & {
  /** File of the read models, or `:memory:`. */
  readonly projections: string;
  readonly witnessDirectory: string;
  readonly onEvent: (event: RegisterEvent) => void;
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
