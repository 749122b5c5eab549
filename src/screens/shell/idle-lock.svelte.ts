/**
 * A page whose session has locked itself hides behind the question for the PIN, and keeps what was typed in it. The till
 * has locked the session before: what is hidden here is only what was on the screen.
 */
import { tillClient } from '../till-client.ts';

export class IdleLock {
  isLocked = $state(false);
  /** Counts the times that it was opened again: streams and timers begin anew with each. */
  turn = $state(0);
  /** Until it locks itself, as the till said last. */
  openForMs: number;
  readonly #operator: string;
  #isLooking = false;

  constructor(operator: string, openForMs: number) {
    this.#operator = operator;
    this.openForMs = openForMs;
  }

  /** The till has said that this session is not open: locked, or over. */
  readonly look = (): void => {
    if (this.#isLooking) return;
    this.#isLooking = true;
    void this.#look().finally(() => (this.#isLooking = false));
  };

  /** Of the same person again; another one gets a page of their own. */
  opened(operator: string, openForMs: number): void {
    if (operator !== this.#operator) return this.leave();
    this.openForMs = openForMs;
    this.isLocked = false;
    this.turn++;
  }

  /** A whole new page: nothing of the last operator stays in memory. */
  readonly leave = (): void => {
    location.assign(`/sign-in?next=${encodeURIComponent(location.pathname)}`);
  };

  async #look(): Promise<void> {
    const view = await tillClient.session().catch(() => undefined);
    // Without an answer the till is away: the shell says so, and whoever asks it next is told.
    if (!view) return;
    if (view.state === 'locked' && view.operator.id === this.#operator) this.isLocked = true;
    // Opened in another window meanwhile, where it was locked.
    else if (view.state === 'open' && view.operator.id === this.#operator) {
      if (this.isLocked) this.opened(view.operator.id, view.openForMs);
    } else this.leave();
  }
}
