/** The clock of this machine: made once by a process at its start and passed in from there. */
import type { Clock } from '../domain/clock.ts';

export const machineClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  zone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
  setTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
