/**
 * Who may sign in at this process's screens, and the check of a PIN: one after the other, each counted before it is
 * checked. Neither a PIN nor its hash is kept, logged or told.
 */
import { createHash } from 'node:crypto';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { may } from '../domain/operator.ts';
import type { Disk } from '../storage/disk.ts';
import type { OperatorName, PinWaiting, SignIn, SignInServices } from './till-services.ts';
import { WrongPins, type PinWait } from './wrong-pins.ts';

/** Who there is and what their PINs are: at a till the release in force, at head office its database. */
export interface SignInPeople {
  operators(): readonly OperatorName[];
  operator(id: string): OperatorName | undefined;
  /** Of name and PIN, see `markOfPerson`; undefined for somebody who is not known. */
  personMark(id: string): string | undefined;
  /** Takes the same time for somebody who is not known. */
  isPinOf(operator: string, pin: string): Promise<boolean>;
  /** Asked before each try, where somebody else keeps the list. What it throws is no try: nothing is counted. */
  renew?(): Promise<void>;
}

/** Tells a person with a PIN from another with the same id, and tells neither the name nor the hash. */
export const markOfPerson = (name: string, pinHashes: readonly string[]): string =>
  createHash('sha256')
    .update(JSON.stringify([name, ...pinHashes]))
    .digest('base64');

export class SignInDesk implements SignInServices {
  readonly #people: SignInPeople;
  readonly #wrong: WrongPins;
  readonly #onFatal: (error: unknown) => void;
  readonly #onLocked: ((operator: string) => void) | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(parts: {
    readonly people: SignInPeople;
    readonly disk: Disk;
    /** File of the counts, in the data directory. */
    readonly path: string;
    /** False where the file is not what this process left: then everybody waits. */
    readonly isTrusted?: boolean;
    readonly clock: Clock;
    readonly onProblem: (error: unknown) => void;
    /** The disk said something final: end the process. */
    readonly onFatal: (error: unknown) => void;
    /** The tenth wrong PIN of somebody whom head office knows. Must not throw. */
    readonly onLocked?: (operator: string) => void;
  }) {
    this.#people = parts.people;
    this.#onFatal = parts.onFatal;
    this.#onLocked = parts.onLocked;
    this.#wrong = new WrongPins(parts);
  }

  operators(): readonly OperatorName[] {
    return this.#people.operators().toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  pinWaits(): readonly PinWaiting[] {
    return this.#people.operators().flatMap(({ id }) => {
      const wait = this.#wait(id, true);
      return wait ? [{ operator: id, ...wait }] : [];
    });
  }

  operator(id: string): OperatorName | undefined {
    return this.#people.operator(id);
  }

  personMark(id: string): string | undefined {
    return this.#people.personMark(id);
  }

  /** @throws DISK_FULL, DISK_REFUSED or DISK_FAILED where a try cannot be counted: it is not checked then. And what `renew` throws. */
  async signIn(operator: string, pin: string): Promise<SignIn> {
    if (this.#waiting >= limits.pinsWaiting) {
      return { outcome: 'refused', code: 'PIN_DELAYED', retryAfterMs: 1_000 };
    }
    this.#waiting++;
    // One at a time: what comes at once counts as if it came one by one, and takes 19 MB, not 19 MB each.
    const answer = this.#turn.then(() => this.#try(operator, pin));
    this.#turn = answer.catch(() => undefined);
    try {
      return await answer;
    } finally {
      this.#waiting--;
    }
  }

  /** Lifts the delay or lock of somebody else. False where `by` may not, or nobody of that name is known. */
  unlock(operator: string, by: string): boolean {
    const supervisor = this.#people.operator(by);
    if (!supervisor || !may(supervisor, 'unlockOperator') || operator === by) return false;
    if (!this.#people.operator(operator)) return false;
    this.#onDisk(() => this.#wrong.forget(operator, true));
    return true;
  }

  async #try(operator: string, pin: string): Promise<SignIn> {
    if (this.#people.renew) await this.#people.renew();
    const isKnown = this.#people.operator(operator) !== undefined;
    const wait = this.#wait(operator, isKnown);
    if (wait) return { outcome: 'refused', ...wait };
    this.#onDisk(() => this.#wrong.count(operator, isKnown));
    const isRight = await this.#people.isPinOf(operator, pin);
    // HQ may have taken the operator off the list meanwhile.
    const known = this.#people.operator(operator);
    if (isRight && known) {
      this.#forgive(operator);
      return { outcome: 'done', operator: known };
    }
    const next = this.#wait(operator, isKnown);
    if (!next) return { outcome: 'refused', code: 'PIN_WRONG' };
    const code = next.code === 'PIN_LOCKED' ? 'PIN_LOCKED' : 'PIN_WRONG';
    if (code === 'PIN_LOCKED' && isKnown) this.#onLocked?.(operator);
    return { outcome: 'refused', code, retryAfterMs: next.retryAfterMs };
  }

  /** Nobody can lift the lock of the last one who lifts locks: he waits for minutes at most, or ten wrong PINs close a till. */
  #wait(operator: string, isKnown: boolean): PinWait | undefined {
    const wait = this.#wrong.wait(operator, isKnown);
    if (wait?.code !== 'PIN_LOCKED' || !this.#isLastWhoUnlocks(operator)) return wait;
    return this.#wrong.wait(operator, isKnown, limits.pinLastWaitMs);
  }

  #isLastWhoUnlocks(operator: string): boolean {
    const unlocking = this.#people.operators().filter((one) => may(one, 'unlockOperator'));
    return (
      unlocking.some(({ id }) => id === operator) &&
      unlocking.every(
        ({ id }) => id === operator || this.#wrong.wait(id, true)?.code === 'PIN_LOCKED',
      )
    );
  }

  #forgive(operator: string): void {
    try {
      this.#onDisk(() => this.#wrong.forget(operator, true));
    } catch (error) {
      if (isTillmeshError(error, 'DISK_FAILED')) throw error;
      // A full disk keeps the old count: after a restart it is stricter than it need be, never laxer.
    }
  }

  #onDisk(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (isTillmeshError(error, 'DISK_FAILED')) this.#onFatal(error);
      throw error;
    }
  }
}
