/**
 * `tillmesh join-code STORE TERMINAL` asks the relay on this machine for a code that enrols one register;
 * `tillmesh join-code new` asks a till that may enrol others, for the next of its numbers.
 */
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { z } from 'zod';
import { TillmeshError } from '#lib/domain/errors.ts';
import { isNewTerminalId, isStoreId } from '#lib/domain/ids.ts';
import { ApiClient } from '../api-client.ts';
import { type Common, listenOption, pathOf, withCommon } from '../common-options.ts';
import { type Endpoint, parseEndpoint, urlOf } from '../endpoints.ts';
import { joinCodeSchema, tillJoinCodeSchema } from '../join-codes.ts';
import { defaultPorts, readEnvironment } from '../options.ts';
import { terminal } from '../report.ts';

type Given = Common & { readonly data: string; readonly api: Endpoint; readonly at?: Endpoint };

/** A relay that is asked under a name of its own is reached under it; loopback says nothing to another machine. */
export function relayAt({ host }: Endpoint): Endpoint {
  const isLocal = ['127.0.0.1', '::1', 'localhost', '0.0.0.0', '::'].includes(host);
  const port = readEnvironment(process.env).syncPort ?? defaultPorts.sync;
  return { host: isLocal ? hostname() : host, port };
}

export function addJoinCodeCommand(program: Command): void {
  const command = program
    .command('join-code')
    .enablePositionalOptions()
    .description('make a one-time code that enrols a register')
    .argument('<store>', 'store, as in S01')
    .argument('<terminal>', 'terminal, as in T1; one that is let in already is replaced instead')
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
    if (!isNewTerminalId(terminalId)) {
      const form = 'one to three capital letters and a number without zeros before it';
      throw new TillmeshError('INPUT_INVALID', `"${terminalId}" is not like T1: ${form}`);
    }
    const relay = ApiClient.forDirectory(urlOf(given.api), given.data);
    const answer = await relay.post(
      '/api/join-codes',
      { store, terminal: terminalId },
      joinCodeSchema,
    );
    tell({ ...answer, store, terminal: terminalId }, given.at ?? relayAt(given.api), given.json);
  });
  addNewCommand(command);
}

/** At a till: it knows its store, and which of its numbers comes next. */
function addNewCommand(program: Command): void {
  const command = program
    .command('new')
    .description('at a till that may enrol others: for the next of its numbers')
    .option('--data <dir>', 'data directory of the till', pathOf, resolve('data/register'))
    .addOption(
      listenOption('--ui <[host:]port>', 'where the API of the till listens', {
        host: '127.0.0.1',
        port: defaultPorts.ui,
      }),
    )
    .option(
      '--at <host:port>',
      'where registers reach the till (default: the name of this machine, and its mesh port)',
      parseEndpoint,
    );
  withCommon(command).action(async (given: Common & GivenAtTill) => {
    const till = ApiClient.forDirectory(urlOf(given.ui), given.data);
    const answer = await till.post('/api/join-codes', {}, tillJoinCodeSchema);
    tell(answer, given.at ?? { host: hostname(), port: answer.port }, given.json);
  });
}

type GivenAtTill = { readonly data: string; readonly ui: Endpoint; readonly at?: Endpoint };

/** `host:port` as a new register takes it. */
export const joinAddress = ({ host, port }: Endpoint): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

function tell(answer: ToldCode, endpoint: Endpoint, json: boolean): void {
  const { code, expiresAt, store, terminal: terminalId } = answer;
  const at = joinAddress(endpoint);
  const text =
    `${code}\nFor ${store} ${terminalId}, once, until ${expiresAt}. At the register:\n\n` +
    `  npx tillmesh register --join ${code}@${at}\n\n`;
  terminal.out(json ? `${JSON.stringify(answer)}\n` : text);
}

type ToldCode = z.infer<typeof joinCodeSchema> & {
  readonly store: string;
  readonly terminal: string;
};
