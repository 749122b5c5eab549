/** What a replay needs of a shop: tills that take commands and answer with figures, and head office's archive. */
import type { Command } from '#lib/domain/commands.ts';

export type ReplicaFigures = {
  readonly documents: number;
  readonly lines: number;
  /** Decimal text: `748957.02`. */
  readonly total: string;
  readonly stockHash: string;
  /** Open flags by kind. */
  readonly flags: Readonly<Record<string, number>>;
};

export type ArchiveFigures = {
  readonly documents: number;
  readonly lines: number;
  readonly sale: number;
  readonly return: number;
  readonly stockAdjustment: number;
  readonly ledgerAdjustment: number;
  readonly total: string;
};

export type Acknowledgement =
  | {
      readonly outcome: 'done' | 'repeated';
      readonly number: string;
      readonly ackMs: number;
    }
  | { readonly outcome: 'refused'; readonly message: string };

export interface ReplayTill {
  /** `T1`. */
  readonly terminal: string;
  execute(command: Command): Promise<Acknowledgement>;
  figures(): Promise<ReplicaFigures>;
  /** Ends the link to another till and keeps it away until `heal`. */
  cut(terminal: string): Promise<void>;
  heal(terminal: string): Promise<void>;
}

export interface ReplayShop {
  readonly tills: readonly ReplayTill[];
  /** Undefined while the relay does not answer. */
  archive(): Promise<ArchiveFigures | undefined>;
  stopRelay(): Promise<void>;
  startRelay(): Promise<void>;
}
