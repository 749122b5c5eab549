/**
 * Refusals for lack of a permission become entries, so that nobody tries in secret (RELIABILITY X9). The first one of an
 * operator and a permission is written at once; while it goes on, one entry says how often, at ever longer intervals.
 */
import type { Clock } from '../domain/clock.ts';
import type { CommandOutcome } from '../host/services.ts';
import { limits } from '../domain/limits.ts';
import type { Permission } from '../domain/operator.ts';

export type RefusalNote = {
  readonly by: string;
  readonly permission: Permission;
  readonly times: number;
};

type Pace = { waiting: number; pauseMs: number; endsMs: number; timer?: { cancel(): void } };

export class RefusalJournal {
  readonly #clock: Clock;
  readonly #write: (note: RefusalNote) => void;
  /** Operators whom head office knows, times the permissions that there are. */
  readonly #paces = new Map<string, Pace>();

  /** `write` must not throw. */
  constructor(clock: Clock, write: (note: RefusalNote) => void) {
    this.#clock = clock;
    this.#write = write;
  }

  note(by: string, permission: Permission): void {
    const key = `${permission} ${by}`;
    const pace = this.#paces.get(key);
    if (pace?.timer) {
      pace.waiting += 1;
      return;
    }
    // Somebody who asks once more long after is at the beginning again.
    const isQuiet = !pace || this.#clock.monotonicMs() - pace.endsMs > limits.refusalPauseMostMs;
    const pauseMs = isQuiet ? limits.refusalPauseMs : longer(pace.pauseMs);
    this.#write({ by, permission, times: 1 });
    this.#pause(key, { by, permission }, pauseMs);
  }

  /** What was counted and not written yet. */
  stop(): void {
    for (const [key, pace] of this.#paces) {
      pace.timer?.cancel();
      const [permission, by] = key.split(' ') as [Permission, string];
      if (pace.waiting > 0) this.#write({ by, permission, times: pace.waiting });
    }
    this.#paces.clear();
  }

  #pause(key: string, who: Omit<RefusalNote, 'times'>, pauseMs: number): void {
    const pace: Pace = { waiting: 0, pauseMs, endsMs: this.#clock.monotonicMs() + pauseMs };
    this.#paces.set(key, pace);
    pace.timer = this.#clock.setTimer(() => {
      delete pace.timer;
      if (pace.waiting === 0) return;
      this.#write({ ...who, times: pace.waiting });
      this.#pause(key, who, longer(pace.pauseMs));
    }, pauseMs);
  }
}

const longer = (pauseMs: number): number => Math.min(2 * pauseMs, limits.refusalPauseMostMs);

/** What each kind of command needs; a code of its own says which permission beside it was missing. */
const ofCommand: Readonly<Record<string, Permission>> = {
  CompleteSale: 'sell',
  CancelCart: 'sell',
  VoidCartLine: 'sell',
  AdjustStock: 'adjustStock',
  AdjustLedger: 'adjustLedger',
  CountStock: 'countStock',
  CloseDay: 'closeDay',
  OpenDrawer: 'openDrawer',
  ReprintReceipt: 'reprintReceipt',
};

/** The permission that was missing; undefined for a refusal of another kind. */
export function missingPermission(
  command: unknown,
  outcome: Pick<Extract<CommandOutcome, { outcome: 'refused' }>, 'code'>,
): Permission | undefined {
  switch (outcome.code) {
    case 'DISCOUNT_NOT_PERMITTED':
      return 'giveDiscount';
    case 'OVERRIDE_NOT_PERMITTED':
      return 'overridePrice';
    case 'RETURN_LIMIT':
      return 'returnAboveLimit';
    case 'NOT_PERMITTED': {
      const { kind, of } = command as { kind: string; of?: unknown };
      if (kind === 'CompleteReturn') return of ? 'returnWithReceipt' : 'returnWithoutReceipt';
      return ofCommand[kind];
    }
    default:
      return undefined;
  }
}
