/** `tillmesh join-code STORE TERMINAL`: asks the relay on this machine for a code that enrols one register. */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { TillmeshError } from '#lib/domain/errors.ts';
import { isStoreId, isTerminalId } from '#lib/domain/ids.ts';
import { ApiClient } from '../api-client.ts';
import { type Common, listenOption, pathOf, withCommon } from '../common-options.ts';
import { type Endpoint, parseEndpoint, urlOf } from '../endpoints.ts';
import { joinCodeSchema } from '../join-codes.ts';
import { defaultPorts, readEnvironment } from '../options.ts';
import { terminal } from '../report.ts';

type Given = Common & { readonly data: string; readonly api: Endpoint; readonly at?: Endpoint };

/** A relay that is asked under a name of its own is reached under it; loopback says nothing to another machine. */
function relayAt({ host }: Endpoint): Endpoint {
  const isLocal = ['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::'].includes(host);
  const port = readEnvironment(process.env).syncPort ?? defaultPorts.sync;
  return { host: isLocal ? hostname() : host, port };
}

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
  command.option(
    '--at <host:port>',
    'where registers reach the relay (default: the name of this machine, and its usual sync port)',
    parseEndpoint,
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
    const { host, port } = given.at ?? relayAt(given.api);
    const at = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const text =
      `${answer.code}\nFor ${store} ${terminalId}, once, until ${answer.expiresAt}. At the register:\n\n` +
      `  npx tillmesh register --join ${answer.code}@${at}\n\n`;
    terminal.out(given.json ? `${JSON.stringify(answer)}\n` : text);
  });
}
