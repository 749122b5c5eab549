/** One product's card with as many movements as were asked for. A reading replaces all of it: a late entry moves balances. */
import { limits } from '#lib/domain/limits.ts';
import type { StockCard } from '#lib/host/till-services.ts';
import { sentenceOf, TillFault, tillClient } from '../till-client.ts';

export const movementsShown = 50;

type Client = Pick<typeof tillClient, 'stockCard'>;

export class CardState {
  card: StockCard = $state.raw() as StockCard;
  isReading = $state(false);
  problem = $state('');
  readonly #client: Client;

  constructor(card: StockCard, client: Client = tillClient) {
    this.card = card;
    this.#client = client;
  }

  async reread(): Promise<void> {
    const shown = Math.max(movementsShown, this.card.movements.length);
    const limit = Math.min(limits.pageRows, shown);
    const card = await this.#client.stockCard(this.card.sku, undefined, limit);
    if (!this.isReading) this.card = card;
  }

  async readOlder(): Promise<void> {
    const { next, sku } = this.card;
    if (next === undefined || this.isReading) return;
    this.isReading = true;
    this.problem = '';
    try {
      const older = await this.#client.stockCard(sku, next, movementsShown);
      // The newer part of the answer is as of now; the movements before it stay where they are.
      this.card = { ...older, movements: [...this.card.movements, ...older.movements] };
    } catch (error) {
      if (!(error instanceof TillFault)) throw error;
      this.problem = sentenceOf(error);
    } finally {
      this.isReading = false;
    }
  }
}
