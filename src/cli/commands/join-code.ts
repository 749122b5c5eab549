/** `tillmesh join-code STORE TERMINAL`: asks the relay on this machine for a code that enrols one register. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { TillmeshError } from '#lib/domain/errors.ts';
import { isStoreId, isTerminalId } from '#lib/domain/ids.ts';
import { ApiClient } from '../api-client.ts';
import { type Common, listenOption, pathOf, withCommon } from '../common-options.ts';
import { type Endpoint, urlOf } from '../endpoints.ts';
import { joinCodeSchema } from '../join-codes.ts';
import { defaultPorts } from '../options.ts';
import { terminal } from '../report.ts';

type Given = Common & { readonly data: string; readonly api: Endpoint };

export function addJoinCodeCommand(program: Command): void {
  const command = program
    .command('join-code')
    .description('make a one-time code that enrols a register')
    .argument('<store>', 'store, as in S01')
    .argument('<terminal>', 'terminal, as in T1')
    .option('--data <dir>', 'data directory of the relay', pathOf, resolve('data/relay'))
    .addOption(
      listenOption('--api <[host:]port>', 'where the API of the relay listens', {
        host: '127.0.0.1',
        port: defaultPorts.api,
      }),
    );
  withCommon(command).action(async (store: string, terminalId: string, given: Given) => {
    if (!isStoreId(store)) throw new TillmeshError('INPUT_INVALID', `"${store}" is not like S01`);
    if (!isTerminalId(terminalId)) {
      throw new TillmeshError('INPUT_INVALID', `"${terminalId}" is not like T1`);
    }
    const relay = ApiClient.forDirectory(urlOf(given.api), given.data);
    const answer = await relay.post(
      '/api/join-codes',
      { store, terminal: terminalId },
      joinCodeSchema,
    );
    const text = `${answer.code}\nFor ${store} ${terminalId}, once, until ${answer.expiresAt}.\n`;
    terminal.out(given.json ? `${JSON.stringify(answer)}\n` : text);
  });
}
