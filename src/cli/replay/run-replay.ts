/**
 * Takes documents through the tills of a shop, waits until every replica and the archive agree, and reports.
 * One document at a time per till, handed out in time order over all of them.
 */
import type { Clock } from '#lib/domain/clock.ts';
import { TillmeshError } from '#lib/domain/errors.ts';
import { differences, numberProblems, type NamedReplica } from './compare-figures.ts';
import { expectedFigures, expectedStockHash } from './expected-figures.ts';
import type { ReplayReport } from './replay-report.ts';
import type { ArchiveFigures, ReplayShop, ReplayTill } from './replay-shop.ts';
import { commandOf } from './to-command.ts';
import type { Transaction } from './transaction.ts';

export type ReplayPlan = {
  readonly transactions: readonly Transaction[];
  /** Two terminals that do not see each other until every document is taken. */
  readonly cut?: readonly [string, string];
  /** The relay is away until every document is taken. */
  readonly relayLate: boolean;
};

export type ReplayTools = {
  readonly clock: Clock;
  /** One line of progress; the last one replaces those before. */
  progress(text: string): void;
};

const POLL_EVERY_MS = 200;
/** Nothing may stand still for longer: a relay that has just been started needs the most. */
const NO_PROGRESS_MS = 60_000;

export async function runReplay(
  shop: ReplayShop,
  plan: ReplayPlan,
  tools: ReplayTools,
): Promise<ReplayReport> {
  const { clock } = tools;
  const expected = expectedFigures(plan.transactions);
  const stockHash = expectedStockHash(expected.stockMilli);
  if (plan.cut) await changeLink(shop, plan.cut, 'cut');
  if (plan.relayLate) await shop.stopRelay();

  const startedMs = clock.monotonicMs();
  const acknowledged = await takeAll(shop.tills, plan.transactions, tools);
  const takenMs = clock.monotonicMs();
  if (plan.cut) await changeLink(shop, plan.cut, 'heal');
  if (plan.relayLate) await shop.startRelay();
  const agreement = await waitUntilEqual(
    shop,
    (replicas, archive) => differences(expected, stockHash, replicas, archive),
    tools,
  );
  const agreedMs = clock.monotonicMs();

  return {
    expected,
    replicas: agreement.replicas,
    archive: agreement.archive,
    ackMs: acknowledged.map((one) => one.ackMs).sort((a, b) => a - b),
    takenSeconds: (takenMs - startedMs) / 1_000,
    seconds: (agreedMs - startedMs) / 1_000,
    differences: [
      ...agreement.differences,
      ...numberProblems(acknowledged.map((one) => one.number)),
    ],
  };
}

/** The mesh ends a link only when one side says so; both are told, so that neither dials anew. */
async function changeLink(
  shop: ReplayShop,
  [a, b]: readonly [string, string],
  change: 'cut' | 'heal',
): Promise<void> {
  const [one, other] = [tillOf(shop, a), tillOf(shop, b)];
  await Promise.all([one[change](b), other[change](a)]);
}

function tillOf(shop: ReplayShop, terminal: string): ReplayTill {
  const till = shop.tills.find((one) => one.terminal === terminal);
  if (till) return till;
  const known = shop.tills.map((one) => one.terminal).join(', ');
  throw new TillmeshError('INPUT_INVALID', `there is no till ${terminal}, only ${known}`);
}

type Taken = { readonly number: string; readonly ackMs: number };

async function takeAll(
  tills: readonly ReplayTill[],
  transactions: readonly Transaction[],
  { progress }: ReplayTools,
): Promise<Taken[]> {
  const taken: Taken[] = [];
  let failure: { readonly error: unknown } | undefined;
  // What each till is busy with. Never rejects: the first failure ends the handing out.
  const busy = tills.map(() => Promise.resolve());
  for (const [index, transaction] of transactions.entries()) {
    const turn = index % tills.length;
    const till = tills[turn];
    if (till === undefined) throw new TillmeshError('INVARIANT', 'a replay without tills');
    await busy[turn];
    if (failure) break;
    busy[turn] = take(till, transaction).then(
      (one) => {
        taken.push(one);
        if (taken.length % 50 === 0)
          progress(`${taken.length} of ${transactions.length} documents`);
      },
      (error: unknown) => {
        failure ??= { error };
      },
    );
  }
  await Promise.all(busy);
  if (failure) throw failure.error;
  return taken;
}

async function take(till: ReplayTill, transaction: Transaction): Promise<Taken> {
  const answer = await till.execute(commandOf(transaction));
  if (answer.outcome === 'done') return answer;
  // In a shop that was made for this replay nothing can have been done before.
  const why = answer.outcome === 'refused' ? answer.message : 'it says that it has it already';
  throw new TillmeshError('COMMAND_REFUSED', `${transaction.invoice} at ${till.terminal}: ${why}`);
}

type Agreement = {
  readonly replicas: readonly NamedReplica[];
  readonly archive: ArchiveFigures | undefined;
  readonly differences: readonly string[];
};

async function waitUntilEqual(
  shop: ReplayShop,
  judge: (replicas: readonly NamedReplica[], archive: ArchiveFigures | undefined) => string[],
  { clock, progress }: ReplayTools,
): Promise<Agreement> {
  let last = '';
  let changedMs = clock.monotonicMs();
  for (;;) {
    const [archive, ...replicas] = await Promise.all([
      shop.archive(),
      ...shop.tills.map(async (till) => ({
        terminal: till.terminal,
        figures: await till.figures(),
      })),
    ]);
    const found = judge(replicas, archive);
    const nowMs = clock.monotonicMs();
    const seen = JSON.stringify([replicas, archive]);
    if (seen !== last) changedMs = nowMs;
    last = seen;
    if (found.length === 0 || nowMs - changedMs > NO_PROGRESS_MS) {
      return { replicas, archive, differences: found };
    }
    const counts = replicas.map(({ terminal, figures }) => `${terminal} ${figures.documents}`);
    progress(`waiting: ${[...counts, `archive ${archive?.documents ?? 'away'}`].join(', ')}`);
    await new Promise<void>((resolve) => clock.setTimer(resolve, POLL_EVERY_MS));
  }
}
