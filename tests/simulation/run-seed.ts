/**
 * One seed from opening to the verdict: set up, safety phase with faults, liveness phase without, then the checker.
 * `node tests/simulation/run-seed.ts SEED…` shows a run step by step.
 */
import { pathToFileURL } from 'node:url';
import { isTillmeshError } from '#lib/domain/errors.ts';
import { CartWork } from './cart-work.ts';
import { checkPromises, readModels } from './checker.ts';
import { installTime, settled } from './clock.ts';
import { company, terminals } from './company.ts';
import { isOfDeadProcess, textOf } from './device.ts';
import { forgetEntries, hashesOn } from './disk-entries.ts';
import { drawPlan, Faults, type FaultKind, type Plan } from './faults.ts';
import { goods } from './goods.ts';
import { Ledger, type Acknowledged } from './ledger.ts';
import { Orders, type Order } from './orders.ts';
import { resultMark } from './run-seeds.ts';
import { seededRandom } from './seeded-random.ts';
import { Shop } from './shop.ts';
import type { Till } from './till.ts';

export type SeedResult = {
  readonly plan: Plan;
  readonly violations: readonly string[];
  readonly steps: readonly string[];
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly documents: Readonly<Record<string, number>>;
  readonly carts: Readonly<CartWork['counts']>;
  readonly events: Readonly<Record<string, number>>;
  readonly network: Shop['network']['counts'];
  readonly diskFaults: number;
  /** Processes that were started beyond the first of each device. */
  readonly restarts: number;
  readonly lives: number;
  readonly forks: number;
  readonly lost: number;
  /** Simulated time from the end of all faults until the shop was quiet. */
  readonly quietAfterMs: number | undefined;
  /** Equal in every run of the seed. */
  readonly trace: string;
};

/** Longer than the longest back-off of a dial and the first rounds of the watchdog. */
const convergeMs = 10 * 60_000;

/** What a scripted run may do in place of the safety phase. */
export type Stage = {
  readonly shop: Shop;
  readonly faults: Faults;
  readonly orders: Orders;
  readonly give: (till: Till, order: Order) => void;
};

export type SeedOptions = {
  /** Another plan than the seed's own. */
  readonly change?: (plan: Plan) => Plan;
  /** A script instead of chance. What is mended, awaited and checked afterwards stays the same. */
  readonly play?: (stage: Stage) => Promise<void>;
  /** Sees the shop before it is closed. */
  readonly inspect?: (shop: Shop) => void;
};

export async function runSeed(seed: number, options: SeedOptions = {}): Promise<SeedResult> {
  const { change = (plan) => plan } = options;
  const plan = change(drawPlan(seed, seededRandom(seed)));
  // Drawn apart from the plan, so that a pinned plan goes on meaning what it meant.
  const run = new Run(await company(), plan, seededRandom(seed + 1_000_003));
  return run.whole(options);
}

class Run {
  readonly #plan: Plan;
  readonly #random: () => number;
  readonly #shop: Shop;
  readonly #ledger: Ledger;
  readonly #orders: Orders;
  readonly #faults: Faults;
  readonly #carts: CartWork;
  /** Apart from all else that is drawn. */
  readonly #cartRandom: () => number;
  /** Orders that got no answer, with the journal they were given to. */
  readonly #unanswered: { readonly till: Till; readonly journal: string; readonly order: Order }[] =
    [];

  constructor(at: Awaited<ReturnType<typeof company>>, plan: Plan, random: () => number) {
    this.#plan = plan;
    this.#random = random;
    this.#shop = new Shop(at, plan.seed);
    this.#ledger = new Ledger((what) => this.#shop.violation(what));
    this.#orders = new Orders(random, () => this.#ledger.receipts);
    this.#faults = new Faults(this.#shop, this.#ledger, random);
    this.#cartRandom = seededRandom(plan.seed + 2_000_003);
    this.#carts = new CartWork(this.#shop, this.#ledger, this.#cartRandom);
  }

