/**
 * Kills a register under load again and again and compares it with a book that is kept outside of it. The moments are
 * drawn from a seed; the machine decides what the register was doing then.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isTillmeshError } from '#lib/domain/errors.ts';
import { archivedDocuments, archivedStock } from '../system/archive-rows.ts';
import { Ledger } from '../system/ledger.ts';
import { plannedSale, type PlannedSale } from '../system/sales.ts';
import type { Shop } from '../system/shop.ts';
import { doneSchema, type TillProcess } from '../system/till-process.ts';
import { SeededDraws } from './seeded-draws.ts';

export type KillOptions = {
  readonly shop: Shop;
  readonly seed: number;
  readonly cycles: number;
};

export type KillReport = {
  readonly problems: readonly string[];
  readonly kills: number;
  readonly acknowledged: number;
  /** Commands sent more than once, and answered with the document that was there. */
  readonly repeated: number;
  /** Commands whose answer the kill took away. */
  readonly unanswered: number;
  /** Of these: found on disk after the restart. */
  readonly unansweredThere: number;
  readonly readyMs: { readonly median: number; readonly max: number };
};

/** 20 commands a second; a kill falls within the first half second of them. */
const everyMs = 50;
const killWithinMs = 500;
/** An acknowledgement takes some milliseconds: a kill that should meet one comes that soon after a command. */
const closelyMs = 6;
/** How often a command of before is sent once more, as a person who did not see the answer does. */
const againShare = 0.2;
/** How often an unanswered command is sent once more after the restart; the others are looked for only. */
const retryShare = 0.7;

export async function killRegister({ shop, seed, cycles }: KillOptions): Promise<KillReport> {
  const run = new KillRun(shop.till('T1'), seed);
  for (let cycle = 0; cycle < cycles; cycle++) await run.cycle(cycle);
  await run.compare(shop);
  return run.report();
}

class KillRun {
  readonly #till: TillProcess;
  readonly #draws: SeededDraws;
  readonly #ledger = new Ledger();
  readonly #problems: string[] = [];
  readonly #sales: PlannedSale[] = [];
  /** Unanswered commands whose fate the first restart after them has shown. */
  readonly #lookedFor = new Set<string>();
  #incarnation: string | undefined;
  #kills = 0;
  #repeated = 0;
  #unanswered = 0;
  #unansweredThere = 0;

  constructor(till: TillProcess, seed: number) {
    this.#till = till;
    this.#draws = new SeededDraws(seed);
  }

  async cycle(cycle: number): Promise<void> {
    const sending: Promise<void>[] = [];
    const killAtMs = this.#draws.below(killWithinMs);
    const closely = this.#draws.chance(0.5);
    const ticks = Math.floor(killAtMs / everyMs);
    for (let tick = 0; tick <= ticks; tick++) {
      sending.push(this.#send(this.#nextSale(cycle, tick)));
      if (tick < ticks) await delay(everyMs);
    }
    await delay(closely ? this.#draws.below(closelyMs) : killAtMs % everyMs);
    await this.#till.kill();
    this.#kills++;
    await Promise.all(sending);
    await this.#till.start();
    await this.#look();
  }

  /** The register itself, right after its restart. */
  async #look(): Promise<void> {
    const { incarnation } = await this.#till.status();
    this.#incarnation ??= incarnation;
    if (incarnation !== this.#incarnation)
      this.#problems.push(`a restart began incarnation ${incarnation}`);
    const found = await this.#till.documents();
    this.#problems.push(...this.#ledger.problems(found));
    const there = new Set(found.map(({ externalId }) => externalId));
    for (const sale of this.#ledger.unanswered) {
      if (this.#lookedFor.has(sale.command.command)) continue;
      this.#lookedFor.add(sale.command.command);
      if (there.has(sale.command.command)) this.#unansweredThere++;
      if (!this.#draws.chance(retryShare)) continue;
      const answer = await this.#till.execute(sale.command);
      const expected = there.has(sale.command.command) ? 'repeated' : 'done';
      if (answer.outcome !== expected)
        this.#problems.push(`${sale.command.command}: ${answer.outcome}, not ${expected}`);
      this.#problems.push(...this.#ledger.acknowledged(sale, answer));
    }
  }

  #nextSale(cycle: number, tick: number): PlannedSale {
    const before = this.#draws.chance(againShare) ? this.#draws.oneOf(this.#sales) : undefined;
    if (before) return before;
    const first = 1 + this.#draws.below(8);
    const picks = [first, first + 1, first + 2]
      .slice(0, 1 + this.#draws.below(3))
      .map((product) => [product, 1 + this.#draws.below(4)] as const);
    const sale = plannedSale(`cycle-${cycle}-${tick}`, picks);
    this.#sales.push(sale);
    return sale;
  }

  async #send(sale: PlannedSale): Promise<void> {
    this.#ledger.asked(sale);
    try {
      const { status, body } = await this.#till.send(sale.command);
      if (status !== 200) {
        this.#problems.push(`${sale.command.command}: ${status} ${JSON.stringify(body)}`);
        return;
      }
      const answer = doneSchema.parse(body);
      if (answer.outcome === 'repeated') this.#repeated++;
      this.#problems.push(...this.#ledger.acknowledged(sale, answer));
    } catch (error) {
      if (!isTillmeshError(error, 'NO_ANSWER')) throw error;
      this.#unanswered++;
    }
  }

  /** Everywhere else, when all have heard of everything. */
  async compare(shop: Shop): Promise<void> {
    const found = await this.#till.documents();
    this.#problems.push(...this.#ledger.problems(found));
    const agreed = await shop.agreed(found.length);
    const total = (this.#ledger.totalMinor(found) / 100).toFixed(2);
    if (agreed.total !== total) this.#problems.push(`total ${agreed.total} instead of ${total}`);
    const others = shop.tills.filter((till) => till !== this.#till);
    for (const other of others)
      this.#report(other.name, this.#ledger.problems(await other.documents()));
    this.#report('archive', this.#ledger.problems(await archivedDocuments(shop.relayDirectory)));
    const archive = await archivedStock(shop.relayDirectory);
    for (const [sku, quantityMilli] of this.#ledger.stock(found)) {
      const stocks = [archive.get(sku)];
      for (const till of shop.tills) stocks.push(await till.stock(sku));
      if (stocks.some((stock) => stock !== quantityMilli))
        this.#problems.push(`stock of ${sku}: ${stocks.join(', ')} instead of ${quantityMilli}`);
    }
  }

  #report(where: string, problems: readonly string[]): void {
    this.#problems.push(...problems.map((problem) => `${where}: ${problem}`));
  }

  report(): KillReport {
    const [, ...restarts] = this.#till.readyMs;
    restarts.sort((a, b) => a - b);
    return {
      problems: this.#problems,
      kills: this.#kills,
      acknowledged: this.#ledger.acknowledgedCount,
      repeated: this.#repeated,
      unanswered: this.#unanswered,
      unansweredThere: this.#unansweredThere,
      readyMs: {
        median: Math.round(restarts[Math.floor(restarts.length / 2)] ?? 0),
        max: Math.round(restarts.at(-1) ?? 0),
      },
    };
  }
}
