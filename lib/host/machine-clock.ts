/** The clock of this machine: made once by a process at its start and passed in from there. */
import { uptime } from 'node:os';
import type { Clock } from '../domain/clock.ts';

/** Asking costs 0.1 ms, and every entry says it. A changed setting counts from the next start. */
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

export const machineClock: Clock = {
  wallMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  awakeAndAsleepMs: () => uptime() * 1_000,
  zone: () => zone,
  setTimer(run, delayMs) {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};
