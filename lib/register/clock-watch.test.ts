import { describe, expect, it } from 'vitest';
import { limits } from '../domain/limits.ts';
import { ClockWatch, type ClockStep } from './clock-watch.ts';

const hour = 3_600_000;

/** A machine whose wall clock can be set, and which can sleep. */
class Machine {
  wall = 1_790_000_000_000;
  counted = 5_000;
  due: (() => void) | undefined;
  readonly told: ClockStep[] = [];
  readonly watch: ClockWatch;

  constructor() {
    this.watch = new ClockWatch(
      {
        wallMs: () => this.wall,
        // The one that stands still while the machine sleeps says nothing.
        monotonicMs: () => 0,
        awakeAndAsleepMs: () => this.counted,
        zone: () => 'Europe/London',
        setTimer: (run) => {
          this.due = run;
          return { cancel: () => (this.due = undefined) };
        },
      },
      (step) => this.told.push(step),
    );
  }
  /** `rate` 1.0001: the wall clock gains 100 ppm. */
  pass(ms: number, rate = 1): void {
    this.counted += ms;
    this.wall += ms * rate;
  }
  tick(ms: number = limits.clockLookMs, rate = 1): void {
    this.pass(ms, rate);
    this.due?.();
  }
}

describe('N5: the own clock', () => {
  it.each([2 * hour, -2 * hour, 400 * 24 * hour, -24 * hour, limits.clockStepMs + 1])(
    'a step of %i ms is told once, with what it should have shown',
    (step) => {
      const machine = new Machine();
      machine.watch.begin(undefined);
      machine.tick();
      machine.wall += step;
      const toMs = machine.wall;
      machine.watch.look();
      machine.tick();
      machine.tick(hour);
      expect(machine.told).toEqual([{ fromMs: toMs - step, toMs, while: 'running' }]);
    },
  );

  it('a night asleep, a bad crystal and a small correction are no steps', () => {
    const machine = new Machine();
    machine.watch.begin(undefined);
    machine.tick(10 * hour);
    for (let n = 0; n < 100_000; n++) machine.tick(limits.clockLookMs, 1.000_1);
    machine.wall += limits.clockStepMs - 1_000;
    machine.tick();
    expect(machine.told).toEqual([]);
  });

  it('a step in small bites is one all the same', () => {
    const machine = new Machine();
    machine.watch.begin(undefined);
    for (let n = 0; n < 10; n++) {
      machine.wall -= limits.clockStepMs / 4;
      machine.tick();
    }
    expect(machine.told.length).toBeGreaterThan(0);
  });

  it('a clock that swings all day does not fill a journal, and where it ends is told', () => {
    const machine = new Machine();
    machine.watch.begin(undefined);
    for (let n = 0; n < 2 * 60 * 24; n++) {
      machine.wall += n % 2 === 0 ? hour : -hour;
      machine.tick();
    }
    expect(machine.told.length).toBeLessThanOrEqual(1 + 24 * 6);
    machine.wall += 30 * hour;
    machine.tick(limits.clockStepEveryMs);
    expect(machine.told.at(-1)?.toMs).toBe(machine.wall);
  });

  it('over a restart, a clock before the last entry is told; a till that was off for days is not', () => {
    const machine = new Machine();
    machine.watch.begin(machine.wall - 3 * 24 * hour);
    machine.watch.begin(machine.wall + limits.clockStepMs);
    expect(machine.told).toEqual([]);
    const fromMs = machine.wall + limits.clockStepMs + 1;
    machine.watch.begin(fromMs);
    machine.tick();
    expect(machine.told).toEqual([
      { fromMs, toMs: machine.wall - limits.clockLookMs, while: 'stopped' },
    ]);
    machine.watch.stop();
    expect(machine.due).toBeUndefined();
  });
});
