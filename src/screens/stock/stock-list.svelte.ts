/** The stock list: a department's products or what a search found. The last question wins, however late it is answered. */
import type { TileRow } from '#lib/host/till-services.ts';
import { steppedIn } from '../list-keys.ts';
import { tillClient } from '../till-client.ts';

/** A table beyond this would have to be virtual; a search narrows it down instead. */
export const rowsShown = 100;

export type StockQuestion = { readonly query: string; readonly department: string | undefined };
type Client = Pick<typeof tillClient, 'tiles'>;

export class StockList {
  query = $state('');
  department: string | undefined = $state();
  rows: readonly TileRow[] = $state.raw([]);
  /** What `rows` answers: shown as found or not found only then. */
  answered: StockQuestion = $state.raw({ query: '', department: undefined });
  /** Row under the arrow keys; -1 for none. */
  marked = $state(-1);
  #asked = 0;
  #answering: Promise<void> = Promise.resolve();
  readonly #client: Client;

  constructor(question: StockQuestion, rows: readonly TileRow[], client: Client = tillClient) {
    this.query = question.query;
    this.department = question.department;
    this.answered = question;
    this.rows = rows;
    this.#client = client;
  }

  get isAsking(): boolean {
    const { query, department } = this.answered;
    return query !== this.query.trim() || department !== this.department;
  }

  ask(question: Partial<StockQuestion>): Promise<void> {
    if (question.query !== undefined) this.query = question.query;
    if ('department' in question) this.department = question.department;
    this.marked = -1;
    return this.reread();
  }

  step(step: 1 | -1): void {
    this.marked = steppedIn(this.rows.length, this.marked, step);
  }

  /** What Enter means: the product with exactly this code, else the marked one, else the first that was found. */
  async chosen(): Promise<TileRow | undefined> {
    await this.#answering;
    const text = this.query.trim().toLowerCase();
    const exact = this.rows.find(
      ({ sku, barcodes }) =>
        sku.toLowerCase() === text || barcodes.some((code) => code.toLowerCase() === text),
    );
    if (text !== '' && exact) return exact;
    return this.rows[this.marked] ?? (text === '' ? undefined : this.rows[0]);
  }

  reread(): Promise<void> {
    const asked = ++this.#asked;
    const question = { query: this.query.trim(), department: this.department };
    this.#answering = this.#client
      .tiles({ ...question, query: question.query || undefined, limit: rowsShown })
      .then((rows) => {
        if (asked !== this.#asked) return;
        this.rows = rows;
        this.answered = question;
        this.marked = Math.min(this.marked, rows.length - 1);
      })
      // The shell says that the till does not answer; the next letter or change asks again.
      .catch(() => undefined);
    return this.#answering;
  }
}
