/**
 * Runs the steps of the self-test side by side, on demand, within a time limit. One run at a time; the last one stays
 * to be read. A step that breaks or hangs is a line of the result, never an error of the till.
 */
import type { Clock } from '../domain/clock.ts';
import { isTillmeshError } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import { type Check, type CheckName, checked, codeOf } from '../host/checks/check.ts';
import type { SelfTestServices, SelfTestView } from '../host/till-services.ts';

export type SelfTestStep = {
  readonly check: CheckName;
  /** What is still under way when `signal` fires is given up. */
  run(signal: AbortSignal): readonly Check[] | Promise<readonly Check[]>;
};

export class SelfTest implements SelfTestServices {
  readonly #clock: Clock;
  readonly #steps: readonly SelfTestStep[];
  #last: SelfTestView | undefined;

  constructor(clock: Clock, steps: readonly SelfTestStep[]) {
    this.#clock = clock;
    this.#steps = steps;
  }

  selfTest(): SelfTestView | undefined {
    return this.#last;
  }

  startSelfTest(): SelfTestView {
    if (this.#last?.running === true) return this.#last;
    let view: SelfTestView = {
      startedAtMs: Math.floor(this.#clock.wallMs()),
      running: true,
      steps: this.#steps.map(({ check }) => ({ check })),
    };
    this.#last = view;
    const done = this.#steps.map(async (step, n) => {
      const checks = await this.#within(step);
      const steps = view.steps.with(n, { check: step.check, checks });
      view = { ...view, steps };
      this.#last = view;
    });
    void Promise.all(done).then(() => {
      this.#last = { ...view, running: false };
    });
    return view;
  }

  /** Never rejects. */
  async #within(step: SelfTestStep): Promise<readonly Check[]> {
    const giveUp = new AbortController();
    const { promise: late, resolve } = Promise.withResolvers<readonly Check[]>();
    const timer = this.#clock.setTimer(() => {
      giveUp.abort();
      resolve([checked(step.check, 'fail', { found: 'tookTooLong' })]);
    }, limits.selfTestStepMs);
    try {
      // In a turn of its own: the answer that the test has begun comes before its first step.
      await Promise.resolve();
      return await Promise.race([step.run(giveUp.signal), late]);
    } catch (error) {
      const code = isTillmeshError(error) ? error.code : codeOf(error);
      return [checked(step.check, 'fail', { found: 'broke', code })];
    } finally {
      timer.cancel();
    }
  }
}