  async whole({ play, inspect }: SeedOptions): Promise<SeedResult> {
    const { world } = this.#shop;
    // Made here, so that it does not belong to the process that happens to write first.
    void process.stdout;
    const restoreTime = installTime(world, seededRandom(this.#plan.seed + 1));
    const restoreListeners = this.#catchStrays();
    world.onUncaught = (error, process) => this.#stray(`a timer of ${process?.name}`, error);
    let quietAfterMs: number | undefined;
    let forks = 0;
    try {
      await this.#open();
      if (play) await play(this.#stage());
      else await this.#safety();
      quietAfterMs = await this.#liveness();
      if (quietAfterMs !== undefined)
        forks = checkPromises(this.#shop, this.#ledger, this.#faults.forkable).forks;
      await settled();
      inspect?.(this.#shop);
    } finally {
      for (const device of this.#shop.devices) device.scrap();
      world.end();
      restoreListeners();
      restoreTime();
      forgetEntries();
    }
    return this.#result(quietAfterMs, forks);
  }

  #stage(): Stage {
    return {
      shop: this.#shop,
      faults: this.#faults,
      orders: this.#orders,
      give: (till, order) => this.#give(till, order),
    };
  }

  async #open(): Promise<void> {
    const shop = this.#shop;
    shop.hq.start();
    for (const terminal of terminals.slice(0, this.#plan.tills))
      shop.addEnrolledTill(terminal).start();
    for (let tries = 0; tries < 60; tries++) {
      await shop.world.advance(500);
      if (shop.tills.every((till) => till.running && till.running.release > 0)) break;
    }
    for (const till of shop.tills)
      if (!till.running?.release) shop.violation(`${till.name} never heard of HQ's release`);
    shop.note('---- open');
    if (this.#plan.hqAway) {
      shop.hq.switchedOff = true;
      shop.hq.kill('process');
    }
    const { delayMs, loss, duplication } = this.#plan;
    Object.assign(shop.network.wires, { delayMs, loss, duplication });
  }

  async #safety(): Promise<void> {
    const { world } = this.#shop;
    for (let step = 0; step < this.#plan.steps && this.#shop.violations.length === 0; step++) {
      await world.advance(this.#random() ** 2 * 3_000);
      if (this.#random() < 0.1) this.#faults.backUp();
      for (const [kind, chance] of Object.entries(this.#plan.chances) as [FaultKind, number][])
        if (this.#random() < chance && !(this.#plan.hqAway && kind.startsWith('hq')))
          this.#faults.strike(kind);
      this.#trade();
      this.#sellByCart();
      if (this.#random() < 0.3) this.#checkWord();
    }
  }

  #trade(): void {
    const dice = this.#random();
    if (dice < 0.05) {
      // The last one, on every till at once (N12).
      const good = goods[Math.floor(this.#random() * goods.length)];
      for (const till of this.#shop.tills) this.#give(till, this.#orders.sale(good));
      return;
    }
    if (dice < 0.12) {
      // A double press, or somebody who asks again because the till died over it.
      const index = Math.floor(this.#random() * this.#unanswered.length);
      const [again] = this.#unanswered.splice(index, 1);
      if (again) return this.#give(again.till, again.order, again.journal);
      const done = [...this.#ledger.issued.values()].filter(
        // A cart is paid by its till's own road, and asked for again by it: see `CartWork`.
        ({ acknowledged, order }) => acknowledged && !order.command.command.startsWith('pay-'),
      );
      const one = done[Math.floor(this.#random() * done.length)];
      const tills = this.#shop.tills.filter(
        (each) => each.name === one?.till || this.#random() < 0.2,
      );
      for (const each of tills)
        if (one?.acknowledged) this.#again(each, one.order, one.acknowledged);
      return;
    }
    const till = this.#shop.tills[Math.floor(this.#random() * this.#shop.tills.length)];
    const burst = this.#random() < 0.1 ? 5 : 1;
    if (till) for (let n = 0; n < burst; n++) this.#give(till, this.#orders.next());
  }

  /** At one till in most steps: a cart takes three or four of them. */
  #sellByCart(): void {
    const { tills } = this.#shop;
    const till = tills[Math.floor(this.#cartRandom() * tills.length)];
    if (till) this.#carts.step(till);
  }

  /** A command that became a document is asked for again, by a till that knows the document. */
  #again(till: Till, order: Order, { journal, seq }: Acknowledged): void {
    if (!till.isSelling || !till.running) return;
    const { journals } = till.running.replica;
    if (journals.tip(journal).seq >= seq && !journals.isForked(journal)) this.#give(till, order);
  }

  /** `journal`: only if the till still lives the life that was asked before. */
  #give(till: Till, order: Order, journal?: string): void {
    const { running: register, process } = till;
    if (!till.isSelling || !register || !process) return;
    const own = register.replica.own.key;
    if (journal !== undefined && journal !== own) return;
    try {
      const executed = this.#shop.world.as(process, () => register.execute(order.command));
      // What a dying till answers, nobody hears.
      if (!process.alive) return this.#noAnswer(till, order, own);
      this.#ledger.answered(order, till.name, executed);
      this.#shop.note(
        `${till.name}: ${order.kind} ${order.command.command} ${'number' in executed ? `${executed.outcome} ${executed.number} = ${executed.journal} ${executed.seq}` : executed.outcome === 'refused' ? executed.code : executed.problems.join()}`,
      );
      if (executed.outcome === 'invalid' && order.kind !== 'bad')
        this.#shop.violation(`${order.command.command} is in order and was called invalid`);
    } catch (error) {
      if (!process.alive) return this.#noAnswer(till, order, own);
      if (isTillmeshError(error, 'DISK_FULL') || isTillmeshError(error, 'DISK_REFUSED')) {
        this.#shop.note(`${till.name}: ${order.command.command} ${error.message}`);
        const before = this.#ledger.issued.get(order.command.command);
        if (!before)
          this.#ledger.issued.set(order.command.command, {
            order,
            till: till.name,
            state: 'refused',
          });
        return;
      }
      this.#shop.violation(`${till.name}, ${order.kind}: ${textOf(error)}`);
    }
  }

  #noAnswer(till: Till, order: Order, journal: string): void {
    this.#ledger.unknown(order, till.name);
    this.#unanswered.push({ till, journal, order });
    this.#shop.note(`${till.name}: no answer to ${order.command.command}`);
  }

  /** P10: what a till says of its last documents is so, on disks and in the archive, at this moment. */
  #checkWord(): void {
    const shop = this.#shop;
    const till = shop.tills[Math.floor(this.#random() * shop.tills.length)];
    const { running: register, process } = till ?? {};
    if (!till?.isSelling || !register || !process) return;
    const { key, tip } = register.replica.own;
    const seq = Math.max(1, tip.seq - Math.floor(this.#random() * 4));
    const ask = () => {
      const { journals, voice } = register.replica;
      return { hash: journals.reader.hashAt(key, seq), word: voice.copies(key, seq) };
    };
    let answer: ReturnType<typeof ask>;
    try {
      answer = shop.world.as(process, ask);
    } catch (error) {
      // It looks into its files for that, and its power may go just then.
      if (!process.alive) return;
      throw error;
    }
    const { hash, word } = answer;
    if (!hash) return;
    // What was wiped and never came back may be counted: nobody has heard of its end.
    const holders = [...shop.devices, ...shop.retired].filter(
      (device) =>
        device !== till && (device.hasLostData || hashesOn(device.machine.disk, key).has(hash)),
    );
    const onTills = holders.filter((device) => device !== shop.hq).length;
    if (word.onPeers > onTills)
      shop.violation(
        `P10: ${till.name} says that ${key} ${seq} is on ${word.onPeers} tills: ${onTills}`,
      );
    if (word.atHq && !holders.includes(shop.hq))
      shop.violation(`P10: ${till.name} says that ${key} ${seq} is at HQ`);
    if (
      word.archived &&
      !shop.hq.archiveHasLostData &&
      !shop.hq.archive.entries().some((read) => read.hash === hash)
    )
      shop.violation(`P10: ${till.name} says that ${key} ${seq} is archived`);
    if (word.onPeers > 0 || word.atHq || word.archived) this.#words++;
  }
  #words = 0;

  async #liveness(): Promise<number | undefined> {
    const shop = this.#shop;
    if (shop.violations.length > 0) return undefined;
    shop.note('---- everything is mended');
    shop.network.healAll();
    shop.hq.archiveIsAway = false;
    for (const device of shop.devices) {
      device.machine.disk.heal();
      device.machine.disk.setCapacity(Number.MAX_SAFE_INTEGER);
      device.isFull = false;
      if (device.disk) device.disk.callsToLive = Number.POSITIVE_INFINITY;
      device.switchedOff = false;
      device.start();
    }
    const beganMs = shop.world.nowMs;
    await this.#untilQuiet(beganMs);
    await this.#payCarts();
    // Whoever was there at the end must still sell, and be heard.
    for (const till of shop.tills) {
      if (!till.isSelling) shop.violation(`liveness: ${till.name} does not sell`);
      this.#give(till, this.#orders.sale());
    }
    return (await this.#untilQuiet(beganMs)) ? shop.world.nowMs - beganMs : undefined;
  }

  /** Every cart that is begun is paid. */
  async #payCarts(): Promise<void> {
    const shop = this.#shop;
    this.#carts.isEnding = true;
    for (let round = 0; round < 60 && shop.violations.length === 0; round++) {
      for (const till of shop.tills) this.#carts.step(till);
      await shop.world.advance(500);
      if (!this.#carts.isBusy) return;
    }
    if (shop.violations.length === 0) shop.violation('liveness: a cart cannot be paid');
  }

  async #untilQuiet(beganMs: number): Promise<boolean> {
    const shop = this.#shop;
    while (shop.world.nowMs - beganMs < convergeMs && shop.violations.length === 0) {
      await shop.world.advance(1_000);
      if (this.#unquiet() === undefined) return true;
    }
    if (shop.violations.length === 0) shop.violation(`liveness: ${this.#unquiet()}`);
    return false;
  }

  /** What is still to come; undefined where nothing is. */
  #unquiet(): string | undefined {
    const shop = this.#shop;
    for (const device of shop.devices) if (!device.running) return `${device.name} is down`;
    for (const till of shop.tills) if (!till.isSelling) return `${till.name} begins anew`;
    const replicas = shop.devices.flatMap((device) =>
      device.running ? [[device.name, device.running.replica] as const] : [],
    );
    const tips = replicas.map(([name, replica]) => {
      const text = [...replica.tips()].map(
        ([key, { seq, hash }]) => `${key} ${seq} ${hash.slice(0, 6)}`,
      );
      return [name, text.sort()] as const;
    });
    const [first] = tips;
    for (const [name, own] of tips)
      if (first && own.join() !== first[1].join())
        return `${name} and ${first[0]} differ: ${own.filter((tip) => !first[1].includes(tip)).join(', ')} | ${first[1].filter((tip) => !own.includes(tip)).join(', ')}`;
    const stocks = readModels(shop).map(([name, models]) => [name, models.stockHash()] as const);
    for (const [name, hash] of stocks)
      if (hash !== stocks[0]?.[1]) return `${name} and ${stocks[0]?.[0]} have other stock`;
    for (const till of shop.tills) {
      const own = till.running?.replica.own;
      if (!own || !till.running) continue;
      const reach = till.running.replica.voice.reach(own.key);
      if (reach.archived !== own.tip.seq || reach.atHq !== own.tip.seq)
        return `${till.name} has ${own.tip.seq} entries and says at HQ ${reach.atHq}, archived ${reach.archived}`;
    }
    return undefined;
  }

  /** Nothing may escape: it would end a real process. */
  #catchStrays(): () => void {
    const names = ['unhandledRejection', 'uncaughtException'] as const;
    const kept = names.map((name) => [name, process.rawListeners(name)] as const);
    const own = (error: unknown) => this.#stray('a promise or a listener', error);
    // automerge-repo says so when a document is unloaded while its next message waits: nothing is lost by it.
    const { log } = console;
    console.log = () => undefined;
    for (const name of names) {
      process.removeAllListeners(name);
      process.on(name, own);
    }
    return () => {
      console.log = log;
      for (const [name, listeners] of kept) {
        process.removeListener(name, own);
        for (const listener of listeners)
          process.on(name, listener as NodeJS.UncaughtExceptionListener);
      }
    };
  }

  #stray(where: string, error: unknown): void {
    if (!isOfDeadProcess(error))
      this.#shop.violation(`nobody caught, from ${where}: ${textOf(error)}`);
  }

  #result(quietAfterMs: number | undefined, forks: number): SeedResult {
    const shop = this.#shop;
    const restarts = shop.devices.reduce((sum, device) => sum + Math.max(0, device.lives - 1), 0);
    return {
      plan: this.#plan,
      violations: shop.violations,
      steps: shop.steps,
      faults: this.#faults.counts,
      documents: { ...this.#ledger.counts, words: this.#words },
      carts: this.#carts.counts,
      events: Object.fromEntries(shop.eventCounts),
      network: shop.network.counts,
      diskFaults: shop.devices.reduce((sum, device) => sum + device.machine.disk.faultsFired, 0),
      restarts,
      lives: shop.eventCounts.get('incarnationBegun') ?? 0,
      forks,
      lost: this.#ledger.mayBeGone.size,
      quietAfterMs,
      trace: `${shop.world.events} ${shop.network.counts.frames} ${shop.steps.length} ${Math.round(shop.world.nowMs)}`,
    };
  }
}

/** A failing seed for people: what it drew, what went wrong, and what happened before. */
export function report(result: SeedResult, steps = 60): string {
  const { plan, violations } = result;
  return [
    `seed ${plan.seed}: ${violations.length} violations`,
    JSON.stringify(plan),
    ...result.steps.slice(-steps),
    ...violations.slice(0, 20),
    `again: node tests/simulation/run-seed.ts ${plan.seed}`,
  ].join('\n');
}

/** For people: every step. With `--json`: one line of figures for each seed. */
async function main(args: readonly string[]): Promise<void> {
  const forPrograms = args.includes('--json');
  for (const seed of args.filter((arg) => arg !== '--json').map(Number)) {
    const result = await runSeed(seed);
    if (forPrograms) {
      const steps = result.violations.length > 0 ? result.steps.slice(-200) : [];
      process.stdout.write(`${resultMark}${JSON.stringify({ ...result, steps })}\n`);
      continue;
    }
    const { steps: _steps, violations, ...figures } = result;
    process.stdout.write(
      `${report(result, Number.POSITIVE_INFINITY)}\n${JSON.stringify(figures)}\n`,
    );
    if (violations.length > 0) process.exitCode = 1;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href)
  await main(process.argv.slice(2));
