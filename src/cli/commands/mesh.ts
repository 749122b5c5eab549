/**
 * `tillmesh mesh barred` and `tillmesh mesh pardon S01-T3`: whom a register or relay on this machine has barred for what it
 * sent, and letting it back in once somebody has looked at it.
 */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { ApiClient } from '../api-client.ts';
import { type Common, listenOption, matching, pathOf, withCommon } from '../common-options.ts';
import { type Endpoint, urlOf } from '../endpoints.ts';
import { defaultPorts } from '../options.ts';
import { terminal } from '../report.ts';

type Given = Common & { readonly data: string; readonly api: Endpoint };

const barredSchema = z.object({
  barred: z.array(z.object({ terminal: z.string(), code: z.string(), atMs: z.number() })),
});
const doneSchema = z.object({ ok: z.literal(true) });

const terminalName = matching(
  /^[A-Z][A-Z0-9]{0,7}-[A-Z]{1,3}[0-9]{1,4}$/,
  'a terminal, as in S01-T3',
);

export function addMeshCommand(program: Command): void {
  const command = program
    .command('mesh')
    .description('see whom a register or relay has barred, and let one back in');
  ofProcess(
    command.command('barred').description('list whom it gives no link, why and since when'),
  ).action(async (given: Given) => {
    const { barred } = await clientOf(given).get('/api/mesh/barred', barredSchema);
    const lines = barred.map(
      (bar) => `${bar.terminal}  ${bar.code}  ${new Date(bar.atMs).toISOString()}\n`,
    );
    if (given.json) terminal.out(`${JSON.stringify({ barred })}\n`);
    else terminal.out(lines.length === 0 ? 'Nobody is barred here.\n' : lines.join(''));
  });
  ofProcess(
    command
      .command('pardon')
      .description('let a terminal back in that it has barred')
      .argument('<terminal>', 'store and terminal, as in S01-T3', terminalName),
  ).action(async (name: string, given: Given) => {
    await clientOf(given).post('/api/mesh/pardons', { terminal: name }, doneSchema);
    terminal.out(
      given.json
        ? `${JSON.stringify({ pardoned: name })}\n`
        : `${name} may link again here. Others that have barred it decide for themselves.\n`,
    );
  });
}

/** A register's, unless a relay's directory and port are named. */
const ofProcess = (command: Command): Command =>
  withCommon(
    command
      .option(
        '--data <dir>',
        'data directory of the register or relay',
        pathOf,
        resolve('data/register'),
      )
      .addOption(
        listenOption(
          '--api <[host:]port>',
          'where it listens: --ui of a register, --api of a relay',
          {
            host: '127.0.0.1',
            port: defaultPorts.ui,
          },
        ),
      ),
  );

const clientOf = ({ api, data }: Given): ApiClient => ApiClient.forDirectory(urlOf(api), data);
