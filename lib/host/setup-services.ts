/**
 * What a register that has not joined yet offers to its one page, "Set up this till". The screens are built into a second
 * copy of these modules, so the running one is found through a global symbol. No secret passes this seam outwards.
 */
import type { ErrorCode } from '../domain/errors.ts';

/** Somebody on the shop network who may let this till in. */
export type SetupPlace = {
  /** `S01-T1`. A rumour: only the code's proof decides. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
};

export type SetupView = {
  /** `starting`: joined; the register itself answers at this address in a moment. */
  readonly state: 'asking' | 'joining' | 'starting';
  readonly store?: string;
  readonly terminal?: string;
  /** Found on the shop network, by name. */
  readonly places: readonly SetupPlace[];
  /** False: whoever is going to be found has been found, or nobody is looked for. */
  readonly isLooking: boolean;
};

export type SetupAsk = {
  /** As it was typed, pasted or scanned: a code, `CODE@host:port`, or the whole line that was printed. */
  readonly text: string;
  /** `host:port` or `host`; empty: what the text says, or else whoever is found on the shop network. */
  readonly at: string;
};

export type SetupAnswer =
  | {
      readonly outcome: 'done';
      readonly store: string;
      readonly terminal: string;
      /** How far this machine's clock is ahead of the other's, where it is more than a sale should bear. */
      readonly clockOffMs?: number;
    }
  | { readonly outcome: 'refused'; readonly code: SetupRefusal; readonly about?: string };

/** `NO_PLACE`: no address was given and nobody was found. `CODE_MALFORMED`, `PLACE_MALFORMED`: not what was asked for. */
export type SetupRefusal = ErrorCode | 'CODE_MALFORMED' | 'PLACE_MALFORMED' | 'NO_PLACE' | 'BUSY';

export interface SetupServices {
  view(): SetupView;
  join(ask: SetupAsk): Promise<SetupAnswer>;
}

const slot: unique symbol = Symbol.for('tillmesh.setup');
type Globals = { [slot]?: SetupServices | undefined };

/** Makes the setup known to the pages; undefined: it is over. */
export function publishSetup(services: SetupServices | undefined): void {
  (globalThis as Globals)[slot] = services;
}

/** Undefined where this process is a register or a relay by now. */
export const runningSetup = (): SetupServices | undefined => (globalThis as Globals)[slot];
