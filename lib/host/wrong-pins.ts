/**
 * How many wrong PINs each operator typed at this process's screens, and how long to wait for the next try (RELIABILITY X1).
 * A try is counted on disk before it is checked, so that ending the process between tries gains nothing; a file that
 * cannot be read means that everybody waits, never that nobody has to.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError, TillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { writeAtomically } from '../storage/atomic-file.ts';
import type { Disk } from '../storage/disk.ts';

export type PinWait = {
  /** `PIN_FILE_CHANGED`: nobody typed a wrong one, but what was counted here is not known any more. */
  readonly code: 'PIN_DELAYED' | 'PIN_LOCKED' | 'PIN_FILE_CHANGED';
  readonly retryAfterMs: number;
};

const countFields = z.strictObject({
  wrong: z.int().min(0).max(limits.pinTries),
  waitMs: z.int().min(0).max(limits.pinLockMs),
  /** When the wait began, by the wall clock: the only one that goes on while the process does not. */
  sinceWallMs: z.number(),
});
const fileFields = z.strictObject({
  v: z.literal(1),
  /** Of those who are not in `counts`: not zero after the file was found damaged. */
  others: countFields,
  counts: z.array(z.tuple([z.string(), countFields])).max(limits.pinCounts + 1),
});

type Kept = z.infer<typeof countFields>;
/** In this process the wait ends by the clock that never jumps. */
type Count = Kept & { readonly untilMs: number };

/** All who have no count of their own: names that nobody bears, and more operators than are counted. No id is empty. */
const shared = '';

export class WrongPins {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();
  #others: Count;

  /** `onProblem` hears of a file that could not be read or renewed; the next try replaces it. */
  constructor(parts: {
    readonly disk: Disk;
    readonly path: string;
    /** False where the file is not what this process left, or is gone: it must not free who was locked. */
    readonly isTrusted?: boolean;
    readonly clock: Clock;
    readonly onProblem: (error: unknown) => void;
  }) {
    this.#disk = parts.disk;
    this.#path = parts.path;
    this.#clock = parts.clock;
    this.#others = this.#begun(0);
    try {
      const bytes = this.#disk.read(this.#path);
      if (parts.isTrusted === false) throw new Error('not what was left here');
      if (bytes) this.#load(bytes);
    } catch (error) {
      if (isTillmeshError(error)) {
        // Read, but not written: the waits hold in this process.
        parts.onProblem(error);
        return;
      }
      // As after five wrong ones, with the longest delay before a lock: a damaged file must not free who was locked.
      this.#counts.clear();
      this.#others = this.#begun(limits.pinFreeTries, waitAfter(limits.pinTries - 1));
      parts.onProblem(new TillmeshError('FILE_DAMAGED', this.#path, { cause: error }));
    }
  }

  /**
   * How long this operator has to wait; undefined where a try is free. `isKnown`: HQ knows the operator. `mostMs`: of a
   * longer wait only so much counts, and it is no lock then.
   */
  wait(operator: string, isKnown: boolean, mostMs = Number.POSITIVE_INFINITY): PinWait | undefined {
    const own = this.#counts.get(this.#key(operator, isKnown));
    const { wrong, waitMs, untilMs } = own ?? this.#others;
    const endsMs = untilMs - Math.max(0, waitMs - mostMs);
    const retryAfterMs = Math.ceil(endsMs - this.#clock.monotonicMs());
    if (retryAfterMs <= 0) return undefined;
    if (!own) return { code: 'PIN_FILE_CHANGED', retryAfterMs };
    const isLocked = wrong >= limits.pinTries && waitMs <= mostMs;
    return { code: isLocked ? 'PIN_LOCKED' : 'PIN_DELAYED', retryAfterMs };
  }

  /**
   * Counts a try as a wrong one before anybody knows whether it is; durable when it returns.
   * @throws DISK_FULL, DISK_REFUSED or DISK_FAILED: it counts in this process, and must not be checked.
   */
  count(operator: string, isKnown: boolean): void {
    const key = this.#key(operator, isKnown);
    const { wrong, untilMs } = this.#of(key);
    // A lock that ran out leaves no free tries, but whoever mistypes once more is not locked again at once, unless he was
    // let in before its end.
    const isOver = untilMs <= this.#clock.monotonicMs();
    const afterLock = isOver ? limits.pinFreeTries : limits.pinTries - 1;
    const before = wrong >= limits.pinTries ? afterLock : wrong;
    this.#counts.set(key, this.#begun(before + 1));
    this.#save();
  }

  /** After the right PIN, or by a supervisor. @throws as `count`; in this process it is forgotten all the same. */
  forget(operator: string, isKnown: boolean): void {
    const key = this.#key(operator, isKnown);
    if (this.#others.wrong === 0) this.#counts.delete(key);
    else this.#counts.set(key, this.#begun(0));
    this.#save();
  }

  #key(operator: string, isKnown: boolean): string {
    if (!isKnown) return shared;
    return this.#counts.has(operator) || this.#counts.size < limits.pinCounts ? operator : shared;
  }

  #of(key: string): Count {
    return this.#counts.get(key) ?? this.#others;
  }

  #begun(wrong: number, waitMs = waitAfter(wrong)): Count {
    const untilMs = this.#clock.monotonicMs() + waitMs;
    return { wrong, waitMs, sinceWallMs: this.#clock.wallMs(), untilMs };
  }

  #save(): void {
    const file: z.infer<typeof fileFields> = {
      v: 1,
      others: kept(this.#others),
      counts: [...this.#counts].map(([operator, count]) => [operator, kept(count)]),
    };
    const text = JSON.stringify(file);
    writeAtomically(this.#disk, this.#path, new TextEncoder().encode(`${sumOf(text)}\n${text}\n`));
  }

  #load(bytes: Uint8Array): void {
    const [sum, text = ''] = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n');
    if (sum !== sumOf(text)) throw new Error('the checksum differs');
    const { others, counts } = fileFields.parse(JSON.parse(text));
    this.#others = this.#resumed(others);
    for (const [operator, count] of counts) this.#counts.set(operator, this.#resumed(count));
    const wallMs = this.#clock.wallMs();
    // Dated anew, or a till that is often restarted would begin the whole wait again until the clock is right.
    const isSetBack = [others, ...counts.map(([, count]) => count)].some(
      ({ waitMs, sinceWallMs }) => waitMs > 0 && sinceWallMs > wallMs,
    );
    if (isSetBack) this.#save();
  }

  /**
   * After a restart the wall clock says how much of the wait is left, but never more than all of it: set back, it
   * costs one whole wait from now on, which the other clock counts down.
   */
  #resumed(count: Kept): Count {
    const wallMs = this.#clock.wallMs();
    const passedMs = wallMs - count.sinceWallMs;
    const leftMs = passedMs < 0 ? count.waitMs : Math.max(0, count.waitMs - passedMs);
    const sinceWallMs = Math.min(count.sinceWallMs, wallMs);
    return { ...count, sinceWallMs, untilMs: this.#clock.monotonicMs() + leftMs };
  }
}

/** Five wrong PINs are free: fingers slip. Then 5, 10, 20, 40, 80 seconds; the tenth locks. */
function waitAfter(wrong: number): number {
  if (wrong < limits.pinFreeTries) return 0;
  if (wrong >= limits.pinTries) return limits.pinLockMs;
  return limits.pinDelayMs * 2 ** (wrong - limits.pinFreeTries);
}

const kept = ({ wrong, waitMs, sinceWallMs }: Count): Kept => ({ wrong, waitMs, sinceWallMs });

const sumOf = (text: string): string => createHash('sha256').update(text).digest('hex');
