/** `tillmesh demo`: a whole sample shop on this machine, until Ctrl-C. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { buildPagesIfStale } from '../build-pages.ts';
import { type Common, countBetween, withCommon, pathOf } from '../common-options.ts';
import type { DemoOptions, RunningDemo } from '../demo/run-demo.ts';
import { exitCodes, reportFailure, terminal } from '../report.ts';
import { stopRequest } from '../run-process.ts';

type Given = Common & DemoOptions & { readonly untilStdinCloses: boolean };

export function addDemoCommand(program: Command): void {
  const command = program
    .command('demo')
    .description('run a sample shop: relay, database and registers, until Ctrl-C')
    .option('--data <dir>', 'where the demo keeps its data', pathOf, resolve('data/demo'))
    .option('--fresh', 'start over, without the data of the last demo', false)
    .option('--registers <n>', 'how many registers', countBetween(1, 20), 3)
    .option(
      '--products <n>',
      'how many products the sample shop has (default: 2000)',
      countBetween(1, 1_000_000),
    )
    .addOption(
      new Option('--catalog <file>', `products from a CSV file instead; columns: ${catalogColumns}`)
        .argParser(pathOf)
        .conflicts('products'),
    )
    .option('--days <n>', 'days of sample history', countBetween(0, 366), 7)
    .option('--seed <text>', 'which sample shop', 'harbour-lane')
    .option('--free-ports', 'take any free ports instead of the usual ones', false)
    .addOption(new Option('--until-stdin-closes').default(false).hideHelp());
  withCommon(command).action((given: Given) => runDemo(given));
}

async function runDemo(given: Given): Promise<void> {
  const { json, debug } = given;
  const say = (line: string): void => {
    if (json) terminal.err(`${line}\n`);
    else terminal.out(`${line}\n`);
  };
  const asked = stopRequest(given.untilStdinCloses).then(() => 'stop' as const);
  const { Demo } = await import('../demo/run-demo.ts');
  const demo = new Demo(given, say);
  let exitCode: number = exitCodes.done;
  try {
    say('Starting the sample shop …');
    // Both at once: a first start has the screens to build and processes to wait for.
    const pages = buildPagesIfStale(() =>
      say('Building the screens, for the first time or anew …'),
    );
    const started = Promise.all([demo.start(), pages]).then(([running]) => running);
    const running = await Promise.race([started, asked]);
    if (running !== 'stop') {
      terminal.out(json ? `${JSON.stringify({ ready: true, ...running })}\n` : welcome(running));
      // Without its history the shop can be used all the same.
      const filling = fillIn(running, say).catch((error: unknown) => {
        exitCode = reportFailure(error, { json: false, debug });
      });
      await Promise.race([asked, filling.then(() => asked)]);
    }
    say('Stopping …');
  } catch (error) {
    exitCode = reportFailure(error, { json, debug });
  }
  const { died } = await demo.stop();
  if (died > 0) exitCode = exitCodes.failed;
  say(died === 0 ? 'All stopped.' : `All stopped; ${died} had ended before.`);
  process.exit(exitCode);
}

async function fillIn(running: RunningDemo, say: (line: string) => void): Promise<void> {
  const result = await running.fillIn();
  if (!result) return;
  const refused = result.refused === 0 ? '' : `, ${result.refused} refused`;
  say(`The sample days are in: ${result.sold} documents${refused}.`);
}

/** As `lib/demo/catalog-file.ts` reads them; a test holds the two together. */
export const catalogColumns = 'sku, name, price, and if wanted barcode, department, tax';

export function welcome({ relay, registers, operators }: RunningDemo): string {
  const places = [
    ...registers.map(({ terminal, url }) => [`till ${terminal}`, url]),
    ['head office', relay.url],
  ];
  const people = operators.map(({ id, name, pin, roles }) => [name, pin, roles.join(', '), id]);
  return [
    '',
    ...table(places),
    '',
    ...table([['Sign in as', 'PIN', 'Role', 'Id in the API'], ...people]),
    '',
    '  Ctrl-C stops all. The next start finds everything again; --fresh starts over.',
    '',
    '',
  ].join('\n');
}

/** Cells under each other, two spaces apart. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widthOf = (column: number): number =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widthOf(column))).join('  ')}`.trimEnd(),
  );
}
