/**
 * What a register or a relay offers to its HTTP host and its screens. Only plain values pass this seam:
 * no handle, no document, no database row. The screens are built into a second copy of these modules,
 * so what is one per process is found through the global symbol below.
 */
import type { EntryHash, JournalKey, Sku } from '../domain/ids.ts';
import { TillmeshError } from '../domain/errors.ts';
import type { FindingName, OpenFinding } from '../domain/findings.ts';
import type { Alarm } from './alarms.ts';
import type { Peer } from './peer-list.ts';

/** A journal's end as this replica has it. */
export type Tip = { readonly seq: number; readonly hash: EntryHash };

/** P10: how far the own journal has come. Each figure is a sequence number; 0 when nothing is there. */
export type OwnCopies = {
  /** Last entry on this till's disk. */
  readonly seq: number;
  /** Last entry that at least one other till has confirmed. */
  readonly onPeers: number;
  /** Last entry that a relay has confirmed. */
  readonly atHq: number;
  /** Last entry that the archive has posted. */
  readonly archived: number;
};

/** Own documents that are not yet where they should be. Documents, not entries: what has no number is no money. */
export type Waiting = {
  /** On this till only. */
  readonly onlyHere: number;
  readonly forHq: number;
  readonly forArchive: number;
};

/** `GET /api/status`, and what the status page shows. */
export type Status = {
  readonly role: 'register' | 'relay';
  readonly store: string;
  readonly terminal: string;
  readonly incarnation: string;
  readonly letter: string;
  readonly version: string;
  /** Head office has revoked this till: it shows what it has and records nothing more. When, by head office's clock. */
  readonly revoked?: { readonly reason: string; readonly atMs: number };
  readonly peers: readonly Peer[];
  readonly tips: Readonly<Record<JournalKey, Tip>>;
  readonly documents: number;
  readonly lines: number;
  /** Sum of all documents as a decimal string: `748957.02`. */
  readonly total: string;
  readonly currency?: string;
  readonly stockHash: string;
  /** What every page warns of until its cause is gone, the oldest first; absent for none. */
  readonly alarms?: readonly Alarm[];
  /** Open flags by kind; kinds without one are absent. */
  readonly flags: Readonly<Record<string, number>>;
  /** What this till found wrong with its own files and nobody has looked at yet; absent where there is nothing. */
  readonly findings?: readonly OpenFinding[];
  /** Absent on a relay, which sells nothing. */
  readonly copies?: { readonly own: OwnCopies };
  /** Absent on a relay. */
  readonly waiting?: Waiting;
  /** Last signed word of the archive. */
  readonly archived?: {
    readonly archive: string;
    readonly generation: number;
    readonly tips: Readonly<Record<JournalKey, Tip>>;
  };
  /** On a relay: how far the archive is behind what this relay holds. */
  readonly archiving?: Archiving;
};

export type Archiving = {
  /** `fenced`: another relay works on the database. `failing`: the log says what. */
  readonly state: 'archiving' | 'unreachable' | 'fenced' | 'failing';
  readonly databaseReachable: boolean;
  /** Entries on this relay's disk that the archive has not confirmed. */
  readonly waiting: number;
  /** Since when nothing of theirs came through, wall clock; absent when nothing waits. */
  readonly waitingSinceMs?: number;
  /** Since when it is not `archiving`, wall clock, and why. */
  readonly fault?: { readonly sinceMs: number; readonly reason: string };
  /** The database had lost what it wanted: it was filled again from this release, since the process began. */
  readonly refilledFromRelease?: number;
};

/** What a relay and a register have in common; all that the status page needs. */
export interface StatusServices {
  status(): Status;
  /** Calls back after anything that `status` shows has changed. Returns how to stop that. */
  onChange(listener: () => void): () => void;
  /** Prometheus text format. */
  metrics(): Promise<string>;
}

/** The answer to a command. A fault (full disk, failed disk) is thrown instead. */
export type CommandOutcome =
  | {
      readonly outcome: 'done' | 'repeated';
      readonly number: string;
      readonly journal: JournalKey;
      readonly seq: number;
      readonly hash: EntryHash;
      /** From taking the command to the entry on disk. */
      readonly ackMs: number;
    }
  | {
      readonly outcome: 'refused';
      readonly code: string;
      readonly message: string;
      /** What it is about, in no language. */
      readonly about?: string;
    }
  | { readonly outcome: 'invalid'; readonly problems: readonly string[] };

export type ProductRow = {
  readonly sku: Sku;
  readonly name: string;
  readonly barcodes: readonly string[];
  readonly unitPriceE4: number | undefined;
  readonly quantityMilli: number;
};

export type StockAnswer = {
  readonly sku: Sku;
  readonly quantityMilli: number;
  readonly batches: readonly { readonly batch: string; readonly quantityMilli: number }[];
};

export type DocumentRow = {
  readonly journal: JournalKey;
  readonly seq: number;
  readonly hash: EntryHash;
  readonly type: string;
  readonly number: string;
  readonly businessDay: string;
  readonly lines: number;
  readonly totalMinor: number;
  readonly externalId?: string;
};

/** `next` is the `after` of the following page; absent on the last. */
export type DocumentsPage = { readonly documents: readonly DocumentRow[]; readonly next?: string };

export interface RegisterServices extends StatusServices {
  execute(command: unknown): CommandOutcome;
  products(query: string, limit: number): readonly ProductRow[];
  stock(sku: Sku): StockAnswer;
  documents(page: { readonly after: string | undefined; readonly limit: number }): DocumentsPage;
  /**
   * The switch in the mesh: the link to this peer (principal or `S01-T2`) ends and stays away until `heal`.
   * Throws PEER_UNKNOWN with the names of those that are known.
   */
  /** `by`: the operator at the screen; absent: a program. */
  cut(peer: string, by?: string): void;
  heal(peer: string): void;
  /** Lets a terminal back in that this one has barred: `S01-T3`. PEER_UNKNOWN where it has not. */
  pardon(terminal: string, by?: string): void;
  /** Whom this one has barred, the latest first. */
  barred(): readonly BarView[];
  /** Somebody has looked at the findings: they go from the list, and from the flags of all. Gives how many there were. */
  findingsSeen?(by?: string, which?: FindingsSeen): number;
}

/** What somebody looked at of a till's findings. */
export type FindingsSeen = {
  /** One of them; absent: all. */
  readonly only?: FindingName;
  /** In a few words. */
  readonly note?: string;
};

/** A terminal that gets no link here until a person lets it back in. */
export type BarView = {
  readonly terminal: string;
  /** Of the catalogue of errors: what it sent. */
  readonly code: string;
  readonly atMs: number;
};

const slot: unique symbol = Symbol.for('tillmesh.services');
type Globals = { [slot]?: StatusServices };

/** Makes the running register or relay known to the screens. One per process. */
export function publishServices(services: StatusServices): void {
  (globalThis as Globals)[slot] = services;
}

export function runningServices(): StatusServices {
  const services = (globalThis as Globals)[slot];
  if (!services)
    throw new TillmeshError('INVARIANT', 'the screens run outside a register or relay');
  return services;
}
