/** Time as a value that is passed in: nothing in the product reads the machine's clock by itself. */
export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump. */
  wallMs(): number;
  /** Never jumps. */
  monotonicMs(): number;
  /** As above, and counts on while the machine sleeps; absent where there is no such clock. */
  awakeAndAsleepMs?(): number;
  zone(): string;
  setTimer(run: () => void, delayMs: number): { cancel(): void };
}
