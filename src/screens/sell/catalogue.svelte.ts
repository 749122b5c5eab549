/**
 * What the products' side shows: a department's tiles, or what the search found. The last question wins, however late
 * an answer to an earlier one comes.
 */
import type { TileRow } from '#lib/host/till-services.ts';
import { tillClient } from '../till-client.ts';
import { readTypedEntry, type TypedEntry } from './typed-entry.ts';

/** As many as a till's screen shows and a bit more; the rest is found by search. */
export const tilesShown = 60;
const resultsShown = 20;

export class Catalogue {
  typed = $state('');
  department: string | undefined = $state();
  tiles: readonly TileRow[] = $state.raw([]);
  results: readonly TileRow[] = $state.raw([]);
  /** The query that `results` answers. */
  answered = $state('');
  marked = $state(0);
  #asked = 0;
  #isWanted = false;
  #answering: Promise<void> | undefined;
  readonly #tiles: (typeof tillClient)['tiles'];

  constructor(tiles: readonly TileRow[], ask: (typeof tillClient)['tiles'] = tillClient.tiles) {
    this.tiles = tiles;
    this.#tiles = ask;
  }

  get entry(): TypedEntry {
    return readTypedEntry(this.typed);
  }

  get isSearching(): boolean {
    return this.entry.text !== '';
  }

  get markedResult(): TileRow | undefined {
    return this.results[this.marked];
  }

  /** The results belong to what is typed. */
  get isAnswered(): boolean {
    return this.answered === this.entry.text;
  }

  type(text: string): void {
    this.typed = text;
    this.marked = 0;
    if (this.isSearching) this.#search();
    else {
      this.results = [];
      this.answered = '';
    }
  }

  clear(): void {
    this.type('');
  }

  async choose(department: string | undefined): Promise<void> {
    this.department = department;
    this.clear();
    await this.reread();
  }

  mark(step: 1 | -1): void {
    this.marked = Math.min(this.results.length - 1, Math.max(0, this.marked + step));
  }

  /** What Enter means: the product with exactly this code, else the marked one of the newest results. */
  async chosen(): Promise<TileRow | undefined> {
    await this.#answering;
    const text = this.entry.text.toLowerCase();
    const exact = this.results.find(
      ({ sku, barcodes }) =>
        sku.toLowerCase() === text || barcodes.some((code) => code.toLowerCase() === text),
    );
    // Without an answer, what is marked belongs to an earlier question.
    return exact ?? (this.isAnswered ? this.markedResult : undefined);
  }

  /** The same again with today's stock. */
  async reread(): Promise<void> {
    if (this.isSearching) {
      this.#search();
      return this.#answering;
    }
    const asked = ++this.#asked;
    const tiles = await this.#tiles({ department: this.department, limit: tilesShown });
    if (asked === this.#asked) this.tiles = tiles;
  }

  /** One question at a time: a scanner types a dozen letters, and the scan must not wait behind a dozen answers. */
  #search(): void {
    this.#asked += 1;
    this.#isWanted = true;
    this.#answering ??= this.#answer().finally(() => (this.#answering = undefined));
  }

  async #answer(): Promise<void> {
    while (this.#isWanted && this.isSearching) {
      this.#isWanted = false;
      const query = this.entry.text;
      // Without an answer the page says so; the next letter asks again.
      const results = await this.#tiles({ query, limit: resultsShown }).catch(() => undefined);
      if (!results || query !== this.entry.text) continue;
      this.results = results;
      this.answered = query;
      this.marked = Math.min(this.marked, Math.max(0, results.length - 1));
    }
  }
}
