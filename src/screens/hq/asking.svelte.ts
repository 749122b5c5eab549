/** How a form asks head office for something: once at a time, and what was refused or went wrong is said in it. */
import { hqSentenceOf } from './hq-client.ts';

type Answer = { readonly outcome: string };
type Refused = { readonly outcome: 'refused'; readonly message: string };
const isRefused = (answer: Answer): answer is Refused => answer.outcome === 'refused';

export class Asking {
  problem = $state('');
  isDoing = $state(false);

  /** Undefined where nothing was done; why stands in `problem`. */
  async ask<Given extends Answer>(
    event: SubmitEvent,
    act: () => Promise<Given>,
  ): Promise<Exclude<Given, Refused> | undefined> {
    event.preventDefault();
    if (this.isDoing) return undefined;
    this.isDoing = true;
    this.problem = '';
    try {
      const answer = await act();
      if (!isRefused(answer)) return answer as Exclude<Given, Refused>;
      this.problem = answer.message;
    } catch (error) {
      this.problem = hqSentenceOf(error);
    } finally {
      this.isDoing = false;
    }
    return undefined;
  }
}
