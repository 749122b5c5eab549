/**
 * Whether this page's till answers: a process that hangs keeps its connections and says nothing. Known by the questions
 * that are open, so a page says so within two seconds and not when patience ends.
 */

/** A till answers within milliseconds, on a busy machine within some hundred. */
const silentAfterMs = 2_000;

class Answering {
  /** Something was asked two seconds ago or more and is not answered. */
  isSilent = $state(false);
  readonly #open = new Map<symbol, boolean>();

  /** A question that is open from now on. Returns what to call when it is not any more. */
  asked(): () => void {
    const question = Symbol('question');
    this.#open.set(question, false);
    const timer = setTimeout(() => {
      this.#open.set(question, true);
      this.#judge();
    }, silentAfterMs);
    return () => {
      clearTimeout(timer);
      this.#open.delete(question);
      this.#judge();
    };
  }

  #judge(): void {
    this.isSilent = [...this.#open.values()].includes(true);
  }
}

export const answering = new Answering();
