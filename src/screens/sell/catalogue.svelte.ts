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
  #answering: Promise<void> = Promise.resolve();

  constructor(tiles: readonly TileRow[]) {
    this.tiles = tiles;
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
    return exact ?? this.markedResult;
  }

  /** The same again with today's stock. */
  async reread(): Promise<void> {
    if (this.isSearching) {
      this.#search();
      return this.#answering;
    }
    const asked = ++this.#asked;
    const tiles = await tillClient.tiles({ department: this.department, limit: tilesShown });
    if (asked === this.#asked) this.tiles = tiles;
  }

  #search(): void {
    const asked = ++this.#asked;
    const query = this.entry.text;
    this.#answering = tillClient
      .tiles({ query, limit: resultsShown })
      .then((results) => {
        if (asked !== this.#asked) return;
        this.results = results;
        this.answered = query;
        this.marked = Math.min(this.marked, Math.max(0, results.length - 1));
      })
      // The shell says that the till does not answer; the next letter asks again.
      .catch(() => undefined);
  }
}
