/** `tillmesh replay FILE…`: real transactions through real registers, to the cent. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { TillmeshError } from '#lib/domain/errors.ts';
import { type Common, countBetween, withCommon } from '../common-options.ts';
import { readEnvironment } from '../options.ts';
import type { ReplayReport } from '../replay/replay-report.ts';
import { exitCodes, terminal } from '../report.ts';
import { stopRequest } from '../run-process.ts';

type Given = Common & {
  readonly registers: number;
  readonly databaseUrl?: string;
  readonly data?: string;
  readonly cut?: readonly [string, string];
  readonly relayLate: boolean;
};

export function addReplayCommand(program: Command): void {
  const command = program
    .command('replay')
    .description('take the transactions of CSV files through a temporary shop and compare all sums')
    .argument('<file...>', 'transactions, .csv or .csv.gz (docs/guides/replay.md)')
    .option('--registers <n>', 'how many registers', countBetween(1, 20), 3)
    .option('--database-url <url>', 'an empty PostgreSQL database (default: one of its own)')
    .option('--data <dir>', 'makes the shop here and keeps it (default: temporary)', inFull)
    .option('--cut <a,b>', 'two registers that do not see each other until the end: 1,2', parseCut)
    .option('--relay-late', 'head office is away until the end', false);
  withCommon(command).action((files: string[], given: Given) => replay(files, given));
}

// Commander hands over the value before as well, which `resolve` would take for a directory.
const inFull = (path: string): string => resolve(path);

/** `1,2` or `T1,T2`: two different registers. */
function parseCut(text: string): readonly [string, string] {
  const match = /^T?([1-9][0-9]?),T?([1-9][0-9]?)$/.exec(text);
  const [, a = '', b = ''] = match ?? [];
  if (match === null || a === b) {
    throw new InvalidArgumentError(`"${text}" does not name two registers, as 1,2 does.`);
  }
  return [`T${a}`, `T${b}`];
}

async function replay(files: readonly string[], given: Given): Promise<void> {
  const { json, registers, cut } = given;
  if (cut?.some((name) => Number(name.slice(1)) > registers)) {
    throw new TillmeshError('INPUT_INVALID', `--cut ${cut.join(',')} with ${registers} registers`);
  }
  // A person waits for a moving line; a log does not want two hundred of them.
  const progress = process.stderr.isTTY
    ? (text: string): void => terminal.err(`\r\u001b[K${text}`)
    : (): void => undefined;
  const asked = stopRequest(false).then(() => undefined);
  const report = await runIn(files, given, progress, asked);
  progress('');
  if (report === undefined) {
    terminal.err('Stopped before the end.\n');
    process.exit(exitCodes.failed);
  }
  const { reportJson, reportText } = await import('../replay/replay-report.ts');
  const equal = report.differences.length === 0;
  terminal.out(json ? `${JSON.stringify(reportJson(report))}\n` : reportText(report));
  // The one object on standard output has no room for the reasons.
  if (json && !equal) terminal.err(`${report.differences.join('\n')}\n`);
  process.exitCode = equal ? exitCodes.done : exitCodes.failed;
}

/** Undefined when it was asked to stop. */
async function runIn(
  files: readonly string[],
  { registers, databaseUrl: givenUrl, data, cut, relayLate }: Given,
  progress: (text: string) => void,
  asked: Promise<undefined>,
): Promise<ReplayReport | undefined> {
  const { fileSource } = await import('#lib/demo/byte-source.ts');
  const { readTransactions } = await import('../replay/read-transactions.ts');
  const { catalogOf } = await import('../replay/replay-catalog.ts');
  const { ProcessShop } = await import('../replay/process-shop.ts');
  const { runReplay } = await import('../replay/run-replay.ts');
  const { machineClock } = await import('#lib/host/machine-clock.ts');

  progress('reading');
  // All of it, before any process is started: a bad row costs nothing but its sentence.
  const transactions = await readTransactions(files.map(fileSource));
  const { databaseUrl } = readEnvironment({
    DATABASE_URL: givenUrl ?? process.env['DATABASE_URL'],
  });
  const directory = await directoryFor(data);
  const shop = new ProcessShop({
    directory,
    registers,
    products: catalogOf(transactions),
    ...(databaseUrl !== undefined && { databaseUrl }),
  });
  const run = async (): Promise<ReplayReport> => {
    await shop.open(progress);
    const plan = { transactions, relayLate, ...(cut && { cut }) };
    return runReplay(shop, plan, { clock: machineClock, progress });
  };
  try {
    return await Promise.race([run(), asked]);
  } finally {
    progress('stopping');
    await shop.close();
    if (data === undefined) await rm(directory, { recursive: true, force: true });
  }
}

async function directoryFor(data: string | undefined): Promise<string> {
  if (data === undefined) return mkdtemp(join(tmpdir(), 'tillmesh-replay-'));
  if (existsSync(data) && readdirSync(data).length > 0) {
    throw new TillmeshError('DIRECTORY_FOREIGN', `${data} is not empty`);
  }
  await mkdir(data, { recursive: true, mode: 0o700 });
  return data;
}
